"""Rules of the token exchange and of the API: green for a correct client, red for each wrong one."""

from __future__ import annotations

from typing import Any

import pytest
from dui_conformance.checks import edc_echange as rules
from dui_conformance.checks.registry import all_profiles, run_profile
from dui_conformance.core.campaign import Geste
from dui_conformance.core.check import Check
from dui_conformance.core.errors import CheckFailed, Inconclusive
from dui_conformance.core.gestures import Etat, Resultat
from dui_conformance.core.gestures.connexion import AppelerApi
from dui_conformance.core.settings import Settings
from dui_conformance.core.verdict import Verdict
from dui_conformance.fixtures.professionals import professionals
from dui_conformance.validation.edc import ApiCall, EdcCall, TokenExchange
from samples.edc import AUTRE, Play, answer, play

NURSE, DOCTOR = professionals()["infirmiere-ehpad"], professionals()["medecin-multi"]
SECRET = ("Authorization", "Basic YTpi")
EXCHANGE_RULES: list[tuple[Check, dict[str, Any]]] = [
    (rules.grant_is_token_exchange, {"grant_type": "client_credentials"}),
    (rules.subject_token_type_is_stated, {"subject_token_type": None}),
    (rules.business_scopes_are_asked, {"scope": None}),
    (rules.business_scopes_are_asked, {"scope": "dmp"}),
    (rules.client_id_is_that_of_the_authorization_server, {"client_id": "dui-temoin"}),
    (rules.client_id_is_that_of_the_authorization_server, {"client_id": None}),
    (rules.no_secret_is_sent, {"client_secret": "x"}),
    (rules.no_secret_is_sent, {"headers": (SECRET,)}),
    (rules.subject_token_is_alive, {"subject_token": "inconnu"}),
    (rules.subject_token_is_alive, {"subject_token": None}),
]


def judge(rule: Check, request: TokenExchange) -> None:
    rule(*([request, Settings()] if len(rule.parameters) == 2 else [request]))


def shown(call: ApiCall | None = None, end: Etat = Etat.FAIT, **observations: Any) -> Geste:
    values = observations or {"etat": "ok", "signature": call.signature if call else ""}
    return Geste("G01", AppelerApi(), Resultat(end, "message", tuple(values.items())))


def views(p: Play) -> list[EdcCall]:
    return [e.view(EdcCall) for e in p.exchanges]


@pytest.mark.parametrize(("rule", "changes"), EXCHANGE_RULES, ids=lambda v: v.id if isinstance(v, Check) else "")
def test_exchange(rule: Check, changes: dict[str, Any]) -> None:
    judge(rule, play().exchange().view(TokenExchange))
    with pytest.raises(CheckFailed) as failure:
        judge(rule, play().exchange(**changes).view(TokenExchange))
    assert failure.value.expected
    assert failure.value.received
    assert failure.value.hint


@pytest.mark.parametrize(
    ("token", "message"), [("access_token", "ne vit pas"), ("id_token", "id_token échangé"), ("refresh_token", "ne vit pas")]
)
def test_subject_token_that_is_no_live_access_token(token: str, message: str) -> None:
    p = play()
    subject = p.psc.login()[token]
    p.psc.later(minutes=3)
    with pytest.raises(CheckFailed, match=message):
        rules.subject_token_is_alive(p.exchange(subject).view(TokenExchange))


def test_subject_token_is_not_judged_when_the_provider_was_away() -> None:
    p = play()
    token = p.psc.login()["access_token"]
    p.psc.psc.arm("indisponible", times=1)
    with pytest.raises(Inconclusive):
        rules.subject_token_is_alive(p.exchange(token).view(TokenExchange))


def test_refresh_has_no_subject() -> None:
    p = play()
    refresh = answer(p.exchange())["refresh_token"]
    request = p.exchange("", grant_type="refresh_token", refresh_token=refresh, scope=None).view(TokenExchange)
    rules.grant_is_token_exchange(request)
    for rule in (rules.subject_token_is_alive, rules.subject_token_type_is_stated, rules.business_scopes_are_asked):
        with pytest.raises(Inconclusive):
            judge(rule, request)


def test_certificates() -> None:
    p = play()
    token = p.api_token()
    p.sign(token)
    rules.client_certificate_is_presented(views(p))
    rules.api_is_called_with_the_certificate_of_the_exchange(views(p))
    p.sign(token, der=AUTRE())
    rules.client_certificate_is_presented(views(p))
    with pytest.raises(CheckFailed, match="Certificat de l'appel différent"):
        rules.api_is_called_with_the_certificate_of_the_exchange(views(p))
    p.sign(token, der=b"")
    with pytest.raises(CheckFailed, match="à l'API sans certificat"):
        rules.client_certificate_is_presented(views(p))
    p.exchange(der=b"")
    with pytest.raises(CheckFailed, match="au serveur d'autorisation"):
        rules.client_certificate_is_presented(views(p)[-1:])
    with pytest.raises(Inconclusive):
        rules.api_is_called_with_the_certificate_of_the_exchange(views(p)[-1:])


def test_where_the_api_token_travels_and_whence_it_comes() -> None:
    p = play()
    token = p.api_token()
    good = p.sign(token).view(ApiCall)
    rules.api_token_travels_in_the_header(good)
    rules.api_receives_a_token_of_its_authorization_server(good)
    for wrong in (p.sign("", address=token), p.sign("")):
        with pytest.raises(CheckFailed):
            rules.api_token_travels_in_the_header(wrong.view(ApiCall))
    with pytest.raises(CheckFailed):
        rules.api_receives_a_token_of_its_authorization_server(p.sign(p.psc.login()["access_token"]).view(ApiCall))


def test_whose_the_api_token_is() -> None:
    p = play()
    call = p.sign(p.api_token()).view(ApiCall)
    rules.api_token_is_that_of_the_user(call, NURSE)
    rules.api_call_names_the_holder_of_the_token(call)
    with pytest.raises(CheckFailed, match="autre utilisateur"):
        rules.api_token_is_that_of_the_user(call, DOCTOR)
    with pytest.raises(CheckFailed, match="Identité du message"):
        rules.api_call_names_the_holder_of_the_token(p.sign(p.api_token(), named=DOCTOR.id_nat).view(ApiCall))
    with pytest.raises(Inconclusive):
        rules.api_call_names_the_holder_of_the_token(p.sign("inconnu").view(ApiCall))


def test_answer_reaches_the_user() -> None:
    p = play()
    call = p.sign(p.api_token()).view(ApiCall)
    rules.answer_of_the_api_is_used(shown(call), call)
    for wrong in (shown(end=Etat.REFUSE, etat="refuse"), shown(signature="autre")):
        with pytest.raises(CheckFailed):
            rules.answer_of_the_api_is_used(wrong, call)
    with pytest.raises(Inconclusive):
        rules.answer_of_the_api_is_used(shown(etat="ok"), call)
    with pytest.raises(Inconclusive):
        rules.answer_of_the_api_is_used(shown(call), p.sign("inconnu").view(ApiCall))


@pytest.mark.parametrize("profile", [name for name in all_profiles() if name.startswith("EDC-") and "EDITEUR" not in name])
def test_profile_is_green_on_a_correct_exchange(profile: str) -> None:
    p = play()
    got = answer(p.exchange())
    p.sign(got["access_token"])
    p.exchange("", grant_type="refresh_token", refresh_token=got["refresh_token"])
    cookie = answer(p.connect())["proxy_session_id"]
    p.send(cookie)
    wanted = all_profiles()[profile]
    subject = next(e for e in p.exchanges if e.kind in wanted.when)
    found = run_profile(wanted, (subject,), context=(Settings(),))
    assert {a.verdict for a in found} == {Verdict.CONFORME}, [(a.check, a.finding or a.reason) for a in found]
