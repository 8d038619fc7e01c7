"""What the DUI knows of the DMP of each usager: his choice, the last test of existence, the documents listed and kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from lxml import etree

from .dmp import Acces
from .dmp_recherche import Fiche

SOUS_DOSSIERS = {
    "10": "Comptes rendus",
    "11": "Synthèses",
    "31": "Imagerie",
    "42": "Prescriptions",
    "52": "Certificats",
    "90": "Documents de l'usager",
}
_HL7 = {"h": "urn:hl7-org:v3"}


@dataclass(slots=True)
class Integre:
    """A document of the DMP kept in the record: where it came from, where it is filed, what is known of it since."""

    fiche: Fiche
    set_id: str
    provenance: str
    sous_dossier: str
    statut: str = "intégré"
    copies: int = 1


@dataclass(slots=True)
class Suivi:
    """One usager. ``consentement`` is None until asked; ``equipe``: who asked is of the care team; ``utilisable``: a consent
    asked outside of the team that has not served yet."""

    consentement: bool | None = None
    consenti: bool = False
    equipe: bool = True
    utilisable: bool = False
    secteur: str = ""
    acces: dict[str, Acces] = field(default_factory=dict)
    derniere_recherche: datetime | None = None
    fiches: dict[str, Fiche] = field(default_factory=dict)
    integres: dict[str, Integre] = field(default_factory=dict)
    motifs: list[str] = field(default_factory=list)
    en_urgence: bool = False

    def choisir(self, *, accord: bool, equipe: bool) -> None:
        """Record the choice of the usager."""
        self.consentement, self.equipe, self.utilisable = accord, equipe, accord
        self.consenti = self.consenti or accord

    def connaitre(self, fiches: list[Fiche]) -> None:
        """Remember the entries that were listed."""
        self.fiches |= {fiche.unique_id: fiche for fiche in fiches}

    def du_meme_ensemble(self, set_id: str) -> Integre | None:
        """A kept version of the same document."""
        return next((kept for kept in self.integres.values() if set_id and kept.set_id == set_id), None)


@dataclass(slots=True)
class Suivis:
    """Those of every usager, by id."""

    _par_usager: dict[str, Suivi] = field(default_factory=dict)

    def de(self, usager: str) -> Suivi:
        """The one of this usager."""
        return self._par_usager.setdefault(usager, Suivi())


def integre(fiche: Fiche, octets: bytes, *, provenance: bool, par_type: bool) -> Integre:
    """A document that is kept."""
    return Integre(
        fiche,
        set_id=_set_id(octets),
        provenance=f"DMP ({fiche.auteur})" if provenance else "",
        sous_dossier=SOUS_DOSSIERS.get(fiche.classe, "Autres documents") if par_type else "Divers",
    )


def nouveautes(fiches: list[Fiche], ici: str, *, compte_les_siens: bool) -> Mapping[str, int]:
    """How many new documents of others, by class."""
    compte: dict[str, int] = {}
    for fiche in fiches:
        if compte_les_siens or ici not in fiche.structures:
            compte[fiche.libelle_classe] = compte.get(fiche.libelle_classe, 0) + 1
    return compte


def _set_id(octets: bytes) -> str:
    try:
        racine = etree.fromstring(octets, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
    except etree.XMLSyntaxError:
        return ""
    return str(racine.xpath("string(h:setId/@root)", namespaces=_HL7))
