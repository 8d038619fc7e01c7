"""Identities that come from a third party: verified by INSi, then matched with a record or put in a new one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ...core.people import Usager
from .dossier import Dossier, Dossiers, Identite, Ins, Statut, Traits
from .regles_ins import ReglesDossiers, ReglesIns

ALERTE_KO = "INSi ne confirme pas l'INS reçue : elle n'est pas enregistrée."
ALERTE_DOUBLON = "Cette identité est déjà dans un dossier, avec d'autres traits : à rapprocher."


@dataclass(frozen=True, slots=True)
class Recue:
    """What was received."""

    id: str
    traits: Traits
    ins: Ins

    @classmethod
    def lire(cls, donnees: Mapping[str, Any]) -> Recue:
        """From the wire form of a usager."""
        usager = Usager.from_dict(donnees)
        traits = Traits(usager.nom_naissance, usager.prenoms, usager.sexe, usager.date_naissance, usager.lieu_naissance)
        return cls(usager.id, traits, Ins(usager.matricule, usager.cle, usager.oid))


@dataclass(frozen=True, slots=True)
class Suite:
    """What became of it; ``dossier`` is None when none holds it."""

    dossier: Dossier | None
    integree: bool
    alerte: str = ""


@dataclass(frozen=True, slots=True)
class Reception:
    """Puts what is received where it goes."""

    dossiers: Dossiers
    regles: ReglesDossiers
    regles_ins: ReglesIns

    def ranger(self, recue: Recue, reponse: str) -> Suite:
        """``reponse`` is what INSi said of the INS received: OK, KO, or ``""`` when it could not be asked."""
        existant = self._existant(recue)
        if reponse != "OK" and self.regles.n_integre_pas_si_ko:
            return self._refusee(recue, existant, reponse)
        if existant is None:
            return Suite(self.dossiers.ouvrir(recue.id, self._nouvelle(recue)), True)
        if existant.identite.traits != recue.traits and existant.identite.ins is not None:
            return Suite(existant, False, ALERTE_DOUBLON)
        existant.identite = self._avec(existant.identite, recue)
        return Suite(existant, True)

    def _refusee(self, recue: Recue, existant: Dossier | None, reponse: str) -> Suite:
        alerte = (
            ALERTE_KO if reponse else "INSi est injoignable : l'INS reçue n'est pas enregistrée."
        ) * self.regles.alerte_si_ko
        if existant is not None:
            if not self.regles.laisse_l_existante_si_ko:
                existant.identite = replace(existant.identite, ins=recue.ins, statut=Statut.RECUPEREE)
            return Suite(existant, False, alerte)
        gardee = None if self.regles.cree_sans_matricule_si_ko else recue.ins
        statut = Statut.PROVISOIRE if gardee is None else Statut.RECUPEREE
        return Suite(self.dossiers.ouvrir(recue.id, Identite(recue.traits, statut, gardee)), False, alerte)

    def _existant(self, recue: Recue) -> Dossier | None:
        """The record of that matricule, active or past, else of the same strict traits."""
        if self.regles.rapproche_par_matricule:
            for dossier in self.dossiers:
                if dossier.identite.porte(recue.ins.matricule):
                    return dossier
        return next((d for d in self.dossiers if d.identite.traits == recue.traits), None)

    def _nouvelle(self, recue: Recue) -> Identite:
        """Known of INSi, not controlled here: récupérée, whatever the third party said."""
        statut = Statut.RECUPEREE if self.regles.requalifie_localement else Statut.QUALIFIEE
        return Identite(recue.traits, statut, recue.ins)

    def _avec(self, identite: Identite, recue: Recue) -> Identite:
        if identite.ins is not None:
            return identite
        return identite.avec_retour_insi(recue.ins, recue.traits, (), self.regles_ins, self.regles)
