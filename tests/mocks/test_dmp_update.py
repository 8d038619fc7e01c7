"""Management of documents in the DMP: updates (TD3.3), replacement, orders of scenarios, bounded store, misbehaviours."""

from __future__ import annotations

from typing import Any

import pytest
from dui_conformance.core.errors import HarnessError
from dui_conformance.core.exchange import Reply
from dui_conformance.mocks.dmp.app import Dmp
from dui_conformance.mocks.dmp.faults import PANNES
from dui_conformance.mocks.dmp.seeds import Seed, types
from dui_conformance.mocks.dmp.state import ARCHIVED, DELETED, SPOOLED
from dui_conformance.validation.document import Document
from dui_conformance.validation.mtom import split
from dui_conformance.validation.xml import parse
from lxml import etree
from samples.dmp import (
    DOCTOR,
    ITI18,
    ITI43,
    ITI57,
    NURSE,
    SECRETARY,
    STATUS,
    TD02,
    USAGER,
    Deposit,
    existence_body,
    find_documents,
    retrieve_body,
    soap_request,
    status_body,
    vihf,
    visibility_body,
)
from samples.dmp_garni import DENIED, ME, NOW, order, send

AUTHOR = "899700009018"
UID = "1.2.3.1"
BY_AUTHOR = vihf(AUTHOR, roles=DOCTOR, mode="DIRECTE", context="SmartcardPKI")
BY_STRUCTURE = vihf(mode="INDIRECTE", structure="1990009012")


@pytest.fixture
def dmp() -> Dmp:
    """A DMP with one document of another doctor; every professional is authorised."""
    service = Dmp(seed=1)
    service.admit(USAGER)
    order(service, "autorisation", valeur="VALIDE")
    order(service, "ajouter-document", unique_id=UID, type="lettre-liaison-sortie", date="2026-01-10")
    return service


def update(service: Dmp, content: str, who: str = BY_AUTHOR) -> Reply:
    return send(service, soap_request("/registry", ITI57, content, vihf=who))


def uuid_of(service: Dmp, uid: str = UID) -> str:
    return service.store.entries[uid].entry_uuid


def found(service: Dmp) -> int:
    return int(send(service, soap_request("/registry", ITI18, find_documents(), vihf=vihf())).facts["resultats"])


# --- TD3.3c and TD3.3d


def test_deletion_archiving_and_unarchiving_change_the_status(dmp: Dmp) -> None:
    request = soap_request("/registry", ITI57, status_body(uuid_of(dmp), ARCHIVED), vihf=BY_AUTHOR)
    assert dmp.describe("dmp", request).kind == "dmp.td3.3"
    archived = send(dmp, request)
    assert (archived.facts["statut"], archived.facts["operations"]) == ("Success", ["td3.3d"])
    assert archived.facts["cibles"] == {uuid_of(dmp): UID}
    assert found(dmp) == 0
    again = update(dmp, status_body(uuid_of(dmp), f"{STATUS}Approved", ARCHIVED, set_uid="1.2.9.2"))
    assert again.facts["statut"] == "Success"
    assert found(dmp) == 1
    deleted = update(dmp, status_body(uuid_of(dmp), DELETED, set_uid="1.2.9.3"))
    assert deleted.facts["operations"] == ["td3.3c"]
    assert dmp.store.entries[UID].status == DELETED
    read = send(dmp, soap_request("/repository", ITI43, retrieve_body(UID), vihf=vihf()))
    assert read.facts["resultats"] == 1


@pytest.mark.parametrize(
    ("who", "allowed"),
    [
        (BY_AUTHOR, True),
        (BY_STRUCTURE, True),
        (vihf(ME, structure="1990009012"), True),
        (vihf("3990009012/secretaire", mode="DIRECTE", roles=SECRETARY, structure="1990009012"), True),
        (vihf(ME, roles=NURSE), False),
        (vihf(ME, roles=NURSE, mode="DIRECTE"), False),
        (vihf(mode="INDIRECTE"), False),
    ],
)
def test_a_document_is_deleted_by_its_author_or_his_structure(dmp: Dmp, who: str, allowed: bool) -> None:
    order(dmp, "autorisation", valeur="NON_EXISTE")
    reply = update(dmp, status_body(uuid_of(dmp), DELETED), who)
    assert reply.facts["codes"] == ([] if allowed else [DENIED])
    assert (dmp.store.entries[UID].status == DELETED) is allowed


def test_a_document_of_the_patient_is_deleted_by_his_doctor_only(dmp: Dmp) -> None:
    order(dmp, "ajouter-document", unique_id="1.2.3.2", type="document-usager", date="2026-01-10")
    body = status_body(uuid_of(dmp, "1.2.3.2"), DELETED)
    assert update(dmp, body).facts["codes"] == [DENIED]
    order(dmp, "medecin-traitant", professionnel=AUTHOR)
    assert update(dmp, body).facts["statut"] == "Success"


@pytest.mark.parametrize(
    ("new", "original", "target", "code"),
    [
        (DELETED, ARCHIVED, "", "XDSMetadataUpdateOperationError"),
        ("urn:autre", f"{STATUS}Approved", "", "XDSMetadataUpdateOperationError"),
        (f"{STATUS}Approved", f"{STATUS}Approved", "", "XDSMetadataUpdateOperationError"),
        (DELETED, f"{STATUS}Approved", "urn:uuid:inconnu", "XDSMetadataUpdateError"),
    ],
)
def test_impossible_change_of_status_is_refused(dmp: Dmp, new: str, original: str, target: str, code: str) -> None:
    reply = update(dmp, status_body(target or uuid_of(dmp), new, original))
    assert reply.facts["codes"] == [code]
    assert found(dmp) == 1


# --- TD3.3a and TD3.3b


def test_masking_makes_a_new_version_of_the_metadata(dmp: Dmp) -> None:
    before = uuid_of(dmp)
    masked = update(dmp, visibility_body(before, UID, "MASQUE_PS"), vihf())
    assert masked.facts["operations"] == ["td3.3a-masquer"]
    entry = dmp.store.entries[UID]
    assert (entry.version, entry.lid, entry.masked) == (2, before, True)
    assert entry.entry_uuid != before
    served = parse(dmp.store.read(entry.metadata))
    assert (served.get("id"), served.get("lid")) == (entry.entry_uuid, before)
    assert served.find("{*}VersionInfo").get("versionName") == "2"  # type: ignore[union-attr]
    stale = update(dmp, visibility_body(before, UID, set_uid="1.2.9.2"))
    assert stale.facts["codes"] == ["XDSMetadataVersionError"]
    former = update(dmp, status_body(before, ARCHIVED, set_uid="1.2.9.4"))
    assert (former.facts["statut"], former.facts["tolerances"]) == ("Success", ["fiche-ancienne-version"])
    unmasked = update(dmp, visibility_body(before, UID, version="2", set_uid="1.2.9.3"))
    assert unmasked.facts["operations"] == ["td3.3a-demasquer"]
    assert dmp.store.entries[UID].attributes.persons == (f"{AUTHOR}^FICTIVE^CLAIRE^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS",)


def test_unmasking_and_showing_to_the_patient(dmp: Dmp) -> None:
    order(dmp, "ajouter-document", unique_id="1.2.3.2", type="prescription", date="2026-01-10", visibilite=["INVISIBLE_PATIENT"])
    shown = update(dmp, visibility_body(uuid_of(dmp, "1.2.3.2"), "1.2.3.2"), vihf())
    assert shown.facts["operations"] == ["td3.3b"]
    hidden = update(dmp, visibility_body(uuid_of(dmp, "1.2.3.2"), "1.2.3.2", "INVISIBLE_PATIENT", version="2", set_uid="1.2.9.3"))
    assert hidden.facts["codes"] == ["XDSMetadataUpdateOperationError"]
    order(dmp, "ajouter-document", unique_id="1.2.3.3", type="prescription", date="2026-01-10", visibilite=["MASQUE_PS"])
    body = visibility_body(uuid_of(dmp, "1.2.3.3"), "1.2.3.3", set_uid="1.2.9.4")
    assert update(dmp, body, vihf()).facts["codes"] == [DENIED]
    assert update(dmp, body).facts["operations"] == ["td3.3a-demasquer"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"lid": "urn:uuid:inconnu"}, "XDSMetadataUpdateError"),
        ({"uid": "9.9"}, "XDSMetadataUpdateError"),
        ({"version": "7"}, "XDSMetadataVersionError"),
        ({"version": ""}, "XDSMetadataVersionError"),
        ({"member": "Autre"}, "XDSMetadataUpdateError"),
        ({"codes": ()}, "XDSMetadataUpdateOperationError"),
        ({"patient": "100000000000099^^^&amp;1.2.250.1.213.1.4.10&amp;ISO^NH"}, "XDSPatientIdDoesNotMatch"),
        ({"set_uid": ""}, "XDSRegistryMetadataError"),
        ({"set_uid": f"{UID}.1"}, "XDSDuplicateUniqueIdInRegistry"),
    ],
)
def test_impossible_change_of_metadata_is_refused(dmp: Dmp, change: dict[str, Any], code: str) -> None:
    given = {"lid": uuid_of(dmp), "uid": UID, "codes": ("MASQUE_PS",), **change}
    lid, uid, codes = given.pop("lid"), given.pop("uid"), given.pop("codes")
    reply = update(dmp, visibility_body(lid, uid, *codes, **given))
    assert code in reply.facts["codes"]
    assert dmp.store.entries[UID].version == 1


def test_an_update_that_changes_nothing_is_refused(dmp: Dmp) -> None:
    content = status_body(uuid_of(dmp), DELETED).replace("UpdateAvailabilityStatus", "Autre")
    assert update(dmp, content).facts["codes"] == ["XDSMetadataUpdateError"]
    empty = '<l:SubmitObjectsRequest xmlns:l="urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0"/>'
    assert "XDSRegistryMetadataError" in update(dmp, empty).facts["codes"]


def test_a_deprecated_document_is_not_updated(dmp: Dmp) -> None:
    lid = uuid_of(dmp)
    order(dmp, "changer-statut", unique_id=UID, statut="remplace")
    assert update(dmp, visibility_body(lid, UID, "MASQUE_PS")).facts["codes"] == ["XDSMetadataUpdateOperationError"]


# --- replacement, deposits


def test_a_document_is_replaced_by_its_author_or_his_structure(dmp: Dmp) -> None:
    def replacing(who: str, rank: int) -> Reply:
        return send(dmp, Deposit(uid=f"1.2.4.{rank}", set_uid=f"1.2.5.{rank}", rplc=uuid_of(dmp), assertion=who).request())

    assert replacing(vihf(ME), 1).facts["codes"] == [DENIED]
    assert "1.2.4.1" not in dmp.store.entries
    done = replacing(BY_STRUCTURE, 2)
    assert (done.facts["statut"], done.facts["cibles"]) == ("Success", {uuid_of(dmp): UID})
    assert dmp.store.entries[UID].status == f"{STATUS}Deprecated"


def test_the_message_judged_is_the_message_received(dmp: Dmp) -> None:
    request = Deposit().request()
    send(dmp, request)
    message = request.memo["soap"][2]
    assert message.body.find(".//{*}ExtrinsicObject").get("id") == "Doc01"
    assert message.body.find(".//{*}RegistryPackage").get("id") == "SubmissionSet01"


def test_deposit_of_a_secretary_is_td22(dmp: Dmp) -> None:
    who = vihf("3990000010/secretaire", mode="DIRECTE", roles=SECRETARY)
    reply = send(dmp, Deposit(assertion=who).request())
    assert (reply.facts["td"], reply.facts["stocke"]) == ("td2.2", True)


def test_store_is_bounded_and_spills_to_disk() -> None:
    service = Dmp(seed=1, capacity=2)
    service.admit(USAGER)
    big = b"<ClinicalDocument xmlns='urn:hl7-org:v3'>" + b" " * (SPOOLED // 2) + b"</ClinicalDocument>"
    for rank in range(2):
        one = Deposit(uid=f"1.2.4.{rank}", set_uid=f"1.2.5.{rank}", content=big)
        assert send(service, one.request()).facts["stocke"]
    assert service.store._spool is not None
    assert getattr(service.store._spool, "_rolled", True)
    third = send(service, Deposit(uid="1.2.4.9", set_uid="1.2.5.9").request())
    assert third.facts["codes"] == ["XDSRepositoryOutOfResources"]
    assert service.store.read(service.store.entries["1.2.4.0"].span) == big


# --- orders


@pytest.mark.parametrize("name", types())
def test_each_type_of_document_can_be_placed_and_is_readable(dmp: Dmp, name: str) -> None:
    order(dmp, "ajouter-document", unique_id="1.2.7.1", type=name, date="2026-01-10T09:00:00Z")
    entry = dmp.store.entries["1.2.7.1"]
    document = Document(data=dmp.store.read(entry.span), name="x")
    root = parse(document.data)
    assert root.find("{*}code").get("code") == types()[name].code  # type: ignore[union-attr]
    assert root.find("{*}effectiveTime").get("value") == "20260110100000+0100"  # type: ignore[union-attr]
    assert entry.attributes.times["creationTime"] == "20260110090000"


def test_the_house_may_give_the_contents() -> None:
    seen: list[Seed] = []

    def content(seed: Seed) -> bytes:
        seen.append(seed)
        return b"<autre/>"

    service = Dmp(seed=1, content=content)
    service.admit(USAGER)
    order(service, "ajouter-document", type="prescription", date="2026-01-10", auteur={"nom": "AUTRE"}, titre="Titre")
    (entry,) = service.store.entries.values()
    assert service.store.read(entry.span) == b"<autre/>"
    assert (seen[0].auteur.nom, seen[0].titre, seen[0].unique_id) == ("AUTRE", "Titre", entry.unique_id)


def test_new_version_and_deletion_by_others(dmp: Dmp) -> None:
    order(dmp, "nouvelle-version", unique_id=UID, nouveau="1.2.3.2", date="2026-02-10")
    order(dmp, "nouvelle-version", unique_id="1.2.3.2", nouveau="1.2.3.3", date="2026-02-11", visibilite=["INVISIBLE_PATIENT"])
    third = parse(dmp.store.read(dmp.store.entries["1.2.3.3"].span))
    assert third.find("{*}versionNumber").get("value") == "3"  # type: ignore[union-attr]
    assert third.find(".//{*}parentDocument/{*}id").get("root") == "1.2.3.2"  # type: ignore[union-attr]
    assert found(dmp) == 1
    order(dmp, "supprimer-document", unique_id="1.2.3.3")
    assert found(dmp) == 0


@pytest.mark.parametrize(
    ("nom", "arguments"),
    [
        ("autorisation", {"valeur": "PEUT-ETRE"}),
        ("bloquer", {}),
        ("opposition", {"quoi": "tout"}),
        ("ajouter-document", {"type": "roman", "date": "2026-01-01"}),
        ("ajouter-document", {"type": "prescription", "date": "hier"}),
        ("ajouter-document", {"type": "prescription"}),
        ("ajouter-document", {"type": "prescription", "date": "2026-01-01", "unique_id": UID}),
        ("ajouter-document", {"type": "prescription", "date": "2026-01-01", "unique_id": "pas un oid"}),
        ("ajouter-document", {"type": "prescription", "date": "2026-01-01", "visibilite": ["CACHE"]}),
        ("ajouter-document", {"type": "prescription", "date": "2026-01-01", "auteur": {"surnom": "x"}}),
        ("ajouter-document", {"type": "prescription", "date": "2026-01-01", "statut": "perdu"}),
        ("nouvelle-version", {"unique_id": "9.9", "date": "2026-01-01"}),
        ("changer-statut", {"unique_id": UID, "statut": "perdu"}),
        ("supprimer-document", {"unique_id": "9.9"}),
        ("reponse-lente", {"secondes": -1}),
        ("reponse-lente", {"secondes": "dix"}),
    ],
)
def test_a_wrong_order_is_an_error_of_the_harness(dmp: Dmp, nom: str, arguments: dict[str, Any]) -> None:
    with pytest.raises(HarnessError):
        order(dmp, nom, **arguments)


# --- misbehaviours


CALLS = {
    "dmp.td0.2": soap_request("/patients", TD02, existence_body(), vihf=vihf()),
    "dmp.td3.1": soap_request("/registry", ITI18, find_documents(), vihf=vihf()),
    "dmp.td3.2": soap_request("/repository", ITI43, retrieve_body(UID), vihf=vihf()),
}


def xml_of(reply: Reply) -> etree._Element:
    kind, data = reply.header("Content-Type"), reply.body.read()
    return parse(bytes(split(data, kind).root.content) if kind.startswith("multipart") else data)


def struck(service: Dmp, panne: str, kind: str) -> Reply:
    service.arm(panne, times=1)
    reply = send(service, CALLS[kind])
    assert reply.facts["panne"] == panne
    return reply


@pytest.mark.parametrize(
    ("panne", "kind", "codes"),
    [
        ("registre-erreur", "dmp.td3.1", ["XDSRegistryError"]),
        ("trop-de-resultats", "dmp.td3.1", ["XDSTooManyResults"]),
        ("document-introuvable", "dmp.td3.2", ["XDSDocumentUniqueIdError"]),
        ("document-refuse", "dmp.td3.2", [DENIED]),
        ("structure-inconnue", "dmp.td0.2", ["Sender"]),
        ("dmp-ferme", "dmp.td3.1", ["XDSUnknownPatientId"]),
    ],
)
def test_a_refusal_is_told_as_the_transaction_tells_it(dmp: Dmp, panne: str, kind: str, codes: list[str]) -> None:
    reply = struck(dmp, panne, kind)
    assert reply.facts["codes"] == codes
    assert reply.header("Content-Type").startswith("multipart/") is (kind == "dmp.td3.2")


@pytest.mark.parametrize(
    ("panne", "told"),
    [
        ("autorisation-expiree", "EXPIRE"),
        ("autorisation-interdite", "INTERDIT"),
        ("dmp-ferme", "terminated"),
        ("identite-differente", "HOMONYME-FICTIF"),
    ],
)
def test_the_existence_test_can_tell_otherwise(dmp: Dmp, panne: str, told: str) -> None:
    assert told.encode() in struck(dmp, panne, "dmp.td0.2").body.read()


def test_lists_and_documents_can_be_wrong(dmp: Dmp) -> None:
    empty = xml_of(struck(dmp, "liste-vide", "dmp.td3.1"))
    assert empty.find(".//{*}ExtrinsicObject") is None
    assert len(xml_of(struck(dmp, "liste-en-double", "dmp.td3.1")).findall(".//{*}ExtrinsicObject")) == 2
    good = dmp.store.read(dmp.store.entries[UID].span)
    altered = struck(dmp, "document-altere", "dmp.td3.2")
    (content,) = split(altered.body.read(), altered.header("Content-Type")).attachments.values()
    assert content != good
    inlined = struck(dmp, "document-en-base64", "dmp.td3.2")
    parts = split(inlined.body.read(), inlined.header("Content-Type"))
    assert parts.attachments == {}
    assert parse(bytes(parts.root.content)).find(".//{*}Document").text  # type: ignore[union-attr]


@pytest.mark.parametrize("panne", PANNES, ids=lambda panne: panne.nom)
@pytest.mark.parametrize("kind", CALLS)
def test_every_misbehaviour_leaves_a_service_that_answers(dmp: Dmp, panne: Any, kind: str) -> None:
    dmp.arm(panne.nom, times=1)
    assert 200 <= send(dmp, CALLS[kind]).status < 600
    dmp.disarm(panne.nom)
    assert send(dmp, CALLS[kind]).status == 200


def test_an_entry_uuid_that_the_source_gives_is_kept(dmp: Dmp) -> None:
    """A client may name its entries; it then replaces them without asking."""
    mine = "urn:uuid:7c1f7a52-7b3a-4d0f-9f5e-1d2c3b4a5968"
    named = Deposit(document_id=mine, local=mine)
    assert dmp.handle("dmp", named.request(), NOW).facts["stocke"]
    again = Deposit(uid="1.2.3.77", set_uid="1.2.3.78", rplc=mine)
    assert dmp.handle("dmp", again.request(), NOW).facts["cibles"] == {mine: named.uid}
