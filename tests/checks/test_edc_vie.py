"""Rules over time: reuse, renewal, outages, context carried from one service to the next."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from dui_conformance.checks import edc_vie as rules
from dui_conformance.core.campaign import Geste
from dui_conformance.core.errors import CheckFailed, Inconclusive
from dui_conformance.core.exchange import Connection
from dui_conformance.core.gestures import Etat, Resultat
from dui_conformance.core.gestures.connexion import AppelerApi
from dui_conformance.validation.edc import EdcCall, ProfessionalIdentity
from dui_conformance.validation.oidc import PscCall
from dui_conformance.validation.tls import TlsConnection
from samples.edc import Play, play
from samples.psc import START


def views(p: Play) -> list[EdcCall]:
    return [e.view(EdcCall) for e in p.exchanges]


def geste(end: Etat = Etat.REFUSE, message: str = "Réessayez plus tard.", **observations: Any) -> Geste:
    return Geste("G01", AppelerApi(), Resultat(end, message, tuple(observations.items())))


def test_api_token_is_reused_until_it_expires() -> None:
    p = play()
    p.edc.command("durees", {"acces": 60})
    token = p.api_token()
    p.sign(token)
    with pytest.raises(Inconclusive):
        rules.api_token_is_reused(views(p))
    p.sign(token)
    p.psc.later(seconds=61)
    p.sign(p.api_token())
    rules.api_token_is_reused(views(p))
    p.sign(p.api_token())
    with pytest.raises(CheckFailed, match="vaut encore"):
        rules.api_token_is_reused(views(p))


def test_api_token_of_another_user_is_not_to_be_reused() -> None:
    p = play()
    p.sign(p.api_token())
    p.psc.psc.command("persona", {"id": "medecin-multi"})
    p.sign(p.api_token())
    rules.api_token_is_reused(views(p))


def test_refused_token_may_be_exchanged_again() -> None:
    p = play()
    token = p.api_token()
    p.sign(token)
    p.edc.arm("jeton-api-refuse", times=1)
    p.sign(token)
    with pytest.raises(CheckFailed, match="non renouvelé"):
        rules.refused_token_is_renewed(views(p))
    p.sign(p.api_token())
    rules.refused_token_is_renewed(views(p))
    rules.renewal_is_not_repeated(views(p))
    rules.api_token_is_reused(views(p))


def test_renewal_is_bounded() -> None:
    p = play()
    p.edc.arm("jeton-api-refuse", times=None)
    for _ in range(2):
        p.sign(p.api_token())
    rules.renewal_is_not_repeated(views(p))
    p.sign(p.api_token())
    with pytest.raises(CheckFailed):
        rules.renewal_is_not_repeated(views(p))
    sound = play()
    sound.sign(sound.api_token())
    for rule in (rules.refused_token_is_renewed, rules.renewal_is_not_repeated, rules.retries_are_bounded):
        with pytest.raises(Inconclusive):
            rule(views(sound))


def test_outage_is_told_and_retries_are_bounded() -> None:
    p = play()
    p.edc.arm("indisponible", times=None)
    for _ in range(5):
        p.sign("jeton")
    rules.retries_are_bounded(views(p))
    rules.user_is_told_of_the_failure(geste(etat="indisponible"), views(p))
    for wrong in (geste(Etat.FAIT, etat="ok"), geste(Etat.FAIT), geste(message="")):
        with pytest.raises(CheckFailed):
            rules.user_is_told_of_the_failure(wrong, views(p))
    p.sign("jeton")
    with pytest.raises(CheckFailed):
        rules.retries_are_bounded(views(p))
    with pytest.raises(Inconclusive):
        rules.user_is_told_of_the_failure(geste(), [])


def test_one_authentication_for_all_services() -> None:
    p = play().psc
    tokens = p.login()
    p.refresh(tokens["refresh_token"])
    rules.no_new_authentication_is_asked([e.view(PscCall) for e in p.exchanges])
    p.authorize()
    with pytest.raises(CheckFailed):
        rules.no_new_authentication_is_asked([e.view(PscCall) for e in p.exchanges])
    with pytest.raises(Inconclusive):
        rules.no_new_authentication_is_asked([])


def test_mutual_tls_to_the_provider() -> None:
    good = TlsConnection("E1", "psc.jeton.code", START, Connection(client_der=b"x"))
    rules.psc_is_called_with_a_client_certificate([good])
    with pytest.raises(CheckFailed):
        rules.psc_is_called_with_a_client_certificate([good, replace(good, connection=Connection())])


def test_vihf_says_what_userinfo_says() -> None:
    p = play().psc
    userinfo = p.userinfo(p.login()["access_token"])
    identity = userinfo.view(ProfessionalIdentity)
    assert (identity.identifier, identity.professions) == ("899700000001", {"60"})
    assert "1990000010" in identity.structures

    def vihf(role: str = "60", structure: str = "1990000010") -> Any:
        return SimpleNamespace(roles=(SimpleNamespace(code=role),) if role else (), structure=structure, at="/vihf")

    rules.vihf_role_is_that_of_userinfo(vihf(), identity)
    rules.vihf_structure_is_one_of_userinfo(vihf(), identity)
    for role in ("10", ""):
        with pytest.raises(CheckFailed):
            rules.vihf_role_is_that_of_userinfo(vihf(role), identity)
    with pytest.raises(CheckFailed):
        rules.vihf_structure_is_one_of_userinfo(vihf(structure="1750000001"), identity)
    nobody = replace(identity, professions=frozenset(), structures=frozenset())
    for rule in (rules.vihf_role_is_that_of_userinfo, rules.vihf_structure_is_one_of_userinfo):
        with pytest.raises(Inconclusive):
            rule(vihf(), nobody)


def test_identity_is_read_in_a_signed_userinfo_too() -> None:
    p = play().psc
    p.psc.command("userinfo", {"format": "jwt"})
    assert p.userinfo(p.login()["access_token"]).view(ProfessionalIdentity).professions == {"60"}
