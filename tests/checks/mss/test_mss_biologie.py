"""What is sent to a laboratory: the attestation of identity, the sampler, the datamatrix, the prescription, the addresses."""

from __future__ import annotations

import base64
import re
from functools import cache

import pytest
from checks.mss.exemples import USAGER, breaks, run
from dui_conformance.fixtures.professionals import professionals
from dui_conformance.mocks.dui.exemples import document, structure_de
from dui_conformance.mocks.mss.corpus import Correspondance, Joint
from dui_conformance.mocks.mss.corpus.courriel import avec_documents, octets

NAMES = "attestation attestation-type preleveur identity datamatrix prescription addresses"
C = Correspondance("contact@tilleuls.formation.mssante.fr", "EHPAD_Fictif", "contact@labo.formation.mssante.fr")


@cache
def made(type: str) -> Joint:
    """A document of the reference DUI, and its paper form."""
    written = document(type, USAGER.as_dict(), professionals()["infirmiere-ehpad"], structure_de(None), graine=7)
    return Joint(written.octets, written.imprime())


def sent(*, prescription: Joint | None = None, attestation: Joint | None = None, alone: str = "") -> bytes:
    """The mail to the laboratory, with one of its documents replaced, or ``alone``."""
    both = {
        "prescription": prescription or made("prescription-actes"),
        "attestation": attestation or made("attestation-identite"),
    }
    return octets(avec_documents(C, [both[alone]] if alone else list(both.values())))


def attested(before: str, after: str) -> bytes:
    """With another attestation."""
    right = made("attestation-identite")
    changed = re.sub(before, after, right.cda.decode(), count=1, flags=re.DOTALL).encode()
    assert changed != right.cda
    return sent(attestation=Joint(changed, right.pdf))


def holding(type: str, pdf: bytes) -> Joint:
    """A document of level 1 around another PDF."""
    encoded = base64.b64encode(pdf).decode()
    return Joint(re.sub(r"(<text mediaType[^>]*>)[^<]*", rf"\g<1>{encoded}", made(type).cda.decode()).encode(), pdf)


@pytest.mark.parametrize("rule", NAMES.split())
def test_a_correct_mail_keeps_the_rule(rule: str) -> None:
    assert run(f"mss.bio.{rule}", sent()).fired


def test_a_mail_without_attestation_is_told() -> None:
    assert breaks("mss.bio.attestation", sent(alone="prescription")).received == "aucun document CERT_DECL"


def test_an_attestation_under_another_title_is_told() -> None:
    breaks("mss.bio.attestation", attested("<title>[^<]*", "<title>Certificat"))


def test_an_attestation_of_another_type_is_told() -> None:
    breaks("mss.bio.attestation-type", attested('code="CERT_DECL" codeSystem="[^"]*"', 'code="CERT_DECL" codeSystem="1.2.3"'))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (r'(PRELV.*?extension=)"8', r'\1"INTERNE-8'),
        (r"(PRELV.*?<family>)[^<]*", r"\1"),
        (r'(PRELV.*?root=)"1\.2\.250\.1\.71\.4\.2\.1"', r'\1"1.2.3"'),
    ],
    ids=["numero", "nom", "autre-systeme"],
)
def test_a_sampler_without_name_or_number_is_told(before: str, after: str) -> None:
    breaks("mss.bio.preleveur", attested(before, after))


def test_an_identity_without_number_is_told() -> None:
    breaks("mss.bio.identity", attested(r'<id root="1\.2\.250\.1\.213\.1\.4\.10"[^>]*>', ""))


def test_an_attestation_without_datamatrix_is_told() -> None:
    blank = (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj "
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
    )
    breaks("mss.bio.datamatrix", sent(attestation=holding("attestation-identite", blank)))


def test_the_datamatrix_of_another_person_is_told() -> None:
    assert breaks("mss.bio.datamatrix", attested(rf'extension="{USAGER.ins}"', 'extension="150025513968816"')).received


def test_an_attestation_alone_is_told() -> None:
    breaks("mss.bio.prescription", sent(alone="attestation"))


def test_a_prescription_without_addresses_is_told_twice() -> None:
    failure = breaks("mss.bio.addresses", sent(prescription=holding("prescription-actes", made("attestation-identite").pdf)))
    assert len(failure.problems) == 2


def test_addresses_may_be_in_the_header() -> None:
    right = made("prescription-actes")
    header = right.cda.decode()
    organisation = '<telecom value="mailto:contact@tilleuls.mssante.fr"/>'
    header = re.sub(r"(<representedCustodianOrganization>.*?</name>)", rf"\1{organisation}", header, count=1, flags=re.DOTALL)
    header = re.sub(
        r'<telecom nullFlavor="NASK"/>(\s*<assignedPerson>)',
        r'<telecom value="mailto:dr@medecin.mssante.fr"/>\1',
        header,
        count=1,
    )
    blind = holding("prescription-actes", made("attestation-identite").pdf)
    text = re.search(r"<text mediaType[^>]*>[^<]*", blind.cda.decode())
    assert text is not None
    silent = re.sub(r"<text mediaType[^>]*>[^<]*", lambda _: text[0], header)
    assert run("mss.bio.addresses", sent(prescription=Joint(silent.encode(), blind.pdf))).fired
