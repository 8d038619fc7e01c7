"""One DMP as the platform holds it: identity, state, who may consult it, what the patient refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ...core.people import Usager

AUTORISATIONS = ("VALIDE", "EXPIRE", "INTERDIT", "NON_EXISTE")
OPPOSITIONS = ("bris-de-glace", "acces-urgence")


@dataclass(frozen=True, slots=True)
class Authorisation:
    """The right of one professional to consult: ``etat`` is one of ``AUTORISATIONS``, ``depuis`` an HL7 time."""

    etat: str
    structure: str = ""
    depuis: str = ""


@dataclass(frozen=True, slots=True)
class Dossier:
    """One DMP. ``actif`` is False once closed; ``autorisation`` is the state of whoever has none of his own in
    ``autorisations`` (by national identifier); ``masques_en_urgence``: the patient lets masked documents be read then."""

    ins: str
    oid: str
    nom: str
    prenom: str
    sexe: str
    naissance: str
    actif: bool = True
    autorisation: str = "NON_EXISTE"
    autorisations: Mapping[str, Authorisation] = field(default_factory=dict)
    bloques: frozenset[str] = frozenset()
    oppositions: frozenset[str] = frozenset()
    medecin_traitant: str = ""
    masques_en_urgence: bool = False

    def authorisation_of(self, user: str) -> str:
        """The state of a professional's authorisation, as TD0.2 tells it: a blocked one is ``INTERDIT``."""
        if user in self.bloques:
            return "INTERDIT"
        own = self.autorisations.get(user)
        return own.etat if own is not None else self.autorisation

    def authorising(self, user: str, authorisation: Authorisation) -> Dossier:
        """The dossier once this professional has this authorisation."""
        return replace(self, autorisations={**self.autorisations, user: authorisation})


def dossier_of(usager: Usager, matricule: str, oid: str) -> Dossier:
    """The DMP of a usager under one of his matricules."""
    key = usager.cle if matricule == usager.matricule else usager.cle_insi
    return Dossier(
        ins=matricule + key,
        oid=oid,
        nom=usager.nom_naissance,
        prenom=usager.prenom,
        sexe=usager.sexe,
        naissance=usager.date_naissance.replace("-", ""),
        actif=usager.dmp != "ferme",
    )
