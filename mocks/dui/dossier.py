"""The usagers that the DUI knows: their identity, its status, and the rules by which it changes (RNIV).

Two facts make the status: a controlled document of high confidence, and an INS returned by INSi.

============  =========  ============
status        document   INS of INSi
============  =========  ============
provisoire    no         no
récupérée     no         yes
validée       yes        no
qualifiée     yes        yes
============  =========  ============
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from ...core.people import Usager
from .regles import ReglesIns


class Statut(StrEnum):
    """Identity status, as shown without clicking."""

    PROVISOIRE = "provisoire"
    RECUPEREE = "recuperee"
    VALIDEE = "validee"
    QUALIFIEE = "qualifiee"


BLOQUANTS = frozenset({"douteuse", "fictive"})
"""Attributes that hold the identity at *provisoire* and forbid any call to INSi."""

_AVEC_INS = {Statut.PROVISOIRE: Statut.RECUPEREE, Statut.VALIDEE: Statut.QUALIFIEE}
_AVEC_PIECE = {Statut.PROVISOIRE: Statut.VALIDEE, Statut.RECUPEREE: Statut.QUALIFIEE}
_SANS_INS = {Statut.RECUPEREE: Statut.PROVISOIRE, Statut.QUALIFIEE: Statut.VALIDEE}


@dataclass(frozen=True, slots=True)
class Ins:
    """A matricule (13 characters), its key and the OID that says its nature: the three never go one without the others."""

    matricule: str
    cle: str
    oid: str

    @property
    def complet(self) -> str:
        """The 15 characters that messages carry."""
        return self.matricule + self.cle


@dataclass(frozen=True, slots=True)
class Traits:
    """The strict traits. ``date_naissance`` is ISO, ``lieu_naissance`` a COG code of five characters."""

    nom_naissance: str
    prenoms: tuple[str, ...]
    sexe: str
    date_naissance: str
    lieu_naissance: str


@dataclass(frozen=True, slots=True)
class Identite:
    """An identity at one moment. ``ins`` is None unless INSi gave it, or a third party did and INSi has not denied it."""

    traits: Traits
    statut: Statut
    ins: Ins | None = None
    attributs: frozenset[str] = frozenset()
    historique: tuple[Ins, ...] = ()

    @property
    def suspecte(self) -> bool:
        """True when an attribute forbids to call INSi."""
        return bool(self.attributs & BLOQUANTS)

    @property
    def diffusable(self) -> bool:
        """True when the INS may leave the DUI."""
        return self.statut is Statut.QUALIFIEE and self.ins is not None and not self.suspecte

    def avec_retour_insi(self, ins: Ins, traits: Traits, historique: tuple[Ins, ...], regles: ReglesIns) -> Identite:
        """INSi found this person: its traits replace ours, exactly as received."""
        statut = _AVEC_INS.get(self.statut, self.statut)
        if regles.qualifie_sans_piece:
            statut = Statut.QUALIFIEE
        gardee = ins if regles.garde_l_oid else replace(ins, oid="")
        gardes = traits if regles.remplace_les_traits else self.traits
        return replace(self, traits=gardes, ins=gardee, statut=statut, historique=historique)

    def avec_piece(self, regles: ReglesIns) -> Identite:
        """An identity document of high confidence was controlled."""
        if regles.piece_vaut_qualification:
            return replace(self, statut=Statut.QUALIFIEE)
        return replace(self, statut=_AVEC_PIECE.get(self.statut, self.statut))

    def marquee(self, attribut: str, regles: ReglesIns) -> Identite:
        """Douteuse or fictive: back to *provisoire*, without matricule or OID. Another attribute changes nothing else."""
        marquee = replace(self, attributs=self.attributs | {attribut})
        if attribut not in BLOQUANTS:
            return marquee
        if regles.retrograde_si_suspecte:
            marquee = replace(marquee, statut=Statut.PROVISOIRE)
        return replace(marquee, ins=None) if regles.efface_l_ins_si_suspecte else marquee

    def apres_ko(self, regles: ReglesIns) -> Identite:
        """INSi denies the INS: it is invalidated and the status goes back."""
        if regles.conserve_ins_si_ko:
            return self
        return replace(self, statut=_SANS_INS.get(self.statut, self.statut), ins=None)


@dataclass(slots=True)
class Dossier:
    """The record of one usager. ``opposition`` is None until it was asked; ``dmp_existe`` until the DMP said so. The two other
    oppositions are to mails: to professionals, to himself."""

    id: str
    identite: Identite
    ipp: str
    carte_vitale: Ins | None
    nom_utilise: str = ""
    prenom_utilise: str = ""
    opposition: bool | None = None
    opposition_professionnel: bool = False
    opposition_usager: bool = False
    dmp_existe: bool | None = None
    choix_precedent: bool = False
    documents: list[str] = field(default_factory=list)


class UsagerInconnu(LookupError):
    """The DUI has no record of this usager."""


class Dossiers:
    """The store."""

    def __init__(self) -> None:
        self._par_id: dict[str, Dossier] = {}

    def __iter__(self) -> Iterator[Dossier]:
        return iter(self._par_id.values())

    def creer(self, donnees: Mapping[str, Any]) -> Dossier:
        """A new record (or the same one, made anew) from the wire form of a usager."""
        usager = Usager.from_dict(donnees)
        ins = Ins(usager.matricule, usager.cle, usager.oid) if usager.matricule else None
        carte = Ins(usager.matricule_insi, usager.cle_insi, usager.oid_insi) if usager.matricule_insi else ins
        traits = Traits(usager.nom_naissance, usager.prenoms, usager.sexe, usager.date_naissance, usager.lieu_naissance)
        identite = Identite(traits, Statut(usager.statut), ins, frozenset(usager.attributs))
        dossier = Dossier(
            usager.id,
            identite,
            ipp=usager.ipp or usager.id,
            carte_vitale=carte,
            nom_utilise=usager.nom_utilise,
            prenom_utilise=usager.prenom_utilise,
        )
        self._par_id[usager.id] = dossier
        return dossier

    def trouver(self, id: str) -> Dossier:
        """The record of a usager; raises ``UsagerInconnu``."""
        if id not in self._par_id:
            raise UsagerInconnu(f"Usager inconnu du DUI : {id}.")
        return self._par_id[id]
