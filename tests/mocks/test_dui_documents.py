"""The structured documents of the reference DUI: right by the schema and by the rules, for any usager, the same each time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from dui_conformance.checks.registry import all_profiles, run_profile
from dui_conformance.cli.lecteurs import read
from dui_conformance.core.people import Usager
from dui_conformance.core.profile import best_for
from dui_conformance.core.settings import Settings
from dui_conformance.fixtures.people import PROFILS, usager
from dui_conformance.fixtures.professionals import professionals
from dui_conformance.mocks.dui.comptes import Comptes
from dui_conformance.mocks.dui.configuration import StructureLocale
from dui_conformance.mocks.dui.documents.document import TYPES, serialiser
from dui_conformance.mocks.dui.documents.entete import Entete
from dui_conformance.mocks.dui.dossier import Dossiers
from dui_conformance.validation.cda.schema import validate
from dui_conformance.validation.xml import parse
from lxml import etree

HL7 = {"h": "urn:hl7-org:v3"}
MAINTENANT = datetime(2026, 4, 1, 8, 0, tzinfo=UTC)
STRUCTURE = StructureLocale("990000010", "990000028", "EHPAD fictif des Essais", "SA17")
STRUCTURES = (
    "historique-vaccinations",
    "trod",
    "synthese-medicale",
    "fiche-transfert-su",
    "fiche-retour-su",
    "dlu-ehpad",
    "fludt",
    "fludr",
    "lettre-liaison-entree-es",
    "lettre-liaison-sortie-es",
)
CORSE = Usager("corse", "FICTIF", ("LEA",), "F", "1961-03-12", "2A004", matricule="2610320004002", oid="1.2.250.1.213.1.4.10")


def entete(
    type: str, personne: Usager, *, uid: str = "2.25.1401", auteur: str = "infirmiere-ehpad", remplace: str = ""
) -> Entete:
    return Entete(
        modele=TYPES[type].modele,
        dossier=Dossiers().creer(personne.as_dict()),
        auteur=Comptes(STRUCTURE).local(professionals()[auteur]),
        structure=STRUCTURE,
        ecrit_le=MAINTENANT,
        acte_le=MAINTENANT - timedelta(minutes=15),
        sejour_depuis=MAINTENANT - timedelta(days=90),
        uid=uid,
        set_id="2.25.1400",
        version=2 if remplace else 1,
        remplace=remplace,
    )


def ecrit(type: str, personne: Usager, **choix: str) -> bytes:
    return serialiser(TYPES[type].redige(entete(type, personne, **choix)))


def constats(octets: bytes) -> list[tuple[str, str]]:
    (piece,) = read(octets, "document.xml")
    jour = date(2026, 4, 1)
    profil = best_for(piece.kind, tuple(all_profiles().values()), jour)
    assert profil is not None
    faites = run_profile(profil, piece.subjects, context=(Settings(),), day=jour)
    return [(a.check, f"{a.finding.message} ({a.finding.received})") for a in faites if a.finding is not None]


@pytest.mark.parametrize("type", STRUCTURES)
def test_a_document_follows_the_schema(type: str) -> None:
    assert validate(parse(ecrit(type, usager("qualifie", "1")))) == ()


@pytest.mark.parametrize("type", STRUCTURES)
def test_a_document_breaks_no_rule_of_its_profile(type: str) -> None:
    assert constats(ecrit(type, usager("qualifie", "1"))) == []


@pytest.mark.parametrize("auteur", ["infirmiere-ehpad", "medecin-multi", "accents"])
@pytest.mark.parametrize("type", STRUCTURES)
def test_whoever_writes_no_rule_is_broken(type: str, auteur: str) -> None:
    assert constats(ecrit(type, usager("qualifie", "2"), auteur=auteur)) == []


@pytest.mark.parametrize("graine", range(8))
def test_whatever_the_medical_record_no_rule_is_broken(graine: int) -> None:
    octets = ecrit("synthese-medicale", usager("qualifie", "3"), uid=f"2.25.{graine + 1}")
    assert constats(octets) == []


@pytest.mark.parametrize("profil", sorted(nom for nom, profil in PROFILS.items() if profil.statut == "qualifiee"))
def test_whoever_the_usager_is_no_rule_is_broken(profil: str) -> None:
    personne = usager(profil, "4")
    assert [c for sorte in STRUCTURES for c in constats(ecrit(sorte, personne))] == []


@pytest.mark.parametrize("type", STRUCTURES)
def test_each_reference_points_to_words_of_its_own_section(type: str) -> None:
    racine = parse(ecrit(type, usager("qualifie", "1")))
    for section in racine.iterfind(".//h:section", HL7):
        lisibles = {e.get("ID"): "".join(e.itertext()).strip() for e in section.iterfind("h:text//*[@ID]", HL7)}
        visees = [r.get("value", "") for r in section.iterfind("h:entry//h:reference[@value]", HL7)]
        assert all(lisibles.get(visee.removeprefix("#")) for visee in visees)
        assert not [e for e in section.iterfind("h:entry", HL7) if e.find(".//h:reference[@value]", HL7) is None]


@pytest.mark.parametrize("type", STRUCTURES)
def test_the_same_header_gives_the_same_bytes(type: str) -> None:
    personne = usager("qualifie", "1")
    assert ecrit(type, personne) == ecrit(type, personne)


def test_another_document_has_another_medical_record() -> None:
    personne = usager("qualifie", "1")
    assert len({recit(ecrit("synthese-medicale", personne, uid=f"2.25.{rang}")) for rang in range(1, 6)}) > 1


@pytest.mark.parametrize("type", STRUCTURES)
def test_no_identifier_names_two_objects(type: str) -> None:
    racine = parse(ecrit(type, usager("qualifie", "1")))
    objets = racine.xpath("h:component//h:id[starts-with(@root, '2.25.')]/@root", namespaces=HL7)
    assert len(objets) == len(set(objets))
    ancres = [e.get("ID") for e in racine.iterfind(".//*[@ID]")]
    assert len(ancres) == len(set(ancres))


@pytest.mark.parametrize("statut", ["provisoire", "recuperee", "validee"])
@pytest.mark.parametrize("type", STRUCTURES)
def test_the_ins_of_an_unqualified_identity_stays_home(type: str, statut: str) -> None:
    ligne = usager("qualifie", "1").as_dict() | {"statut": statut}
    racine = parse(ecrit(type, Usager.from_dict(ligne)))
    assert not racine.xpath("//@root[starts-with(., '1.2.250.1.213.1.4.')]")
    assert str(ligne["matricule"]) not in etree.tostring(racine, encoding="unicode")


def test_a_usager_of_corsica_is_said_so() -> None:
    racine = parse(ecrit("fiche-transfert-su", CORSE))
    assert racine.findtext(".//h:birthplace//h:county", namespaces=HL7) == "2A004"


def test_the_used_names_are_written_when_there_are_some() -> None:
    ligne = usager("qualifie", "1").as_dict()
    with_names = parse(ecrit("trod", Usager.from_dict(ligne | {"nom_utilise": "ESSAI", "prenom_utilise": "LOU"})))
    without = parse(ecrit("trod", Usager.from_dict(ligne | {"nom_utilise": "", "prenom_utilise": ""})))
    used = "h:recordTarget//h:name/*[@qualifier='CL']/text()"
    assert with_names.xpath(used, namespaces=HL7) == ["ESSAI", "LOU"]
    assert without.xpath(used, namespaces=HL7) == []


def test_a_new_version_names_the_one_that_it_replaces() -> None:
    octets = ecrit("fiche-transfert-su", usager("qualifie", "1"), remplace="2.25.1399")
    assert (
        parse(octets).xpath("string(h:relatedDocument[@typeCode='RPLC']/h:parentDocument/h:id/@root)", namespaces=HL7)
        == "2.25.1399"
    )
    assert constats(octets) == []


@pytest.mark.parametrize("type", ["synthese-medicale", "lettre-liaison-entree-es", "lettre-liaison-sortie-es"])
def test_a_medical_document_is_signed_by_a_doctor(type: str) -> None:
    racine = parse(ecrit(type, usager("qualifie", "1"), auteur="infirmiere-ehpad"))
    professions = racine.xpath("(h:author/h:assignedAuthor | h:legalAuthenticator/h:assignedEntity)/h:code/@code", namespaces=HL7)
    assert [str(code).partition("/")[0] for code in professions] == ["G15_10", "G15_10"]


def test_every_section_and_entry_of_the_volets_is_written_at_least_once() -> None:
    vus = {m for sorte in STRUCTURES for m in _modeles(ecrit(sorte, usager("qualifie", "1")))}
    assert not set(SECTIONS_ET_ENTREES) - vus


def recit(octets: bytes) -> str:
    return " ".join("".join(t.itertext()) for t in parse(octets).iterfind(".//h:section/h:text", HL7))


def _modeles(octets: bytes) -> set[str]:
    return {str(root) for root in parse(octets).xpath("//h:structuredBody//h:templateId/@root", namespaces=HL7)}


_PCC = "1.3.6.1.4.1.19376.1.5.3.1"
SECTIONS_ET_ENTREES = (
    *(f"{_PCC}.3.{n}" for n in (23, 1, 6, 7, 8, 11, 12, 13, 19, 20, 22, 25, 28, 31, 36, 35)),
    "1.3.6.1.4.1.19376.1.7.3.1.1.13.7",
    "1.3.6.1.4.1.19376.1.7.3.1.1.13.5",
    *(f"{_PCC}.1.{n}" for n in ("12.2.5", "5.3.5", "5.3.2", "13.2.10", "25.1.4.1")),
    "1.3.6.1.4.1.19376.1.4.1.2.16",
    *(f"1.2.250.1.213.1.1.2.{n}" for n in ("37", "53", "245", "251", "253", "35.1")),
    "1.3.6.1.4.1.19376.1.3.3.2.1",
    *(
        f"{_PCC}.4.{n}"
        for n in (
            "13",
            "5.2",
            "5",
            "5.3",
            "6",
            "1.1",
            "1.2",
            "1",
            "7",
            "7.2",
            "13.1",
            "13.2",
            "19",
            "13.7",
            "2",
            "14",
            "13.4",
            "12",
        )
    ),
    "1.2.250.1.213.1.1.3.18",
    "1.3.6.1.4.1.19376.1.3.1",
    "1.3.6.1.4.1.19376.1.3.1.6",
)
