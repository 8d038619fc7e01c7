"""Defects of the reception of mails: whose they are, duplicates, versions, removals, dangerous files, what is shown."""

from __future__ import annotations

from functools import partial
from typing import Any

from . import registre
from .registre import AVERTISSEMENT, NON_CONFORME

defaut = partial(registre.defaut, theme="MSSanté : réception et doublons")


def _regle(nom: str, description: str, check: str, exigence: str, *, effet: str = NON_CONFORME, **valeurs: Any) -> None:
    defaut(f"recu-{nom}", description, check=check, exigences=(exigence,), effet=effet, regles={"reception_mss": valeurs})


_regle(
    "rien-n-est-range",
    "laisse à rattacher à la main le document d'un usager qualifié",
    "mss.recu.filed",
    "MSS-19",
    range_les_documents=False,
)
_regle(
    "accuse-comme-un-message",
    "montre un accusé comme le message d'un professionnel",
    "mss.recu.no-receipt-mail",
    "MSS-15",
    reconnait_les_accuses=False,
)
_regle(
    "range-sans-qualification",
    "range d'office le document d'un usager qui n'est pas qualifié",
    "mss.recu.stranger",
    "MSS-19",
    range_si_ins_egale=False,
)
_regle(
    "usager-de-l-objet",
    "reconnaît l'usager par l'objet du message, non par les métadonnées",
    "mss.recu.patient-of-metadata",
    "MSS-16",
    reconnait_par_metadonnees=False,
    demande_si_ins_differe=False,
)
_regle(
    "dossier-d-un-autre",
    "range un document dans le dossier d'un autre usager sans comparer les traits",
    "observe.integre",
    "MSS-19",
    demande_si_ins_differe=False,
)
_regle("doublon-ignore", "ne reconnaît pas un document déjà reçu", "mss.recu.duplicate", "MSS-17", detecte_les_doublons=False)
_regle(
    "version-rangee-d-office",
    "range une nouvelle version comme un document nouveau",
    "mss.recu.new-version",
    "MSS-18",
    propose_les_versions=False,
)
_regle(
    "version-ancienne-acceptee",
    "ne distingue pas une version ancienne d'une nouvelle",
    "mss.recu.old-version",
    "MSS-18",
    compare_les_versions=False,
)
_regle(
    "suppression-ignoree", "ne comprend pas une suppression reçue", "mss.recu.deletion", "MSS-18", propose_les_suppressions=False
)
_regle("suppression-sans-effet", "ne retire pas le document supprimé", "observe.copies", "MSS-18", retire_les_supprimes=False)
_regle(
    "empreinte-non-verifiee",
    "range un document sans recalculer son empreinte",
    "mss.recu.damaged",
    "SSI-08",
    effet=AVERTISSEMENT,
    verifie_l_empreinte=False,
)
_regle(
    "archive-piegee",
    "ouvre une archive sans contrôler noms ni tailles",
    "mss.recu.trapped",
    "SSI-08",
    refuse_l_archive_piegee=False,
)
_regle(
    "sans-antivirus", "accepte un fichier que tout antivirus reconnaît", "mss.recu.infected", "SSI-08", cherche_les_virus=False
)
_regle("prefixe-affiche", "affiche le préfixe technique de l'objet", "mss.recu.prefix-hidden", "MSS-12", masque_le_prefixe=False)
_regle(
    "usager-confondu",
    "montre un message d'usager comme celui d'un professionnel",
    "mss.recu.sender",
    "MSS-20",
    distingue_l_usager=False,
)
_regle(
    "usager-non-nomme", "ne dit pas de quel usager parle un message", "mss.recu.usager-shown", "MSS-20", affiche_l_usager=False
)
_regle(
    "boite-videe",
    "supprime de la boîte les messages relevés",
    "mss.transport.mail-stays",
    "MSS-18",
    effet=AVERTISSEMENT,
    garde_le_message=False,
)
_regle("accuse-jamais", "ne rend jamais d'accusé de lecture", "attendu.mss", "MSS-15", rend_les_accuses=False)
_regle(
    "accuse-sans-demande",
    "rend un accusé de lecture que personne n'a demandé",
    "absent.mss",
    "MSS-15",
    rend_seulement_si_demande=False,
)
_regle("accuse-en-boucle", "rend un accusé de lecture à un accusé", "absent.mss", "MSS-15", rend_hors_boucle=False)
_regle(
    "accuses-non-rapproches",
    "ne rapproche pas les accusés reçus des messages envoyés",
    "observe.remise",
    "MSS-15",
    rapproche_les_accuses=False,
)
