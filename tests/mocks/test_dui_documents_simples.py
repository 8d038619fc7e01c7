"""Level 1 documents, prescription, laboratory report, export, and the paper form of every kind."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cache
from importlib import resources
from pathlib import Path

import pypdfium2
import pytest
import requests
import zxingcpp
from dui_conformance.checks.registry import all_profiles, run_profile
from dui_conformance.cli.en_memoire import Banc as EnMemoire
from dui_conformance.cli.lecteurs import read
from dui_conformance.core.gestures import Etat, Piece, Resultat
from dui_conformance.core.gestures.documents import ImporterDocument, ImprimerDocument, ValiderDocument
from dui_conformance.core.people import Usager
from dui_conformance.core.profile import best_for
from dui_conformance.core.settings import Settings
from dui_conformance.fixtures.medicaments import cip7_key, ean_key, vaccin_de, vaccins
from dui_conformance.fixtures.people import usager
from dui_conformance.fixtures.professionals import professionals
from dui_conformance.mocks.dui.alterations import Alterations, Couture
from dui_conformance.mocks.dui.comptes import Comptes, Utilisateur
from dui_conformance.mocks.dui.documents import datamatrix_ins, qr_ordonnance
from dui_conformance.mocks.dui.documents.document import TYPES, Document
from dui_conformance.mocks.dui.documents_recus import DocumentsRecus
from dui_conformance.mocks.dui.dossier import Dossiers, Ins, Traits
from dui_conformance.mocks.dui.exemples import depot, document, structure_de
from dui_conformance.mocks.dui.faults import FAULTS, Fault
from dui_conformance.mocks.dui.redacteur import Commande, IdentiteNonQualifiee, Redacteur, TypeInconnu
from dui_conformance.mocks.dui.regles import ReglesReception, ReglesVaccin
from dui_conformance.mocks.dui.vaccins import VaccinInconnu
from dui_conformance.mocks.pki import Pki
from dui_conformance.validation.cda.schema import validate
from dui_conformance.validation.document import Document as CdaFile
from dui_conformance.validation.ordonnance_qr import ExpectedPrescription, load_lecture_qr
from dui_conformance.validation.pdf import PdfFile
from dui_conformance.validation.xml import parse
from lxml import etree
from samples.banc_dui import Banc

HL7 = {"h": "urn:hl7-org:v3"}
JOUR = date(2026, 4, 1)
LE = datetime(2026, 4, 1, 8, 0, tzinfo=UTC)
NIVEAU_1 = (
    "lettre-liaison-entree",
    "lettre-liaison-sortie",
    "synthese-environnementale",
    "prescription-produits-n1",
    "prescription-actes",
    "prescription-autres",
    "certificat-medical",
    "fiche-soins",
    "consultation",
    "attestation-identite",
)
STRUCTURES = ("prescription-produits", "cr-biologie", "export-dui")
ORDONNANCES = ("prescription-produits", "prescription-produits-n1", "prescription-actes", "prescription-autres")
PATB = Traits("PATB-QUATRE", ("LAURENCE",), "F", "1907-05-25", "85756")


def ecrit(type: str, personne: Usager | None = None, **choix: object) -> Document:
    personne = personne or usager("qualifie", "1")
    return document(type, personne.as_dict(), professionals()["infirmiere-ehpad"], structure_de(None), **choix)  # type: ignore[arg-type]


def colle(texte: str) -> str:
    """Without the line breaks of the page, among which those after a hyphen."""
    return "".join(texte.replace("\ufffe", "-").split())


def auteur_local() -> Utilisateur:
    return Comptes(structure_de(None)).local(professionals()["infirmiere-ehpad"])


@cache
def papier(type: str, profil: str = "qualifie") -> bytes:
    return ecrit(type, usager(profil, "1")).imprime()


def texte_de(pdf: bytes) -> str:
    ouvert = pypdfium2.PdfDocument(pdf)
    try:
        return " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in ouvert)
    finally:
        ouvert.close()


def codes_de(pdf: bytes) -> dict[str, str]:
    ouvert = pypdfium2.PdfDocument(pdf)
    try:
        image = ouvert[0].render(scale=3).to_pil()
    finally:
        ouvert.close()
    return {code.format.name: code.bytes.decode() for code in zxingcpp.read_barcodes(image)}


def constats(octets: bytes, contexte: tuple[object, ...] = (Settings(),)) -> list[tuple[str, str]]:
    (piece,) = read(octets, "document.xml")
    profil = best_for(piece.kind, tuple(all_profiles().values()), JOUR)
    assert profil is not None
    faites = run_profile(profil, piece.subjects, context=contexte, day=JOUR)
    return [(a.check, f"{a.finding.message} ({a.finding.received})") for a in faites if a.finding is not None]


@pytest.mark.parametrize("type", [*NIVEAU_1, *STRUCTURES])
def test_a_document_follows_the_schema(type: str) -> None:
    assert validate(parse(ecrit(type).octets)) == ()


@pytest.mark.parametrize("profil", ["qualifie", "nia", "mineur", "provisoire"])
@pytest.mark.parametrize("type", [*NIVEAU_1, *STRUCTURES])
def test_whoever_the_usager_is_no_rule_is_broken(type: str, profil: str) -> None:
    if TYPES[type].qualifiee and profil == "provisoire":
        with pytest.raises(IdentiteNonQualifiee):
            ecrit(type, usager(profil, "2"))
        return
    assert constats(ecrit(type, usager(profil, "2")).octets) == []


@pytest.mark.parametrize("type", sorted(TYPES))
def test_the_same_seed_gives_the_same_document_and_the_same_paper(type: str) -> None:
    une, autre = ecrit(type, graine=3), ecrit(type, graine=3)
    assert (une.octets, hashlib.sha256(une.imprime()).digest()) == (autre.octets, hashlib.sha256(autre.imprime()).digest())
    assert ecrit(type, graine=4).octets != une.octets


@pytest.mark.parametrize("type", sorted(TYPES))
def test_paper_is_pdf_a1_and_says_who_the_usager_is(type: str) -> None:
    personne, pdf = usager("qualifie", "1"), papier(type)
    jour = "/".join(reversed(personne.date_naissance.split("-")))
    texte = texte_de(pdf)
    assert b"<pdfaid:part>1</pdfaid:part>" in pdf
    assert [a.check for a in run_profile(all_profiles()["PDF-A1"], [PdfFile(pdf)], day=JOUR) if a.finding] == []
    assert all(dit in texte for dit in (personne.nom_naissance, personne.prenom, jour, personne.ins, "INS-NIR", "INS à scanner"))
    assert TYPES[type].modele.titre in texte


@pytest.mark.parametrize("type", sorted(TYPES))
def test_paper_says_what_the_document_says(type: str) -> None:
    fait = ecrit(type)
    auteur = fait.racine.xpath("string(h:author[1]//h:family | h:author[1]//h:softwareName)", namespaces=HL7)
    texte = texte_de(fait.imprime())
    assert auteur in texte.replace("\ufffe", "-")
    for cellule in fait.racine.iterfind("h:component/h:structuredBody/h:component/h:section/h:text//h:td", HL7):
        assert all(mot in colle(texte) for mot in "".join(cellule.itertext()).split())


@pytest.mark.parametrize("profil", ["qualifie", "nia", "corse", "accents"])
def test_the_datamatrix_on_paper_is_that_of_the_usager(profil: str) -> None:
    personne = usager(profil, "1")
    contenu = codes_de(papier("lettre-liaison-entree", profil))["DataMatrix"]
    lus = run_profile(all_profiles()["INS-PAPIER"], [PdfFile(papier("lettre-liaison-entree", profil)), personne], day=JOUR)
    assert contenu.startswith("IS01")
    assert [(a.check, a.verdict.value) for a in lus if a.verdict.value != "conforme"] == []


@pytest.mark.parametrize("statut", ["provisoire", "recuperee", "validee"])
@pytest.mark.parametrize("type", ["lettre-liaison-sortie", "prescription-produits", "note-vaccination"])
def test_the_ins_of_an_unqualified_identity_is_on_no_paper(type: str, statut: str) -> None:
    ligne = usager("qualifie", "1").as_dict() | {"statut": statut}
    pdf = ecrit(type, Usager.from_dict(ligne)).imprime()
    assert str(ligne["matricule"]) not in texte_de(pdf)
    assert "DataMatrix" not in codes_de(pdf)


def test_the_datamatrix_is_that_of_the_published_vector() -> None:
    contenu = datamatrix_ins.contenu(Ins("2070585756270", "97", "1.2.250.1.213.1.4.10"), PATB)
    assert contenu == (
        "IS010000000000000000000000S1207058575627097S21.2.250.1.213.1.4.10S3LAURENCE\x1dS4PATB-QUATRE\x1dS5FS625-05-1907S785756"
    )


def test_a_datamatrix_without_birth_place_ends_with_the_date() -> None:
    sans = Traits(PATB.nom_naissance, PATB.prenoms, PATB.sexe, PATB.date_naissance, "")
    assert datamatrix_ins.contenu(Ins("2070585756270", "97", "1.2.250.1.213.1.4.9"), sans).endswith("S625-05-1907")


@pytest.mark.parametrize("type", ORDONNANCES)
def test_an_ordonnance_bears_its_fields_and_is_signed_by_a_doctor(type: str) -> None:
    personne = usager("qualifie", "1")
    forme, *champs = codes_de(papier(type))["QRCode"].split(";")
    lus = dict(champ.split("=", 1) for champ in champs)
    assert forme == qr_ordonnance.FORME
    assert tuple(lus) == qr_ordonnance.CHAMPS
    assert (lus["nom"], lus["prenom"], lus["naissance"]) == (personne.nom_naissance, personne.prenom, personne.date_naissance)
    assert lus["rpps"] == professionals()["medecin-multi"].id_nat.removeprefix("8")
    assert ecrit(type).racine.xpath("string(h:author/h:assignedAuthor/h:code/@code)", namespaces=HL7).startswith("G15_10")


@pytest.mark.parametrize("type", sorted(set(TYPES) - set(ORDONNANCES)))
def test_other_papers_bear_no_qr_code(type: str) -> None:
    assert "QRCode" not in codes_de(papier(type))


def test_the_laboratory_signs_its_report() -> None:
    racine = ecrit("cr-biologie").racine
    finess = racine.xpath("string(h:author//h:representedOrganization/h:id/@extension)", namespaces=HL7)
    assert finess == "1990000101"
    assert racine.xpath("string(h:author//h:code/@code)", namespaces=HL7) == "G15_10/SM03"


def test_a_text_that_looks_like_markup_is_printed_as_it_is() -> None:
    personne = Usager.from_dict(usager("qualifie", "1").as_dict() | {"nom_naissance": "#panic() *GRAS* $X$"})
    assert "#panic() *GRAS* $X$" in texte_de(ecrit("consultation", personne).imprime())


def test_what_the_fonts_cannot_draw_is_replaced() -> None:
    personne = Usager.from_dict(usager("qualifie", "1").as_dict() | {"nom_naissance": "ESSAI 中"})
    assert "ESSAI ?" in texte_de(ecrit("consultation", personne).imprime())


def test_a_fault_of_one_type_spares_the_others() -> None:
    def retire(racine: etree._Element) -> None:
        racine.remove(racine.find("h:title", HL7))  # type: ignore[arg-type]

    alterations = Alterations([(Couture.CDA, retire, "consultation")])
    redacteur = Redacteur(structure_de(None), alterations)
    assert redacteur_titre(redacteur, "consultation") == ""
    assert redacteur_titre(redacteur, "fiche-soins") != ""


def redacteur_titre(redacteur: Redacteur, type: str) -> str:
    dossier = Dossiers().creer(usager("qualifie", "1").as_dict())
    auteur = auteur_local()
    fait = redacteur.rediger(Commande(type, dossier, auteur), LE, "2.25.7", "2.25.8")
    return str(fait.racine.xpath("string(h:title)", namespaces=HL7))


def test_an_unknown_type_is_refused() -> None:
    with pytest.raises(TypeInconnu, match="recette"):
        redacteur_titre(Redacteur(structure_de(None)), "recette")


def note(cip: str, lot: str, regles: ReglesVaccin | None = None) -> Document:
    dossier = Dossiers().creer(usager("qualifie", "1").as_dict())
    redacteur = Redacteur(structure_de(None), regles=regles or ReglesVaccin())
    return redacteur.rediger(Commande("note-vaccination", dossier, auteur_local(), cip, lot), LE, "2.25.7", "2.25.8")


@pytest.mark.parametrize("vaccin", vaccins(), ids=lambda v: v.cip13)
def test_the_note_of_a_chosen_vaccine_takes_it_from_the_base(vaccin: object) -> None:
    choisi = vaccin_de(vaccin.cip7)  # type: ignore[attr-defined]
    matiere = note(choisi.cip13, "LOT-7").racine.find(".//h:manufacturedMaterial", HL7)
    assert matiere is not None
    dits = ("h:code/@code", "h:code/h:translation/@code", "h:name", "h:lotNumberText")
    assert [matiere.xpath(f"string({d})", namespaces=HL7) for d in dits] == [
        choisi.cis,
        choisi.atc,
        choisi.denomination,
        "LOT-7",
    ]


def test_codes_of_the_base_have_right_keys_and_are_not_sold() -> None:
    assert (cip7_key("335163"), ean_key("340093351639")) == ("9", "0")
    assert all(v.cip7[-1] == cip7_key(v.cip7[:6]) and v.cip13[-1] == ean_key(v.cip13[:12]) for v in vaccins())
    assert len({v.cis for v in vaccins()}) == len(vaccins()) == 5
    with pytest.raises(KeyError):
        vaccin_de("3400933516390")


def test_a_vaccine_that_the_base_does_not_have_is_refused() -> None:
    with pytest.raises(VaccinInconnu, match="3400930000000"):
        note("3400930000000", "LOT-7")


RECU = "lettre-liaison-sortie-es"


def recevoir(*contenus: bytes, regles: ReglesReception | None = None, profil: str = "qualifie") -> list[tuple[bool, int, bool]]:
    """Import these documents in one record; for each: filed, copies, whether the user was told something."""
    dossier, recus = Dossiers().creer(usager(profil, "1").as_dict()), DocumentsRecus(regles or ReglesReception())
    issues = [recus.recevoir(dossier, base64.b64encode(contenu).decode()) for contenu in contenus]
    return [(issue.integre, issue.copies, bool(issue.alerte)) for issue in issues]


def test_a_document_received_twice_has_one_copy() -> None:
    recu = ecrit(RECU).octets
    assert recevoir(recu, recu) == [(True, 1, False), (False, 1, True)]


def test_the_same_version_under_another_identifier_is_a_duplicate() -> None:
    recu = ecrit(RECU)
    assert recevoir(recu.octets, recu.octets.replace(recu.reference.encode(), b"2.25.99")) == [(True, 1, False), (False, 1, True)]


def test_versions_of_a_document_are_announced() -> None:
    recu = ecrit(RECU)
    autre = recu.octets.replace(recu.reference.encode(), b"2.25.99").replace(
        b'<versionNumber value="1"', b'<versionNumber value="2"'
    )
    assert recevoir(recu.octets, autre) == [(True, 1, False), (True, 1, True)]
    assert recevoir(autre, recu.octets) == [(True, 1, False), (True, 1, True)]


@pytest.mark.parametrize(
    ("avant", "apres"),
    [
        (b'qualifier="BR">', b'qualifier="BR">X'),
        (b'<administrativeGenderCode code="', b'<administrativeGenderCode code="U'),
        (b'<birthTime value="', b'<birthTime value="1'),
        (b'root="1.2.250.1.213.1.4.10" extension="', b'root="1.2.250.1.213.1.4.10" extension="9'),
    ],
)
def test_a_document_of_someone_else_is_refused(avant: bytes, apres: bytes) -> None:
    recu = ecrit(RECU).octets
    assert avant in recu
    assert recevoir(recu.replace(avant, apres, 1)) == [(False, 0, True)]


@pytest.mark.parametrize(
    "contenu",
    [b"", b"<a/>", b"%PDF-1.4", b'<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>', b'<ClinicalDocument xmlns="urn:hl7-org:v3"/>'],
)
def test_what_is_not_a_document_is_refused(contenu: bytes) -> None:
    assert recevoir(contenu) == [(False, 0, True)]


def test_each_rule_of_reception_changes_what_happens() -> None:
    recu = ecrit(RECU).octets
    autre = ecrit(RECU, usager("qualifie", "9")).octets
    assert recevoir(recu, recu, regles=ReglesReception(detecte_les_doublons=False))[1] == (True, 2, False)
    assert recevoir(autre, regles=ReglesReception(verifie_l_identite=False)) == [(True, 1, False)]
    assert recevoir(recu[:500], regles=ReglesReception(refuse_l_illisible=False)) == [(True, 1, False)]
    assert recevoir(recu, recu, regles=ReglesReception(alerte=False))[1] == (False, 1, False)
    assert recevoir(recu, regles=ReglesReception(accepte_l_exterieur=False)) == [(False, 0, True)]


@pytest.fixture
def banc(pki: Pki) -> Iterator[Banc]:
    banc = Banc(pki)
    yield banc
    banc.close()


def test_gestures_print_import_and_keep_what_the_dmp_does_not_take(banc: Banc) -> None:
    personne = banc.usager("qualifie")
    imprime = banc.jouer(ImprimerDocument(personne.id, "consultation"))
    assert [piece.nom for piece in imprime.pieces] == ["document.pdf"]
    assert imprime.pieces[0].data.startswith(b"%PDF-1.4")
    recu = Piece("recu.xml", ecrit(RECU, personne).octets)
    assert etats(banc, ImporterDocument.de(personne, recu), ImporterDocument.de(personne, recu)) == [
        (Etat.FAIT, True),
        (Etat.REFUSE, False),
    ]
    assert banc.jouer(ImprimerDocument(personne.id, "recette")).etat is Etat.IMPOSSIBLE
    assert banc.jouer(ValiderDocument(personne.id, "note-vaccination", cip="1")).etat is Etat.IMPOSSIBLE
    assert banc.jouer(ValiderDocument(personne.id, "export-dui")).observation("etat_envoi") == "retenu"


def etats(banc: Banc, *gestes: ImporterDocument) -> list[tuple[Etat, object]]:
    resultats: list[Resultat] = [banc.jouer(geste) for geste in gestes]
    return [(r.etat, r.observation("integre")) for r in resultats]


@pytest.mark.parametrize("type", ORDONNANCES)
def test_the_declared_reading_of_the_qr_code_finds_its_fields(type: str) -> None:
    lecture = load_lecture_qr(Path(str(resources.files("dui_conformance.mocks.dui") / "ordonnance_qr.toml")))
    attendue = ExpectedPrescription.of(usager("qualifie", "1"), professionals()["medecin-multi"])
    subjects = [PdfFile(papier(type)), attendue]
    lus = run_profile(all_profiles()["ORDONNANCE-QR-LU"], subjects, context=(lecture,), day=JOUR)
    assert [(a.check, a.finding.message) for a in lus if a.finding] == []
    assert "ordonnance.qr.patient" in {a.check for a in lus if a.verdict.value == "conforme"}


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EnMemoire]:
    folder = tmp_path_factory.mktemp("simples")
    (folder / "dui.toml").touch()
    with EnMemoire(folder / "essai", config=folder / "dui.toml") as made:
        yield made


@pytest.mark.parametrize("type", [*NIVEAU_1, "prescription-produits"])
def test_a_deposit_of_each_type_is_stored_and_judged_conforme(services: EnMemoire, type: str) -> None:
    personne = usager("qualifie", f"depot-{type}")
    services.services["dmp"].admit(personne)
    message = depot(services.adresses, personne.as_dict(), professionals()["infirmiere-ehpad"], type)
    certificat = services.adresses["certificats"][message.role]
    with services.requests(requests.Session()) as session:
        cert = (certificat["certificat"], certificat["cle"])
        recu = session.post(message.url, data=message.contenu, headers=dict(message.entetes), cert=cert)
    assert "ResponseStatusType:Success" in recu.text
    assert [(a.check, a.finding.received) for a in services.jugements[-1].applications if a.finding] == []


def paper_findings(profil: str, defauts: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    """What a profile of papers says of a document printed with these defects: check and verdict."""
    personne = usager("qualifie", "1")
    sorte = "prescription-actes" if profil == "ORDONNANCE-QR" else "lettre-liaison-entree"
    fait = ecrit(sorte, personne, defauts=defauts)
    sujets = {
        "INS-PAPIER": [personne],
        "CDA-PDF": [CdaFile(fait.octets, "document.xml")],
        "ORDONNANCE-QR": [ExpectedPrescription.of(personne, professionals()["medecin-multi"])],
    }
    faites = run_profile(all_profiles()[profil], [*sujets[profil], PdfFile(fait.imprime())], day=JOUR)
    return [(a.check, a.verdict.value) for a in faites if a.finding is not None]


@pytest.mark.parametrize("defaut", [f for f in FAULTS.values() if f.theme == "papier"], ids=lambda f: f.nom)
def test_a_defect_of_paper_is_seen_first_by_its_check(defaut: Fault) -> None:
    profil = {"ins": "INS-PAPIER", "cda": "CDA-PDF"}.get(defaut.check.split(".")[0], "ORDONNANCE-QR")
    assert paper_findings(profil) == []
    assert paper_findings(profil, (defaut.nom,))[0] == (defaut.check, defaut.effet)
