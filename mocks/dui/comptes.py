"""Local accounts of professionals, and the work situation that signs documents and feeds assertions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ...core.people import Professionnel
from .configuration import StructureLocale
from .jetons import JetonRefuse

G15 = "1.2.250.1.71.1.2.7"
R01 = "1.2.250.1.71.4.2.5"
G05 = "1.2.250.1.71.4.2.6"
R94 = "1.2.250.1.213.1.6.1.4"
SPECIALITES = "1.2.250.1.213.1.1.4.5"

_LIBELLES_PROFESSION = {
    "10": "Médecin",
    "21": "Pharmacien",
    "35": "Aide-soignant",
    "60": "Infirmier",
    "70": "Masseur-kinésithérapeute",
    "91": "Orthophoniste",
    "94": "Ergothérapeute",
    "95": "Diététicien",
    "96": "Psychomotricien",
    "51": "Educateur spécialisé",
}
_LIBELLES_SPECIALITE = {
    "G15_10/SM03": "Médecin - Biologie médicale (SM)",
    "G15_10/SM26": "Médecin - Qualifié en Médecine Générale (SM)",
    "G15_21/H": "Pharmacien d'établissement de santé",
}
_SOCIALES = frozenset({"41", "42", "43", "44", "45", "46", "47", "48", "49", "51", "52", "53"})


@dataclass(frozen=True, slots=True)
class Situation:
    """One way in which a professional works: what he may choose at login when he has several."""

    profession: str
    savoir_faire: str
    secteur: str
    libelle: str


@dataclass(frozen=True, slots=True)
class Role:
    """A coded role of an assertion."""

    code: str
    systeme: str
    libelle: str


@dataclass(frozen=True, slots=True)
class Utilisateur:
    """A professional at work. ``id_nat`` is the national identifier (``8`` + RPPS for those who have one)."""

    compte: str
    id_nat: str
    nom: str
    prenom: str
    civilite: str = ""
    profession: str = ""
    savoir_faire: str = ""
    secteur: str = ""
    situations: tuple[Situation, ...] = ()

    def en_situation(self, rang: int) -> Utilisateur:
        """The same person, in another of his situations."""
        choisie = self.situations[rang]
        return replace(self, profession=choisie.profession, savoir_faire=choisie.savoir_faire, secteur=choisie.secteur)

    @property
    def libelle(self) -> str:
        """As shown to a reader of the assertion: first name then name."""
        return f"{self.prenom} {self.nom}".upper()

    @property
    def libelle_profession(self) -> str:
        """French label of the profession."""
        return _LIBELLES_PROFESSION.get(self.profession, self.profession)

    @property
    def roles(self) -> tuple[Role, ...]:
        """Profession, then the specialty of a doctor or the section of a pharmacist."""
        systeme = R94 if self.profession in _SOCIALES else G15
        roles = [Role(self.profession, systeme, self.libelle_profession)]
        if self.profession == "10" and self.savoir_faire:
            roles.append(Role(self.savoir_faire, R01, "Qualifié en Médecine Générale (SM)"))
        if self.profession == "21" and self.savoir_faire:
            roles.append(Role(self.savoir_faire, G05, f"Section {self.savoir_faire}"))
        return tuple(roles)

    @property
    def specialite(self) -> Role:
        """As the author of a document: profession and specialty in one code."""
        suite = f"/{self.savoir_faire}" if self.profession in ("10", "21") and self.savoir_faire else ""
        code = f"G15_{self.profession}{suite}"
        return Role(code, SPECIALITES, _LIBELLES_SPECIALITE.get(code, self.libelle_profession))


class Comptes:
    """The accounts. One PSC identity is one account, found by its national identifier, never by its name."""

    def __init__(self, structure: StructureLocale, *, rapproche_par: str = "identifiant", accepte_sans_rpps: bool = True) -> None:
        self._structure = structure
        self._rapproche_par = rapproche_par
        self._accepte_sans_rpps = accepte_sans_rpps
        self._comptes: dict[str, Utilisateur] = {}

    def local(self, personne: Professionnel) -> Utilisateur:
        """An account opened by the administrator, used when nobody came through Pro Santé Connect."""
        utilisateur = Utilisateur(
            compte=f"compte-{personne.id_nat}",
            id_nat=personne.id_nat,
            nom=personne.nom,
            prenom=personne.prenom,
            civilite=personne.civilite,
            profession=personne.profession,
            savoir_faire=personne.savoir_faire,
            secteur=self._structure.secteur_activite,
        )
        return self._comptes.setdefault(self._cle(utilisateur, "psc"), utilisateur)

    def rapprocher(self, userinfo: Mapping[str, Any], fournisseur: str = "psc") -> Utilisateur:
        """The account of an identity, opened at its first login whatever the provider, with its work situation of this login."""
        lu = lire_userinfo(userinfo, self._structure)
        if not lu.situations and not self._accepte_sans_rpps:
            raise JetonRefuse("aucune profession enregistrée pour cette personne")
        cle = self._cle(lu, fournisseur)
        if fournisseur != "psc" and cle in self._comptes:
            return self._comptes[cle]
        compte = self._comptes[cle].compte if cle in self._comptes else f"compte-{cle}"
        self._comptes[cle] = replace(lu, compte=compte)
        return self._comptes[cle]

    def _cle(self, utilisateur: Utilisateur, fournisseur: str) -> str:
        match self._rapproche_par:
            case "connexion":
                return f"{utilisateur.id_nat}|{len(self._comptes)}"
            case "fournisseur":
                return utilisateur.id_nat + ("" if fournisseur == "psc" else f"|{fournisseur}")
            case "nom":
                return f"{utilisateur.nom}|{utilisateur.prenom}"
            case "structure":
                return f"{utilisateur.profession}|{utilisateur.secteur}"
        return utilisateur.id_nat


def lire_userinfo(userinfo: Mapping[str, Any], structure: StructureLocale) -> Utilisateur:
    """Who this is and in which situation he works; missing data is an empty string or an absent key."""
    id_nat = _identifiant(userinfo)
    situations = list(_situations(userinfo))
    exercice, activite = next((s for s in situations if _est_ici(s[1], structure)), situations[0] if situations else ({}, {}))
    savoir_faire = exercice.get("codeSavoirFaire") or activite.get("codeSectionPharmacien") or ""
    return Utilisateur(
        compte=f"compte-{id_nat}",
        id_nat=id_nat,
        nom=exercice.get("nomDexercice") or str(userinfo.get("family_name", "")),
        prenom=exercice.get("prenomDexercice") or str(userinfo.get("given_name", "")),
        civilite=exercice.get("codeCiviliteDexercice") or str(userinfo.get("codeCivilite", "")),
        profession=exercice.get("codeProfession", ""),
        savoir_faire=savoir_faire,
        secteur=activite.get("codeSecteurDactivite") or structure.secteur_activite,
        situations=tuple(_situation(*une, structure) for une in situations),
    )


def _identifiant(userinfo: Mapping[str, Any]) -> str:
    """The national identifier, which an ordinary provider states as an RPPS number, without its leading 8."""
    if userinfo.get("rpps"):
        return f"8{userinfo['rpps']}"
    return str(userinfo.get("SubjectNameID") or userinfo.get("preferred_username") or userinfo["sub"])


def _situation(exercice: Mapping[str, Any], activite: Mapping[str, Any], structure: StructureLocale) -> Situation:
    profession = exercice.get("codeProfession", "")
    lieu = activite.get("raisonSocialeSite") or activite.get("enseigneCommercialeSite") or "lieu non précisé"
    return Situation(
        profession=profession,
        savoir_faire=exercice.get("codeSavoirFaire") or activite.get("codeSectionPharmacien") or "",
        secteur=activite.get("codeSecteurDactivite") or structure.secteur_activite,
        libelle=f"{_LIBELLES_PROFESSION.get(profession, profession)}, {lieu}",
    )


def _situations(userinfo: Mapping[str, Any]) -> list[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    reference = userinfo.get("SubjectRefPro") or {}
    return [(exercice, activite) for exercice in reference.get("exercices", ()) for activite in exercice.get("activities", ())]


def _est_ici(activite: Mapping[str, Any], structure: StructureLocale) -> bool:
    return structure.finess_eg == activite.get("numeroFinessSite") or structure.finess_ej == activite.get(
        "numeroFinessetablissementJuridique"
    )
