"""Defects of the treatment of decisions and events, and of the sending of statuses when ViaTrajectoire fails."""

from __future__ import annotations

from functools import partial

from . import registre
from .registre import AVERTISSEMENT, NON_CONFORME

defaut = partial(registre.defaut, theme="sdo-statuts")


def _regle(
    nom: str, description: str, check: str, exigences: tuple[str, ...], effet: str = NON_CONFORME, **valeurs: object
) -> None:
    defaut(nom, description, check=check, exigences=exigences, effet=effet, regles={"sdo": valeurs})


for _champ, _dit in (
    ("id_nat_decision", "l'identifiant national de la décision"),
    ("nom_naissance", "le nom de naissance"),
    ("nature_droit", "la nature du droit"),
    ("echeance", "l'échéance du droit"),
    ("urgence", "l'urgence"),
    ("modalite", "la modalité de prise en charge"),
):
    _regle(
        f"vt-sans-{_champ.replace('_', '-')}",
        f"ne montre pas {_dit}",
        "sdo.suivi.decision-montree",
        ("VT-02",),
        champ_perdu=_champ,
    )
for _statut, _nom in (("47", "entree-ailleurs"), ("49", "annulation"), ("37", "decision-annulee"), ("46", "admission-enterinee")):
    _regle(
        f"vt-{_nom}-ignoree",
        f"ne tient pas compte du statut {_statut} venu d'ailleurs",
        "sdo.suivi.evenement-applique",
        ("VT-07",),
        statuts_ignores=frozenset({_statut}),
    )
_regle("vt-statut-en-code", "montre le code du statut sans libellé", "sdo.suivi.libelle", ("VT-08",), libelles=False)
_regle(
    "vt-lecture-tue", "n'annonce pas qu'une notification est lue", "attendu.viatrajectoire", ("VT-06",), signale_la_lecture=False
)
_regle(
    "vt-doublon-compte",
    "compte deux fois un événement",
    "sdo.suivi.doublon",
    ("VT-07",),
    AVERTISSEMENT,
    ignore_les_doublons=False,
)
_regle(
    "vt-dernier-arrive",
    "garde le dernier événement arrivé et non le plus récent",
    "sdo.suivi.plus-recent",
    ("VT-07",),
    AVERTISSEMENT,
    garde_le_plus_recent=False,
)
_regle(
    "vt-annulee-a-traiter",
    "laisse à traiter une orientation annulée",
    "sdo.suivi.annulee-fermee",
    ("VT-07",),
    ferme_ce_qui_est_annule=False,
)
_regle(
    "vt-echeance-cachee", "ne montre pas qu'un droit est échu", "sdo.suivi.echeance-montree", ("VT-09",), montre_l_echeance=False
)
_regle(
    "vt-renouvellement-en-double",
    "garde l'orientation que la nouvelle remplace",
    "sdo.suivi.renouvellement",
    ("VT-09",),
    remplace_les_renouvelees=False,
)
_regle(
    "vt-rattachement-sans-ins",
    "rattache seul une décision sans INS",
    "sdo.suivi.rapprochement",
    ("VT-02",),
    AVERTISSEMENT,
    rapproche_sans_ins=True,
)
_regle(
    "vt-identifiant-invente",
    "invente un identifiant national de décision",
    "absent.viatrajectoire",
    ("VT-02",),
    invente_l_identifiant=True,
)
_regle(
    "vt-ordre-libre",
    "laisse enregistrer un statut qui ne suit pas le précédent",
    "sdo.suivi.transition",
    ("VT-08",),
    AVERTISSEMENT,
    refuse_l_ordre_inattendu=False,
)
_regle(
    "vt-motif-facultatif",
    "laisse enregistrer sans motif un statut qui en demande un",
    "absent.viatrajectoire",
    ("VT-06",),
    exige_le_motif=False,
)
_regle("vt-evenement-perdu", "oublie un événement qui n'a pas pu partir", "sdo.reprise.apres-panne", ("VT-06",), reprend=False)
_regle(
    "vt-evenement-deux-fois",
    "envoie deux fois chaque événement",
    "sdo.reprise.envoi-unique",
    ("VT-06",),
    envois_par_evenement=2,
)
_regle(
    "vt-evenement-recrit",
    "récrit un événement avant de le renvoyer",
    "sdo.reprise.identique",
    ("VT-06",),
    AVERTISSEMENT,
    reprend_a_l_identique=False,
)
_regle(
    "vt-envois-en-rafale",
    "insiste pendant une panne de ViaTrajectoire",
    "sdo.reprise.bornee",
    ("VT-06",),
    AVERTISSEMENT,
    essais=6,
)
_regle(
    "vt-attente-tue",
    "annonce comme envoyé un événement en attente",
    "sdo.reprise.attente-annoncee",
    ("VT-06",),
    AVERTISSEMENT,
    annonce_l_envoi=False,
)
_regle(
    "vt-evenement-modifie",
    "modifie un événement par PUT au lieu d'en créer un",
    "sdo.requete.operation-prevue",
    ("VT-06",),
    modifie_par_put=True,
)
