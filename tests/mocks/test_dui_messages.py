"""What the reference DUI builds: identities by status, normalized traits, signatures, packages, answers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from dui_conformance.core.people import Usager
from dui_conformance.mocks.dui import mtom, soap
from dui_conformance.mocks.dui.comptes import Comptes
from dui_conformance.mocks.dui.configuration import Certificat, StructureLocale
from dui_conformance.mocks.dui.dossier import Dossiers, Identite, Ins, Statut, Traits
from dui_conformance.mocks.dui.insi_messages import normaliser
from dui_conformance.mocks.dui.lot import Piece, signer_lot
from dui_conformance.mocks.dui.regles_ins import ReglesDossiers, ReglesIns
from dui_conformance.mocks.dui.signature import DS, SAML, charger, signer
from dui_conformance.mocks.dui.soap import FauteSoap, ReponseIllisible
from dui_conformance.mocks.pki import Pki
from lxml import etree
from signxml.algorithms import CanonicalizationMethod
from signxml.verifier import SignatureConfiguration, XMLVerifier

TRAITS = Traits("ESSAI", ("ANNE", "MARIE"), "F", "1960-05-15", "55039")
INS = Ins("2600555039001", "12", "1.2.250.1.213.1.4.10")
STRUCTURE = StructureLocale("990000010", "990000028", "EHPAD FICTIF", "SA17")


@pytest.mark.parametrize(
    ("depart", "apres_insi", "apres_piece"),
    [
        (Statut.PROVISOIRE, Statut.RECUPEREE, Statut.VALIDEE),
        (Statut.RECUPEREE, Statut.RECUPEREE, Statut.QUALIFIEE),
        (Statut.VALIDEE, Statut.QUALIFIEE, Statut.VALIDEE),
        (Statut.QUALIFIEE, Statut.QUALIFIEE, Statut.QUALIFIEE),
    ],
)
def test_status_follows_the_document_and_the_answer(depart: Statut, apres_insi: Statut, apres_piece: Statut) -> None:
    identite = Identite(TRAITS, depart)
    assert identite.avec_retour_insi(INS, TRAITS, (), ReglesIns(), ReglesDossiers()).statut is apres_insi
    assert identite.avec_piece(ReglesIns()).statut is apres_piece


@pytest.mark.parametrize(("attribut", "garde"), [("douteuse", False), ("fictive", False), ("homonyme", True)])
def test_a_suspect_identity_loses_its_ins(attribut: str, garde: bool) -> None:
    marquee = Identite(TRAITS, Statut.QUALIFIEE, INS).marquee(attribut, ReglesIns(), ReglesDossiers())
    assert (marquee.ins is not None, marquee.statut is Statut.QUALIFIEE) == (garde, garde)


@pytest.mark.parametrize(("depart", "apres"), [(Statut.QUALIFIEE, Statut.VALIDEE), (Statut.RECUPEREE, Statut.PROVISOIRE)])
def test_a_denied_ins_goes_away_with_its_status(depart: Statut, apres: Statut) -> None:
    identite = Identite(TRAITS, depart, INS).apres_ko(ReglesIns())
    assert (identite.statut, identite.ins) == (apres, None)


def test_only_a_qualified_identity_with_its_ins_may_leave() -> None:
    assert Identite(TRAITS, Statut.QUALIFIEE, INS).diffusable
    assert not Identite(TRAITS, Statut.QUALIFIEE).diffusable
    assert not Identite(TRAITS, Statut.RECUPEREE, INS).diffusable


def test_a_record_reads_the_wire_form_of_a_usager() -> None:
    usager = Usager(
        "u1", "ESSAI", ("ANNE",), "F", "1960-05-15", "55039", statut="provisoire", matricule_insi="2600555039001", cle_insi="12"
    )
    dossier = Dossiers().creer(usager.as_dict())
    assert dossier.identite.ins is None
    assert dossier.carte_vitale is not None
    assert dossier.carte_vitale.complet == "260055503900112"


@pytest.mark.parametrize(
    ("texte", "attendu"),
    [
        ("D'Hérédia-Œuvre", "D'HEREDIA-OEUVRE"),
        ("Zoé  Maëlys", "ZOE MAELYS"),
        ("L’Été", "L'ETE"),
        ("Jean_Paul 2", "JEAN PAUL"),
    ],
)
def test_traits_are_normalized_for_insi(texte: str, attendu: str) -> None:
    assert normaliser(texte) == attendu


def test_an_account_is_found_by_national_identifier_not_by_name() -> None:
    comptes = Comptes(STRUCTURE)
    une = comptes.rapprocher({"sub": "a", "SubjectNameID": "899700000006", "family_name": "TESTEUR", "given_name": "Dominique"})
    autre = comptes.rapprocher({"sub": "b", "SubjectNameID": "899700000007", "family_name": "TESTEUR", "given_name": "Dominique"})
    assert une.compte != autre.compte


def test_a_signed_assertion_verifies_and_has_its_signature_after_issuer(pki: Pki) -> None:
    signataire = charger(_fichiers(pki))
    assertion = etree.fromstring(
        f'<saml:Assertion xmlns:saml="{SAML}" ID="_a1"><saml:Issuer>x</saml:Issuer><saml:Subject/></saml:Assertion>'
    )
    signee = etree.tostring(signer(assertion, signataire))
    assert [etree.QName(e).localname for e in etree.fromstring(signee)] == ["Issuer", "Signature", "Subject"]
    reference = XMLVerifier().verify(signee, x509_cert=signataire.certificat, id_attribute="ID")
    assert reference.signed_xml is not None


def test_the_signature_of_a_submission_set_verifies_once_written(pki: Pki) -> None:
    signataire = charger(_fichiers(pki))
    signature = signer_lot("2.25.1", [Piece("2.25.2", b"<a><!-- b --></a>")], signataire, datetime(2026, 4, 1, tzinfo=UTC))
    reglages = SignatureConfiguration(
        require_x509=True,
        location="./",
        expect_references=2,
        default_reference_c14n_method=CanonicalizationMethod.CANONICAL_XML_1_0_WITH_COMMENTS,
    )
    lus: Any = XMLVerifier().verify(
        soap.octets(signature), x509_cert=signataire.certificat, expect_config=reglages, validate_schema=False
    )
    assert [etree.QName(lu.signed_xml).localname for lu in lus] == ["Manifest", "SignedProperties"]
    assert [r.get("URI") for r in signature.iter(f"{{{DS}}}Reference")][:2] == ["#IHEManifest", "#SignedProperties"]


def test_a_package_gives_back_its_root() -> None:
    emballe = mtom.paquet("urn:action", b"<racine/>", [mtom.Partie("d1@dui", "text/xml", b"\r\n--x\r\n<doc/>")])
    assert mtom.ouvrir(emballe.content_type, emballe.octets())[0] == b"<racine/>"


def test_a_truncated_package_is_unreadable() -> None:
    with pytest.raises(ReponseIllisible):
        mtom.ouvrir('multipart/related; boundary="b"', b"--b\r\nContent-Type: text/xml\r\n\r\n<racine/>")


@pytest.mark.parametrize("contenu", [b"", b"<html>", b"<a/>", b'<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>'])
def test_what_is_not_a_soap_answer_is_unreadable(contenu: bytes) -> None:
    with pytest.raises(ReponseIllisible):
        soap.lire(contenu)


def test_a_fault_says_its_codes_and_its_reason() -> None:
    code = "<s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>s:DMPInvalidCertificate</s:Value></s:Subcode></s:Code>"
    faute = f"<s:Fault>{code}<s:Reason><s:Text>certificat refusé</s:Text></s:Reason></s:Fault>"
    contenu = f'<s:Envelope xmlns:s="{soap.ENV}"><s:Body>{faute}</s:Body></s:Envelope>'
    with pytest.raises(FauteSoap, match="certificat refusé") as refus:
        soap.lire(contenu.encode())
    assert (refus.value.code, refus.value.sous_code) == ("Sender", "DMPInvalidCertificate")


def test_an_answer_to_another_message_is_refused() -> None:
    contenu = (
        f'<s:Envelope xmlns:s="{soap.ENV}" xmlns:a="{soap.WSA}"><s:Header><a:RelatesTo>urn:uuid:1</a:RelatesTo></s:Header>'
        "<s:Body><ok/></s:Body></s:Envelope>"
    )
    assert soap.lire(contenu.encode(), en_reponse_a="urn:uuid:1").tag == "ok"
    with pytest.raises(ReponseIllisible, match="autre message"):
        soap.lire(contenu.encode(), en_reponse_a="urn:uuid:2")


def _fichiers(pki: Pki) -> Certificat:
    signe = pki.client("sign")
    return Certificat(str(signe.certificate), str(signe.key))
