"""Many INS verified at once (provisional): the lot leaves, its result is asked for later and applied to each record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from .dossier import Dossier, Ins, Traits
from .insi_messages import ACTION, individu_verifie, verif
from .regles_ins import ReglesIns
from .soap import ReponseIllisible

DEPOT_LOT = f"{ACTION}deposerLotVerificationIns"
RESULTAT_LOT = f"{ACTION}recupererResultatLotIns"


@dataclass(slots=True)
class Lot:
    """A lot that left: the records by reference, in the order of the deposit."""

    numero: str
    dossiers: dict[str, Dossier]


@dataclass(frozen=True, slots=True)
class ResultatLot:
    """What is known of it: OK or KO by reference once it is done."""

    termine: bool
    reponses: Mapping[str, str]


def a_verifier(dossiers: Mapping[str, Dossier], regles: ReglesIns) -> dict[str, Dossier]:
    """The records that may be in a lot: those that have an INS, and no suspicion. Those of a careless DUI: all that were asked
    for and have traits to give."""
    return {
        nom: dossier
        for nom, dossier in dossiers.items()
        if dossier.identite.ins is not None and not (dossier.identite.suspecte and regles.lot_sans_les_suspectes)
    }


def appliquer(lot: Lot, resultat: ResultatLot, regles: ReglesIns) -> dict[str, str]:
    """Invalidate the INS that were denied; OK or KO by usager."""
    references = list(lot.dossiers) if regles.lot_par_reference else sorted(lot.dossiers, reverse=True)
    par_dossier = dict(zip(references, resultat.reponses.values(), strict=False))
    if regles.lot_par_reference:
        par_dossier = {nom: resultat.reponses.get(nom, "") for nom in lot.dossiers}
    for nom, reponse in par_dossier.items():
        if reponse == "KO" and regles.applique_les_ko_du_lot:
            lot.dossiers[nom].identite = lot.dossiers[nom].identite.apres_ko(regles)
    return par_dossier


def lot(identites: Mapping[str, tuple[Ins, Traits]]) -> etree._Element:
    """Many verifications at once (provisional), by reference."""
    return verif("LOTVERIF", None, *(individu_verifie(ins, traits, nom) for nom, (ins, traits) in identites.items()))


def resultat_lot(numero: str) -> etree._Element:
    """The request of the result of a lot (provisional)."""
    return verif("RESLOT", None, verif("IdLot", None, numero))


def lire_depot(corps: etree._Element) -> str:
    """The number of a lot; raises ``ReponseIllisible`` when there is none."""
    numero = corps.findtext(verif.nom("IdLot")) or ""
    if not numero:
        raise ReponseIllisible("réponse d'INSi sans numéro de lot")
    return numero


def lire_resultat_lot(corps: etree._Element) -> ResultatLot:
    """Whether the lot is done, and OK or KO by reference, in the order of the answer."""
    reponses = {
        individu.get("Reference", ""): (individu.findtext(verif.nom("Reponse")) or "").strip()
        for individu in corps.iterfind(verif.nom("Individu"))
    }
    return ResultatLot((corps.findtext(verif.nom("Etat")) or "") == "TERMINE", reponses)
