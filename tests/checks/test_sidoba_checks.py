"""Rules on calls to SIDOBA and on what is done of its answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from dui_conformance.checks import sidoba as rules
from dui_conformance.core.campaign import Geste
from dui_conformance.core.errors import CheckFailed, Inconclusive
from dui_conformance.core.exchange import Exchange
from dui_conformance.core.gestures import Etat, Resultat
from dui_conformance.core.gestures.sidoba import EnvoyerSetMin
from dui_conformance.validation.sidoba.appel import AppelSidoba, DemandeJetonSidoba
from samples.sidoba import Play, play


def geste(**observations: Any) -> Geste:
    return Geste("G01", EnvoyerSetMin("u"), Resultat(Etat.REFUSE, "", tuple(observations.items())))


def demande(der: bytes | None = None, **changes: str) -> DemandeJetonSidoba:
    return play().token(der, **changes).view(DemandeJetonSidoba)


def test_a_good_token_request_passes() -> None:
    for rule in (
        rules.token_is_asked_by_client_credentials,
        rules.token_is_asked_with_the_certificate,
        rules.token_is_asked_by_the_known_client,
    ):
        assert rule(demande()).fired


@pytest.mark.parametrize(
    ("rule", "bad"),
    [
        (rules.token_is_asked_by_client_credentials, {"grant_type": "password"}),
        (rules.token_is_asked_with_the_certificate, {"der": b""}),
        (rules.token_is_asked_by_the_known_client, {"client_id": "autre"}),
    ],
)
def test_a_wrong_token_request_is_seen(rule: Any, bad: dict[str, Any]) -> None:
    with pytest.raises(CheckFailed):
        rule(demande(**bad))


CALLS = (
    rules.call_is_made_with_the_certificate,
    rules.call_bears_a_live_token,
    rules.call_names_its_structure,
    rules.content_type_is_said,
)


def posted(**how: Any) -> AppelSidoba:
    p = play()
    p.token()
    named = {"Authorization": f"Bearer {p.jeton}", "struct_idnat": "1990000028", "Content-Type": "application/fhir+json"}
    der = how.pop("der", None)
    return p.call("POST", "/fhir/v1", named | how, b"{}", der).view(AppelSidoba)


def test_a_good_call_passes() -> None:
    assert all(rule(posted()).fired for rule in CALLS)


@pytest.mark.parametrize(
    ("rule", "bad"),
    [
        (CALLS[0], {"der": b""}),
        (CALLS[1], {"Authorization": "Basic eA=="}),
        (CALLS[2], {"struct_idnat": "990000028"}),
        (CALLS[3], {"Content-Type": "text/plain"}),
    ],
)
def test_a_wrong_call_is_seen(rule: Any, bad: dict[str, Any]) -> None:
    with pytest.raises(CheckFailed):
        rule(posted(**bad))


def test_tokens_are_kept() -> None:
    p = play()
    asked = [p.token().view(DemandeJetonSidoba)]
    assert rules.token_is_kept_until_it_expires(asked).fired
    with pytest.raises(CheckFailed):
        rules.token_is_kept_until_it_expires([*asked, p.token().view(DemandeJetonSidoba)])


def views(p: Play) -> list[AppelSidoba]:
    return [e.view(AppelSidoba) for e in p.exchanges if e.kind != "sidoba.jeton"]


def _forgotten(p: Play) -> None:
    p.setmin()
    p.service.command("oublier-les-jetons", {})
    p.setmin()


def test_a_refused_token_is_renewed() -> None:
    p = play()
    _forgotten(p)
    with pytest.raises(CheckFailed, match="plusieurs fois"):
        rules.refused_token_is_renewed_once([*views(p), views(p)[-1]])
    with pytest.raises(CheckFailed, match="non renouvelé"):
        rules.refused_token_is_renewed_once(views(p)[1:])
    p.token()
    p.setmin()
    assert rules.refused_token_is_renewed_once(views(p)).fired
    with pytest.raises(Inconclusive):
        rules.refused_token_is_renewed_once(views(p)[:1])


def test_retries_are_few() -> None:
    p = play()
    p.setmin()
    assert rules.retries_are_bounded(views(p)).fired
    with pytest.raises(CheckFailed):
        rules.retries_are_bounded(views(p) * 4)


def test_a_delay_is_respected() -> None:
    p = play()
    p.token()
    p.setmin()
    with pytest.raises(Inconclusive):
        rules.asked_delay_is_respected(views(p))
    p.service.arm("trop-de-demandes", times=None)
    p.setmin()
    assert rules.asked_delay_is_respected(views(p)).fired
    p.setmin()
    with pytest.raises(CheckFailed):
        rules.asked_delay_is_respected(views(p))


TOLD: tuple[tuple[Callable[[Geste, list[Exchange]], Any], str], ...] = (
    (rules.user_is_told_that_nothing_was_taken, "indisponible"),
    (rules.rejection_is_understood, "rejete"),
    (rules.incomplete_answer_is_seen, "indisponible"),
)


@pytest.mark.parametrize(("rule", "good"), TOLD)
def test_what_came_of_it_is_told(rule: Any, good: str) -> None:
    assert rule(geste(etat=good), []).fired
    with pytest.raises(CheckFailed):
        rule(geste(etat="accepte"), [])
    with pytest.raises(Inconclusive):
        rule(geste(), [])


def test_the_reason_is_shown() -> None:
    p = play()
    p.service.command("rejeter", {"canal": "setmin", "expression": "Patient.name", "motif": "illisible"})
    seen = [p.setmin()]
    assert rules.reason_of_a_rejection_is_shown(geste(motif="Patient.name : illisible"), seen).fired
    with pytest.raises(CheckFailed):
        rules.reason_of_a_rejection_is_shown(geste(motif="Une erreur est survenue."), seen)
    for wrong in ((geste(), seen), (geste(motif="x"), [p.setmin()])):
        with pytest.raises(Inconclusive):
            rules.reason_of_a_rejection_is_shown(*wrong)
