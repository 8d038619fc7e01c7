"""What the screen says of a DMP and of its documents."""

from __future__ import annotations

from collections.abc import Mapping

from .dmp import Acces
from .dmp_recherche import APPROUVE, Fiche
from .regles_consultation import ReglesConsultation


def etat(acces: Acces | None, regles: ReglesConsultation) -> Mapping[str, str]:
    """The state of the DMP and the right of the user, shown without a click."""
    if acces is None:
        return {"dmp": "inconnu", "acces": "inconnu"}
    dmp, autorisation = acces.dmp.value, acces.autorisation
    if (dmp == "absent" and not regles.montre_l_absence) or (dmp == "ferme" and not regles.montre_la_fermeture):
        dmp = "ouvert"
    tait = (not regles.montre_le_droit and autorisation in ("NON_EXISTE", "EXPIRE")) or (
        not regles.montre_l_interdiction and autorisation == "INTERDIT"
    )
    permis = tait or autorisation == "VALIDE"
    return {"dmp": dmp, "acces": "autorise" if permis and dmp == "ouvert" else "non autorise"}


def signalement(fiche: Fiche, regles: ReglesConsultation) -> str:
    """What the list says beside a title; ``""`` for an ordinary document."""
    codes, mots = fiche.confidentialite, []
    if "INVISIBLE_PATIENT" in codes and regles.signale_invisible_usager:
        mots.append("invisible à l'usager")
    if "INVISIBLE_REPRESENTANTS_LEGAUX" in codes and regles.signale_invisible_representants:
        mots.append("invisible aux représentants légaux")
    if "MASQUE_PS" in codes and regles.signale_masque:
        mots.append("masqué aux professionnels")
    if fiche.statut != APPROUVE and regles.signale_le_statut:
        mots.append(fiche.etat)
    return f"{fiche.titre} : {', '.join(mots)}" if mots else ""


def avertissement(fiche: Fiche, regles: ReglesConsultation) -> str:
    """What is said when a document is opened."""
    if "INVISIBLE_PATIENT" in fiche.confidentialite and regles.avertit_invisible_usager:
        return "Ce document n'a pas encore été rendu visible à l'usager."
    if "INVISIBLE_REPRESENTANTS_LEGAUX" in fiche.confidentialite and regles.avertit_invisible_representants:
        return "Ce document n'est pas visible des représentants légaux de l'usager."
    return ""
