"""ViaTrajectoire: token, certificate, establishment, refusals."""

from __future__ import annotations

from typing import Any

import pytest
from dui_conformance.checks import sdo_acces as rules
from dui_conformance.core.errors import CheckFailed, Inconclusive
from dui_conformance.core.gestures import Etat
from dui_conformance.core.settings import Settings
from samples.sdo_vues import call, geste, token_request

SETTINGS = Settings()


def test_right_token_request_holds() -> None:
    rules.grant_is_client_credentials(token_request())
    rules.client_is_the_registered_one(token_request(), SETTINGS)
    rules.secret_is_not_in_the_address(token_request())


@pytest.mark.parametrize(
    ("rule", "changes", "match"),
    [
        (rules.grant_is_client_credentials, {"params": (("grant_type", "password"),)}, "client_credentials"),
        (rules.grant_is_client_credentials, {"method": "GET"}, "client_credentials"),
        (rules.grant_is_client_credentials, {"content_type": "application/json"}, "client_credentials"),
        (rules.secret_is_not_in_the_address, {"secret_in": ("adresse",)}, "adresse"),
    ],
)
def test_wrong_token_request_is_found(rule: Any, changes: dict[str, Any], match: str) -> None:
    with pytest.raises(CheckFailed, match=match):
        rule(token_request(**changes))


@pytest.mark.parametrize("changes", [{"client_id": "autre"}, {"secret": ""}])
def test_unknown_client_is_found(changes: dict[str, str]) -> None:
    with pytest.raises(CheckFailed, match="client_id"):
        rules.client_is_the_registered_one(token_request(**changes), SETTINGS)


def test_right_call_holds() -> None:
    rules.certificate_is_that_of_the_legal_entity(call("decisions"), SETTINGS)
    rules.token_is_in_the_header(call("decisions"))
    rules.establishment_is_named(call("decisions"))
    rules.establishment_is_in_the_token(call("decisions"), SETTINGS)


@pytest.mark.parametrize(("ou", "match"), [(None, "Aucun"), ("1990000036", "autre organisation")])
def test_wrong_certificate_is_found(ou: str | None, match: str) -> None:
    with pytest.raises(CheckFailed, match=match):
        rules.certificate_is_that_of_the_legal_entity(call("decisions", ou=ou), SETTINGS)


def test_no_certificate_is_looked_for_where_tls_was_not_exercised() -> None:
    with pytest.raises(Inconclusive):
        rules.certificate_is_that_of_the_legal_entity(call("decisions", ou=None, exercised=False), SETTINGS)


@pytest.mark.parametrize(("changes", "match"), [({"in_address": True}, "adresse"), ({"token": ""}, "sans jeton")])
def test_misplaced_token_is_found(changes: dict[str, Any], match: str) -> None:
    with pytest.raises(CheckFailed, match=match):
        rules.token_is_in_the_header(call("decisions", **changes))


@pytest.mark.parametrize("named", ["", "990000036", "19900000361", "2990000036"])
def test_malformed_establishment_is_found(named: str) -> None:
    with pytest.raises(CheckFailed, match="struct_idnat"):
        rules.establishment_is_named(call("decisions", struct_idnat=named))


def test_establishment_of_another_is_found() -> None:
    with pytest.raises(CheckFailed, match="jeton"):
        rules.establishment_is_in_the_token(call("decisions", struct_idnat="1990000010"), SETTINGS)


def states(*values: str) -> list[Any]:
    return [call("decisions", facts={"jeton_etat": value}) for value in values]


def test_token_lives() -> None:
    rules.token_is_alive(states("valide", "expire", "valide"))
    with pytest.raises(CheckFailed, match="expiré"):
        rules.token_is_alive(states("valide", "expire"))
    with pytest.raises(CheckFailed, match="délivré"):
        rules.token_is_alive(states("inconnu", "valide"))
    with pytest.raises(Inconclusive):
        rules.token_is_alive([call("jeton")])


def test_token_serves_several_calls() -> None:
    rules.token_is_reused([call("jeton"), call("decisions"), call("notifications")])
    with pytest.raises(CheckFailed, match="chaque appel"):
        rules.token_is_reused([call("jeton"), call("decisions"), call("jeton"), call("notifications")])
    with pytest.raises(Inconclusive):
        rules.token_is_reused([call("jeton"), call("decisions")])


def test_refused_token_is_renewed_and_the_call_made_again() -> None:
    refused = call("decisions", status=401)
    rules.refused_token_is_renewed([refused, call("jeton"), call("decisions")])
    with pytest.raises(CheckFailed, match="pas renouvelé"):
        rules.refused_token_is_renewed([refused, call("decisions")])
    with pytest.raises(CheckFailed, match="pas renouvelé"):
        rules.refused_token_is_renewed([refused, call("jeton")])
    with pytest.raises(Inconclusive):
        rules.refused_token_is_renewed([call("decisions")])


def test_refusal_ends_the_attempts() -> None:
    refused = call("decisions", status=401)
    rules.refusals_are_not_repeated([refused, refused])
    with pytest.raises(CheckFailed, match="sans fin"):
        rules.refusals_are_not_repeated([refused] * 4)
    with pytest.raises(Inconclusive):
        rules.refusals_are_not_repeated([call("decisions")])


def test_refusal_is_told() -> None:
    refused = [call("decisions", status=403)]
    rules.refusal_is_told(geste(end=Etat.REFUSE), refused)
    rules.refusal_is_told(geste(alerte="accès refusé"), refused)
    with pytest.raises(CheckFailed, match="silence"):
        rules.refusal_is_told(geste(), refused)
    with pytest.raises(Inconclusive):
        rules.refusal_is_told(geste(), [call("decisions")])


def test_opaque_token_is_used() -> None:
    rules.token_is_opaque(geste(), [call("jeton"), call("decisions")])
    with pytest.raises(CheckFailed, match="opaque"):
        rules.token_is_opaque(geste(), [call("decisions", status=401), call("jeton")])
    with pytest.raises(Inconclusive):
        rules.token_is_opaque(geste(), [call("decisions")])
