"""Retrieval of documents of the DMP (TD3.2): errors, visibility, modes, emergencies."""

from __future__ import annotations

import pytest
from dui_conformance.mocks.dmp.app import Dmp
from dui_conformance.validation.mtom import split
from dui_conformance.validation.xml import parse
from samples.dmp import DOCTOR, NURSE, TD02, existence_body, soap_request, vihf
from samples.dmp_garni import DENIED, OTHER, find, order, retrieve, send, stocked, uids


@pytest.fixture
def dmp() -> Dmp:
    return stocked()


def test_documents_are_retrieved_together_with_their_errors(dmp: Dmp) -> None:
    reply = retrieve(dmp, "1.2.3.1", "1.2.3.2", "1.2.3.404")
    assert (reply.facts["statut"], reply.facts["resultats"]) == ("PartialSuccess", 2)
    assert reply.facts["codes"] == ["XDSDocumentUniqueIdError"]
    attachments = split(reply.body.read(), reply.header("Content-Type")).attachments
    assert [parse(data).find("{*}id").get("root") for data in attachments.values()] == ["1.2.3.1", "1.2.3.2"]  # type: ignore[union-attr]
    assert b"cid:document1%40dmp.simulateur" in reply.body.read()


def test_a_masked_document_is_for_its_author_only(dmp: Dmp) -> None:
    assert "3" not in uids(find(dmp))
    refused = retrieve(dmp, "1.2.3.3")
    assert (refused.status, refused.facts["codes"]) == (500, [DENIED])
    assert refused.header("Content-Type").startswith("multipart/related")
    order(dmp, "autorisation", professionnel=OTHER, valeur="VALIDE")
    author = vihf(OTHER, roles=DOCTOR)
    assert "3" in uids(find(dmp, who=author))
    assert retrieve(dmp, "1.2.3.3", who=author).facts["resultats"] == 1
    both = retrieve(dmp, "1.2.3.1", "1.2.3.3")
    assert (both.facts["statut"], both.facts["codes"]) == ("PartialSuccess", [DENIED])


def test_the_attending_doctor_reads_masked_documents_without_authorisation(dmp: Dmp) -> None:
    doctor = vihf("899700000077", mode="DIRECTE", roles=DOCTOR, context="SmartcardPKI")
    assert retrieve(dmp, "1.2.3.3", who=doctor).facts["codes"] == [DENIED]
    order(dmp, "medecin-traitant", professionnel="899700000077")
    assert retrieve(dmp, "1.2.3.3", who=doctor).facts["resultats"] == 1
    answer = send(dmp, soap_request("/patients", TD02, existence_body(), vihf=doctor))
    assert b'<value xsi:type="BL" value="true"/></attentionLine>' in answer.body.read()


def test_occupational_doctor_lists_but_does_not_read(dmp: Dmp) -> None:
    roles = (("10", "1.2.250.1.71.1.2.7"), ("SM25", "1.2.250.1.71.4.2.5"))
    order(dmp, "autorisation", valeur="VALIDE")
    who = vihf("899700000078", mode="DIRECTE", roles=roles)
    assert uids(find(dmp, who=who)) == ["1", "2", "4"]
    assert retrieve(dmp, "1.2.3.1", who=who).facts["codes"] == [DENIED]


def test_software_certificate_alone_gets_references_only(dmp: Dmp) -> None:
    who = vihf(mode="INDIRECTE", roles=NURSE)
    assert find(dmp, who=who).facts["codes"] == [DENIED]
    assert find(dmp, who=who, leaf=False).facts["statut"] == "Success"
    assert retrieve(dmp, "1.2.3.1", who=who).facts["codes"] == [DENIED]


@pytest.mark.parametrize("spelling", ["bris_de_glace", "brisDeGlace", "BRIS-DE-GLACE", "urgence"])
def test_breaking_the_glass_needs_no_authorisation_unless_opposed(dmp: Dmp, spelling: str) -> None:
    stranger, urgent = vihf("899700000055"), vihf("899700000055", purpose=spelling)
    assert find(dmp, who=stranger).facts["codes"] == [DENIED]
    allowed = find(dmp, who=urgent)
    assert allowed.facts["resultats"] == 3
    assert allowed.facts.get("tolerances", []) == ([] if spelling == "bris_de_glace" else ["acces-autre-graphie"])
    assert retrieve(dmp, "1.2.3.3", who=urgent).facts["codes"] == [DENIED]
    order(dmp, "masques-en-urgence")
    assert retrieve(dmp, "1.2.3.3", who=urgent).facts["resultats"] == 1
    order(dmp, "opposition", quoi="bris-de-glace")
    assert find(dmp, who=urgent).facts["codes"] == [DENIED]
    order(dmp, "opposition", quoi="bris-de-glace", valeur=False)
    assert find(dmp, who=urgent).facts["statut"] == "Success"


def test_emergency_call_centre_has_its_own_opposition(dmp: Dmp) -> None:
    centre = vihf("899700000055", purpose="centre_15")
    order(dmp, "opposition", quoi="bris-de-glace")
    assert find(dmp, who=centre).facts["statut"] == "Success"
    order(dmp, "opposition", quoi="acces-urgence")
    assert find(dmp, who=centre).facts["codes"] == [DENIED]
