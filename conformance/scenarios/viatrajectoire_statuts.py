"""ViaTrajectoire : les statuts que le DUI envoie, leurs motifs et leurs unités (SDO-08 et 09)."""

from __future__ import annotations

from ..checks.sdo_evenement import event_says_the_reason_entered, event_says_the_status_entered
from ..checks.sdo_reprise import event_is_accepted_once
from ..checks.sdo_suivi import status_is_shown_in_words
from ..core.campaign import Campaign
from ..core.gestures.orientation import ChangerStatutOrientation
from ..core.people import Usager
from .viatrajectoire_appels import EVENEMENT, SANS_UNITE, consulter, notifie, ouvrir, recevoir

ENVOI = ("VT-06", "VT-08")


def test_contact_puis_liste_d_attente(c: Campaign) -> None:
    """Contact effectué, puis liste d'attente : en cours d'analyse, admissible, admis."""
    usager = notifie(c)
    ouvrir(c, usager, ENVOI)
    _changer(c, usager, "41", "151")
    _changer(c, usager, "42")
    _changer(c, usager, "72")
    _changer(c, usager, "71")
    c.require(status_is_shown_in_words, consulter(c, usager))


def test_entree_puis_sortie(c: Campaign) -> None:
    """Entrée de l'usager dans une unité, puis sortie avec son motif."""
    unite = c.settings.viatrajectoire.unites[0]
    usager = notifie(c)
    ouvrir(c, usager, ENVOI)
    _changer(c, usager, "47", unite=unite, statut_unite="186")
    _changer(c, usager, "48", unite=unite, statut_unite="188", motif_unite="89")
    c.require(event_is_accepted_once, *c.viatrajectoire.seen(EVENEMENT))


def test_periode_d_essai(c: Campaign) -> None:
    """Période d'essai dans une unité, puis essai non concluant, avec son motif."""
    unite = c.settings.viatrajectoire.unites[-1]
    usager = notifie(c)
    ouvrir(c, usager, ENVOI)
    _changer(c, usager, "43", unite=unite, statut_unite="185")
    _changer(c, usager, "44", unite=unite, statut_unite="181", motif_unite="84")


def test_admission_impossible(c: Campaign) -> None:
    """Admission impossible signalée, avec son motif, puis notification réactivée."""
    usager = notifie(c)
    ouvrir(c, usager, ENVOI)
    _changer(c, usager, "45", "122")
    _changer(c, usager, "54", "168")


def test_reorientation(c: Campaign) -> None:
    """Usager entré, puis demande de réorientation, avec son motif."""
    usager = notifie(c)
    ouvrir(c, usager, ENVOI)
    _changer(c, usager, "47")
    _changer(c, usager, "51", "92")


def test_motif_oublie(c: Campaign) -> None:
    """Un statut qui demande un motif, sans motif : le DUI ne l'envoie pas ainsi."""
    usager = notifie(c)
    lu = ouvrir(c, usager, ENVOI)
    geste = c.do(ChangerStatutOrientation(usager.id, statut="45"))
    c.viatrajectoire.absent(EVENEMENT, control=lu, during=geste, pour=("VT-06",))


def test_unite_oubliee(c: Campaign) -> None:
    """Un statut d'unité sans unité : le DUI n'envoie pas d'événement sans l'unité et sa description."""
    usager = notifie(c)
    lecture = recevoir(c, usager, ("VT-06",))
    geste = c.do(ChangerStatutOrientation(usager.id, statut="41", motif="151", statut_unite="182"))
    c.viatrajectoire.absent(SANS_UNITE, control=lecture, during=geste, pour=("VT-06", "VT-10"))


def test_ordre_des_statuts(c: Campaign) -> None:
    """Admission impossible signalée : l'entrée ne s'enregistre plus sans réactivation (ordre provisoire)."""
    usager = notifie(c)
    ouvrir(c, usager, ENVOI)
    _changer(c, usager, "45", "122")
    c.do(ChangerStatutOrientation(usager.id, statut="47"))
    for envoi in c.viatrajectoire.seen(EVENEMENT):
        c.expect("SDO-EVENEMENT", envoi, pour=("VT-08",))


def _changer(
    c: Campaign,
    usager: Usager,
    statut: str,
    motif: str = "",
    *,
    unite: str = "",
    statut_unite: str = "",
    motif_unite: str = "",
) -> None:
    geste = c.do(ChangerStatutOrientation(usager.id, statut, motif, unite, statut_unite, motif_unite))
    envoi = c.viatrajectoire.wait_for(EVENEMENT.of(usager), after=geste, pour=ENVOI)
    c.expect("SDO-EVENEMENT", envoi)
    c.require(event_says_the_status_entered, geste, envoi)
    c.require(event_says_the_reason_entered, geste, envoi)
