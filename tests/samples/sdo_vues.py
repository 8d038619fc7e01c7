"""Views of exchanges with ViaTrajectoire, right unless said otherwise, for the tests of the rules that read them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from dui_conformance.core.campaign import Geste
from dui_conformance.core.gestures import Etat, Gesture, Resultat
from dui_conformance.core.gestures.orientation import ReleverOrientations
from dui_conformance.validation.oauth import parameters
from dui_conformance.validation.sdo.call import SdoCall, SdoSearch, TokenRequest, read_instant
from dui_conformance.validation.sdo.event import EsmsConsent, EsmsEvent, Said

MOMENT = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
EG = "1990000036"


def call(kind: str, **changes: Any) -> SdoCall:
    """A call that succeeds; ``minutes`` after the first moment."""
    moment = MOMENT + timedelta(minutes=changes.pop("minutes", 0))
    made = SdoCall(
        id="E000001",
        kind=f"viatrajectoire.{kind}",
        method="GET",
        path=f"/fhir/{kind}",
        query="",
        token="" if kind == "jeton" else "jeton",
        in_address=False,
        issued="",
        struct_idnat=EG,
        accept="application/fhir+json",
        ou="1990000010",
        exercised=True,
        moment=moment,
        status=200,
        facts={},
    )
    return replace(made, **changes)


def search(kind: str = "decisions", query: str | None = None, **changes: Any) -> SdoSearch:
    """A search; ``back``: how long before its moment its bound is."""
    moment = MOMENT + timedelta(minutes=changes.pop("minutes", 0))
    bound = quote((moment - changes.pop("back", timedelta(days=1))).isoformat(), safe="")
    default = {
        "decisions": f"type=57830-2&_lastUpdated=gt{bound}&_elements=id",
        "notifications": f"_lastUpdated=gt{bound}",
        "evaluation": "identifier=SDO-1&type=51848-0",
    }[kind]
    text = default if query is None else query
    made = SdoSearch("E000001", f"viatrajectoire.{kind}", parameters(text), read_instant(text), moment, 200, {})
    return replace(made, **changes)


def token_request(**changes: Any) -> TokenRequest:
    """A token request."""
    form = (("grant_type", "client_credentials"), ("client_id", "dui-temoin-sdo"), ("client_secret", "s"))
    made = TokenRequest("E000001", form, "application/x-www-form-urlencoded", "POST", "dui-temoin-sdo", "s", ("corps",), 200, {})
    return replace(made, **changes)


def geste(gesture: Gesture | None = None, end: Etat = Etat.FAIT, message: str = "", **observations: Any) -> Geste:
    """A gesture that ended."""
    return Geste("G01", gesture or ReleverOrientations(), Resultat(end, message, tuple(observations.items())))


def event(facts: dict[str, Any] | None = None, **said: str) -> EsmsEvent:
    """An event of a decision that the service knows."""
    values = Said(EG, "FOYER", "40", "", "2026-11-02", "", "", "", "", "", "", "DEC-1", "SDO-1")
    known = {"id_decision": "DEC-1", "id_nat_decision": "SDO-1", "statut_avant": "39"}
    return EsmsEvent(
        "E000001", replace(values, **said), "application/fhir+json", MOMENT, 201, EG, known if facts is None else facts
    )


def consent(**changes: Any) -> EsmsConsent:
    """A consent for a decision that the service knows."""
    made = EsmsConsent(
        "E000001", EG, "SDO-1", "official", "2026-11-02T09:00:00+01:00", MOMENT, 201, EG, {"id_nat_decision": "SDO-1"}
    )
    return replace(made, **changes)
