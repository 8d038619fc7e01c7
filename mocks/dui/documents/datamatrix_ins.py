"""The INS datamatrix: the identity of a usager as a square code that a scanner reads (ANS, datamatrix INS 2.2)."""

from __future__ import annotations

from ..dossier import Ins, Traits

ENTETE = "IS01" + "0" * 22
"""Kind of content, version, and the 22 characters of a signed header, which this code does not use."""
SEPARATEUR = "\x1d"
_LONGUEURS = {"S1": 15, "S2": 20, "S3": 100, "S4": 100, "S5": 1, "S6": 10, "S7": 5}
"""The most that each field holds. A shorter one ends with a separator, save the last."""


def contenu(ins: Ins, traits: Traits) -> str:
    """The characters of the code: matricule with its key, OID, first names, birth name, sex, birth date, place of birth."""
    annee, mois, jour = traits.date_naissance.split("-")
    champs = {
        "S1": ins.complet,
        "S2": ins.oid,
        "S3": " ".join(traits.prenoms)[:100],
        "S4": traits.nom_naissance[:100],
        "S5": traits.sexe,
        "S6": f"{jour}-{mois}-{annee}",
        "S7": traits.lieu_naissance,
    }
    remplis = [(nom, valeur) for nom, valeur in champs.items() if valeur]
    return ENTETE + "".join(nom + valeur + _fin(nom, valeur, remplis[-1][0]) for nom, valeur in remplis)


def _fin(nom: str, valeur: str, dernier: str) -> str:
    return SEPARATEUR if nom != dernier and len(valeur) < _LONGUEURS[nom] else ""
