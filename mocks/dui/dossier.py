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
from .regles_ins import ReglesDossiers, ReglesIns


class Statut(StrEnum):
    """Identity status, as shown without clicking."""

    PROVISOIRE = "provisoire"
    RECUPEREE = "recuperee"
    VALIDEE = "validee"
    QUALIFIEE = "qualifiee"


OID_NIR = "1.2.250.1.213.1.4.8"
STRICTS = ("nom_naissance", "prenoms", "sexe", "date_naissance", "lieu_naissance")

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

    def porte(self, matricule: str) -> bool:
        """True for its INS, or one that it had."""
        return any(ins.matricule == matricule[:13] for ins in (self.ins, *self.historique) if ins is not None)

    def avec_retour_insi(
        self, ins: Ins, traits: Traits, historique: tuple[Ins, ...], regles: ReglesIns, dossiers: ReglesDossiers
    ) -> Identite:
        """INSi found this person: its traits replace ours, exactly as received."""
        statut = _AVEC_INS.get(self.statut, self.statut)
        if regles.qualifie_sans_piece:
            statut = Statut.QUALIFIEE
        if not dossiers.oid_rendu:
            ins = replace(ins, oid=OID_NIR)
        gardee = ins if regles.garde_l_oid else replace(ins, oid="")
        gardes = traits if regles.remplace_les_traits else self.traits
        if not dossiers.lieu_rendu:
            gardes = replace(gardes, lieu_naissance=self.traits.lieu_naissance)
        passes = historique if dossiers.garde_l_historique else ()
        return replace(self, traits=gardes, ins=gardee, statut=statut, historique=passes)

    def avec_piece(self, regles: ReglesIns) -> Identite:
        """An identity document of high confidence was controlled."""
        if regles.piece_vaut_qualification:
            return replace(self, statut=Statut.QUALIFIEE)
        return replace(self, statut=_AVEC_PIECE.get(self.statut, self.statut))

    def marquee(self, attribut: str, regles: ReglesIns, dossiers: ReglesDossiers) -> Identite:
        """Douteuse or fictive: back to *provisoire*, without matricule or OID. Another attribute changes nothing else."""
        if attribut == "douteuse" and not dossiers.douteuse_exclut_la_diffusion:
            return self
        marquee = replace(self, attributs=self.attributs | {attribut})
        if attribut not in BLOQUANTS:
            return marquee
        if regles.retrograde_si_suspecte:
            marquee = replace(marquee, statut=Statut.PROVISOIRE)
        return replace(marquee, ins=None) if regles.efface_l_ins_si_suspecte else marquee

    def demarquee(self, attribut: str, dossiers: ReglesDossiers) -> Identite:
        """The attribute is taken away; the status does not come back by itself."""
        libre = replace(self, attributs=self.attributs - {attribut})
        return libre if dossiers.doute_leve_reste_provisoire else replace(libre, statut=Statut.VALIDEE)

    def refuse_l_attribut(self, attribut: str, dossiers: ReglesDossiers) -> bool:
        """True when the attributes would not go together: *fictive* goes with no other."""
        if not dossiers.fictive_reste_seule:
            return False
        autres = self.attributs - {attribut}
        return bool(autres) if attribut == "fictive" else "fictive" in autres

    def verrouille(self, trait: str, dossiers: ReglesDossiers) -> bool:
        """True when this trait comes from INSi and no user may change it."""
        return self.ins is not None and trait in dossiers.traits_verrouilles

    def modifiee(self, trait: str, valeur: str) -> Identite:
        """The strict trait as the user wrote it."""
        lue: Any = tuple(valeur.split()) if trait == "prenoms" else valeur
        return replace(self, traits=replace(self.traits, **{trait: lue}))

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
    contenus: dict[str, bytes] = field(default_factory=dict)


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

    def ouvrir(self, id: str, identite: Identite) -> Dossier:
        """A record for an identity that came from elsewhere, without its card."""
        dossier = Dossier(id, identite, ipp=id, carte_vitale=None)
        self._par_id[id] = dossier
        return dossier

    def homonymes(self, traits: Traits) -> list[Dossier]:
        """The records of that name, those first names and that sex, the oldest first."""
        cle = (traits.nom_naissance, traits.prenoms, traits.sexe)
        tous = self._par_id.values()
        return [d for d in tous if (d.identite.traits.nom_naissance, d.identite.traits.prenoms, d.identite.traits.sexe) == cle]

    def trouver(self, id: str) -> Dossier:
        """The record of a usager; raises ``UsagerInconnu``."""
        if id not in self._par_id:
            raise UsagerInconnu(f"Usager inconnu du DUI : {id}.")
        return self._par_id[id]
