"""Authorisations of professionals (TD0.3), and the list of dossiers that follows (TD0.4)."""

from __future__ import annotations

import pytest
from dui_conformance.core.exchange import Reply
from dui_conformance.mocks.dmp.app import Dmp
from samples.dmp import DOCTOR, NURSE, SECRETARY, TD02, TD03, TD04, USAGER, Deposit, existence_body, soap_request, vihf
from samples.dmp_garni import DENIED, ME, body, find, order, retrieve, search, send, stocked


@pytest.fixture
def dmp() -> Dmp:
    return stocked()


def authorise(service: Dmp, action: str = "AJOUT", *, role: str = "", who: str = "") -> Reply:
    more = f"<role>{role}</role>" if role else ""
    content = f"<setAuthorization xmlns='urn:si-dmp-habilitations'><action>{action}</action>{more}</setAuthorization>"
    return send(service, soap_request("/habilitations", TD03, content, vihf=who or vihf("899700000055")))


def existence(service: Dmp, who: str) -> str:
    return str(send(service, soap_request("/patients", TD02, existence_body(), vihf=who)).facts["autorisation"])


def test_consultation_needs_an_authorisation_of_this_professional(dmp: Dmp) -> None:
    newcomer = vihf("899700000055")
    assert existence(dmp, newcomer) == "NON_EXISTE"
    assert find(dmp, who=newcomer).facts["codes"] == [DENIED]
    assert authorise(dmp).facts["statut"] == "DMPOk"
    assert existence(dmp, newcomer) == "VALIDE"
    assert existence(dmp, vihf("899700000066")) == "NON_EXISTE"
    assert find(dmp, who=newcomer).facts["statut"] == "Success"
    order(dmp, "autorisation", professionnel="899700000055", valeur="EXPIRE")
    assert find(dmp, who=newcomer).facts["codes"] == [DENIED]
    assert authorise(dmp, "SUPPRESSION").facts["statut"] == "DMPOk"


def test_a_blocked_professional_gets_nothing(dmp: Dmp) -> None:
    order(dmp, "bloquer", professionnel=ME)
    assert existence(dmp, vihf()) == "INTERDIT"
    assert find(dmp).facts["codes"] == [DENIED]
    assert find(dmp, who=vihf(purpose="bris_de_glace")).facts["codes"] == [DENIED]
    assert authorise(dmp, who=vihf()).facts["codes"] == [DENIED]
    assert send(dmp, Deposit().request()).facts["stocke"]
    order(dmp, "debloquer", professionnel=ME)
    assert find(dmp).facts["statut"] == "Success"


@pytest.mark.parametrize(
    ("action", "role", "who", "codes"),
    [
        ("PEUT-ETRE", "", "", ["Sender"]),
        ("AJOUT", "CHEF", "", ["Sender"]),
        ("AJOUT", "", vihf(mode="INDIRECTE"), [DENIED]),
        ("AJOUT", "", vihf(purpose="bris_de_glace"), [DENIED]),
        ("AJOUT", "MEDECIN_TRAITANT", vihf(roles=NURSE), [DENIED]),
        ("AJOUT", "MEDECIN_TRAITANT", vihf(roles=DOCTOR), []),
        ("SUPPRESSION", "MEDECIN_TRAITANT", vihf(roles=DOCTOR), []),
        ("AJOUT", "", vihf("3990000010/secretaire", mode="DIRECTE", roles=SECRETARY), []),
        ("SUPPRESSION", "", vihf("3990000010/secretaire", mode="DIRECTE", roles=SECRETARY), [DENIED]),
        ("AJOUT", "", vihf(patient="100000000000099^^^&amp;1.2.250.1.213.1.4.10&amp;ISO^NH"), ["Sender"]),
    ],
)
def test_authorisation_is_refused_with_its_reason(dmp: Dmp, action: str, role: str, who: str, codes: list[str]) -> None:
    assert authorise(dmp, action, role=role, who=who).facts["codes"] == codes


def test_list_of_dossiers_holds_those_authorised(dmp: Dmp) -> None:
    def listed(who: str, inner: str = "") -> Reply:
        content = f"<patientList xmlns='urn:si-dmp-patients'>{inner}</patientList>"
        return send(dmp, soap_request("/patientsSpecific", TD04, content, vihf=who))

    nobody = vihf("899700000055", patient="")
    assert listed(nobody).facts["resultats"] == 0
    authorise(dmp)
    row = listed(nobody)
    assert row.facts["resultats"] == 1
    (found,) = body(row).iter("{*}patient")
    assert found.findtext("{*}patientIdentifier/{*}nationalId") == USAGER.ins
    assert found.findtext("{*}lastAccessDate") == "20260401080000"
    assert found.findtext("{*}lastAddDate") == "20260302000000"
    by_date = "<startDate>{}</startDate><dateType>{}</dateType>"
    assert listed(nobody, by_date.format("20260401000000", "LASTAUTORIZATION")).facts["resultats"] == 1
    assert listed(nobody, by_date.format("20260401000000", "LASTDOC")).facts["resultats"] == 0
    assert listed(vihf(mode="INDIRECTE", patient="")).facts["resultats"] == 1
    assert listed(vihf(mode="INDIRECTE", patient="", structure="1999999999")).facts["resultats"] == 0
    assert listed(nobody, "<startDate>hier</startDate>").facts["statut"] == "Fault"
    assert listed(nobody, "<dateType>X</dateType>").facts["statut"] == "Fault"


def test_closed_dossier_is_not_consulted(dmp: Dmp) -> None:
    order(dmp, "fermer-dmp")
    assert find(dmp).facts["codes"] == ["XDSUnknownPatientId"]
    by_uid = (("XDSDocumentEntryUniqueId", "('1.2.3.1')"),)
    assert search(dmp, *by_uid, query="5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4").facts["codes"] == ["XDSUnknownPatientId"]
    assert retrieve(dmp, "1.2.3.1").facts["codes"] == [DENIED]
    assert authorise(dmp, who=vihf()).facts["codes"] == ["DMPClosed"]
    order(dmp, "ouvrir-dmp")
    assert find(dmp).facts["statut"] == "Success"
