"""TD3.1: the stored queries that the DUI sends, and the entries that it reads in their answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from lxml import etree

from .dossier import Ins
from .ebrim import SCHEMAS_FICHE, rim, slot
from .horloge import utc_compact
from .xml import Espace

QUERY = "urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0"
APPROUVE = "urn:oasis:names:tc:ebxml-regrep:StatusType:Approved"
REMPLACE = "urn:oasis:names:tc:ebxml-regrep:StatusType:Deprecated"
ARCHIVE = "urn:asip:ci-sis:2010:StatusType:Archived"
SUPPRIME = "urn:asip:ci-sis:2010:StatusType:Deleted"
STATUTS = {"actif": APPROUVE, "archive": ARCHIVE, "remplace": REMPLACE}
HAS_MEMBER = "urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember"
RPLC = "urn:ihe:iti:2007:AssociationType:RPLC"
TROUVER, TROUVER_LOTS = "14d4debf-8f97-4251-9a74-a90016b0af0d", "f26abbcb-ac74-4422-8a30-edb644bbc1a9"
DOCUMENTS = "5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4"
LIENS, FICHES_ET_LIENS = "a7ae438b-4bc2-4642-93e9-be891f7bb155", "bab9529a-4a10-40b3-a01f-f68a615d247a"
PAR_LOT = 20

query = Espace(QUERY, "query")


@dataclass(frozen=True, slots=True)
class Filtres:
    """What the user asks for; ``""`` leaves a criterion out. Dates are ISO days."""

    type: str = ""
    depuis: str = ""
    jusqu_a: str = ""
    auteur: str = ""
    statut: str = ""


@dataclass(frozen=True, slots=True)
class Fiche:
    """An entry of the DMP, as read; ``noeud`` is its ExtrinsicObject, sent again when its visibility changes."""

    uuid: str
    lid: str
    unique_id: str
    version: str
    statut: str
    titre: str
    type: str
    classe: str
    libelle_classe: str
    auteur: str
    structures: tuple[str, ...]
    confidentialite: frozenset[str]
    entrepot: str
    empreinte: str
    noeud: etree._Element = field(repr=False, compare=False)

    @property
    def etat(self) -> str:
        """The state, as shown beside the title."""
        return {APPROUVE: "actif", ARCHIVE: "archivé", REMPLACE: "remplacé", SUPPRIME: "supprimé"}.get(self.statut, "inconnu")


@dataclass(frozen=True, slots=True)
class Trouve:
    """What a query found: entries, submission sets, associations (type, source, target), references."""

    fiches: tuple[Fiche, ...] = ()
    lots: tuple[str, ...] = ()
    liens: tuple[tuple[str, str, str], ...] = ()
    references: tuple[str, ...] = ()


def recherche(requete: str, *criteres: tuple[str, str], rend: str = "LeafClass") -> etree._Element:
    """A stored query: each criterion is the name of a parameter (without ``$``) and its value as written."""
    slots = (slot(f"${nom}", valeur) for nom, valeur in criteres if valeur)
    return query(
        "AdhocQueryRequest",
        None,
        query("ResponseOption", {"returnComposedObjects": "true", "returnType": rend}),
        rim("AdhocQuery", {"id": f"urn:uuid:{requete}"}, *slots),
    )


def trouver(ins: Ins, statuts: Iterable[str], filtres: Filtres, plus_ancien: datetime | None) -> etree._Element:
    """FindDocuments; ``plus_ancien`` bounds the search where the user gives no start."""
    debut = _jour(filtres.depuis) if filtres.depuis else utc_compact(plus_ancien) if plus_ancien is not None else ""
    return recherche(
        TROUVER,
        ("XDSDocumentEntryPatientId", _patient(ins)),
        ("XDSDocumentEntryStatus", liste(statuts)),
        ("XDSDocumentEntryTypeCode", liste([_code(filtres.type)]) if filtres.type else ""),
        ("XDSDocumentEntryCreationTimeFrom", debut),
        ("XDSDocumentEntryCreationTimeTo", _jour(filtres.jusqu_a) if filtres.jusqu_a else ""),
        ("XDSDocumentEntryAuthorPerson", liste([f"%{filtres.auteur}%"]) if filtres.auteur else ""),
    )


def lots_depuis(ins: Ins, depuis: datetime) -> etree._Element:
    """FindSubmissionSets since a moment."""
    return recherche(
        TROUVER_LOTS,
        ("XDSSubmissionSetPatientId", _patient(ins)),
        ("XDSSubmissionSetStatus", liste([APPROUVE])),
        ("XDSSubmissionSetSubmissionTimeFrom", utc_compact(depuis)),
    )


def liens_de(uuids: Iterable[str]) -> etree._Element:
    """GetAssociations."""
    return recherche(LIENS, ("uuid", liste(uuids)))


def fiches_et_liens(parametre: str, valeurs: Iterable[str]) -> etree._Element:
    """GetDocumentsAndAssociations, by ``EntryUUID`` or ``UniqueId``."""
    return recherche(FICHES_ET_LIENS, (f"XDSDocumentEntry{parametre}", liste(valeurs)))


def reference(unique_id: str) -> etree._Element:
    """GetDocuments, for the entryUUID of one document only."""
    return recherche(DOCUMENTS, ("XDSDocumentEntryUniqueId", liste([unique_id])), rend="ObjectRef")


def lire(corps: etree._Element) -> Trouve:
    """The content of an AdhocQueryResponse."""
    return Trouve(
        fiches=tuple(_fiche(noeud) for noeud in corps.iter(rim.nom("ExtrinsicObject"))),
        lots=tuple(noeud.get("id", "") for noeud in corps.iter(rim.nom("RegistryPackage"))),
        liens=tuple(
            (noeud.get("associationType", ""), noeud.get("sourceObject", ""), noeud.get("targetObject", ""))
            for noeud in corps.iter(rim.nom("Association"))
        ),
        references=tuple(noeud.get("id", "") for noeud in corps.iter(rim.nom("ObjectRef"))),
    )


def liste(valeurs: Iterable[str]) -> str:
    """Values in parentheses, quoted as SQL does."""
    return "(" + ",".join("'" + valeur.replace("'", "''") + "'" for valeur in valeurs) + ")"


def _patient(ins: Ins) -> str:
    return f"'{ins.complet}^^^&{ins.oid}&ISO^NH'"


def _code(code: str) -> str:
    systeme = "1.2.250.1.213.1.1.4.12" if code.startswith("DOCPAT") else "2.16.840.1.113883.6.1"
    return f"{code}^^{systeme}"


def _jour(iso: str) -> str:
    return f"{date.fromisoformat(iso):%Y%m%d}000000"


def _fiche(noeud: etree._Element) -> Fiche:
    classe = _classements(noeud, "classCode")
    auteurs = noeud.findall(f"{rim.nom('Classification')}[@classificationScheme='{SCHEMAS_FICHE['author']}']")
    personnes = [p for auteur in auteurs for p in _slots(auteur, "authorPerson")]
    return Fiche(
        uuid=noeud.get("id", ""),
        lid=noeud.get("lid", ""),
        unique_id=_identifiant(noeud, SCHEMAS_FICHE["uniqueId"]),
        version=_attribut(noeud, "VersionInfo", "versionName"),
        statut=noeud.get("status", ""),
        titre=_attribut(noeud, f"Name/{{{rim.uri}}}LocalizedString", "value"),
        type=next((c.get("nodeRepresentation", "") for c in _classements(noeud, "typeCode")), ""),
        classe=next((c.get("nodeRepresentation", "") for c in classe), ""),
        libelle_classe=next((_attribut(c, f"Name/{{{rim.uri}}}LocalizedString", "value") for c in classe), ""),
        auteur=" ".join(personnes[0].split("^")[1:3]) if personnes else "",
        structures=tuple(x.split("^")[9] for auteur in auteurs for x in _slots(auteur, "authorInstitution") if x.count("^") > 8),
        confidentialite=frozenset(c.get("nodeRepresentation", "") for c in _classements(noeud, "confidentialityCode")),
        entrepot=next(iter(_slots(noeud, "repositoryUniqueId")), ""),
        empreinte=next(iter(_slots(noeud, "hash")), ""),
        noeud=noeud,
    )


def _classements(noeud: etree._Element, nom: str) -> list[etree._Element]:
    return noeud.findall(f"{rim.nom('Classification')}[@classificationScheme='{SCHEMAS_FICHE[nom]}']")


def _slots(noeud: etree._Element, nom: str) -> list[str]:
    return [(v.text or "").strip() for v in noeud.iterfind(f"{rim.nom('Slot')}[@name='{nom}']//{rim.nom('Value')}")]


def _identifiant(noeud: etree._Element, schema: str) -> str:
    trouve = noeud.find(f"{rim.nom('ExternalIdentifier')}[@identificationScheme='{schema}']")
    return "" if trouve is None else trouve.get("value", "")


def _attribut(noeud: etree._Element, chemin: str, nom: str) -> str:
    trouve = noeud.find(f"{{{rim.uri}}}{chemin}")
    return "" if trouve is None else trouve.get(nom, "")
