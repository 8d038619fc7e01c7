"""Defects of rights and visibility: what is asked, shown or hidden against them; emergency; what is kept and watched."""

from __future__ import annotations

from functools import partial

from . import registre
from .registre import AVERTISSEMENT, NON_CONFORME

defaut = partial(registre.defaut, theme="dmp-droits")


def _droits(nom: str, description: str, check: str, exigence: str, *, effet: str = NON_CONFORME, **regles: object) -> None:
    defaut(f"droits-{nom}", description, check=check, exigences=(exigence,), effet=effet, regles={"consultation": regles})


_droits(
    "interdit-force", "cherche pour un professionnel que l'usager a bloqué", "absent.dmp", "DMP-CONS-06", respecte_interdit=False
)
_droits(
    "masque-tu",
    "ne distingue pas un document masqué aux professionnels",
    "dmp.liste.flagged",
    "DMP-CONS-15",
    signale_masque=False,
)
_droits(
    "invisible-tu",
    "ne distingue pas un document invisible à l'usager",
    "dmp.liste.flagged",
    "DMP-CONS-15",
    signale_invisible_usager=False,
)
_droits(
    "invisible-representants-tu",
    "ne distingue pas un document invisible aux représentants légaux",
    "dmp.liste.flagged",
    "DMP-CONS-15",
    signale_invisible_representants=False,
)
_droits(
    "statut-tu", "ne distingue pas un document archivé ou remplacé", "dmp.liste.flagged", "DMP-CONS-15", signale_le_statut=False
)
_droits(
    "sans-avertissement",
    "ouvre sans avertir un document invisible à l'usager",
    "dmp.liste.warned",
    "DMP-CONS-17",
    avertit_invisible_usager=False,
)
_droits(
    "sans-avertissement-representants",
    "ouvre sans avertir un document invisible aux représentants légaux",
    "dmp.liste.warned",
    "DMP-CONS-17",
    avertit_invisible_representants=False,
)
_droits(
    "refus-tu", "dit affiché un document que le DMP a refusé", "dmp.document.failure-told", "DMP-CONS-17", montre_le_refus=False
)
_droits("echec-tu", "dit affiché un document reçu tronqué", "dmp.document.failure-told", "DMP-CONS-17", montre_l_echec=False)
_droits(
    "empreinte-ignoree",
    "affiche un document dont l'empreinte n'est pas celle de la liste",
    "dmp.document.failure-told",
    "DMP-CONS-17",
    effet=AVERTISSEMENT,
    verifie_l_empreinte=False,
)
_droits("base64-illisible", "ne lit pas un document rendu en base64", "dmp.document.shown", "DMP-CONS-17", lit_le_base64=False)
_droits(
    "sans-provenance",
    "ne dit pas d'où vient un document intégré",
    "dmp.integration.provenance",
    "DMP-CONS-18",
    garde_la_provenance=False,
)
_droits(
    "en-vrac", "range ensemble tous les documents intégrés", "dmp.integration.filed-by-type", "DMP-CONS-18", range_par_type=False
)
_droits(
    "sans-statut",
    "ne montre pas le statut d'un document intégré",
    "dmp.integration.status-shown",
    "DMP-CONS-14",
    montre_le_statut=False,
)
_droits("copie", "intègre deux fois le même document", "recu.duplicate", "DMP-CONS-19", evite_les_copies=False)
_droits("doublon-muet", "écarte sans le dire un document déjà intégré", "recu.duplicate", "DMP-CONS-19", dit_le_doublon=False)
_droits(
    "version-tue",
    "ne signale pas la nouvelle version d'un document intégré",
    "dmp.veille.told",
    "DMP-CONS-20",
    signale_les_versions=False,
)
_droits(
    "suppression-tue",
    "ne signale pas la suppression au DMP d'un document intégré",
    "dmp.veille.told",
    "DMP-CONS-20",
    signale_les_suppressions=False,
)
_droits("nouveaux-tus", "ne compte pas les nouveaux documents", "dmp.veille.counted", "DMP-CONS-21", compte_les_nouveaux=False)
_droits(
    "nouveaux-a-soi",
    "compte ses propres documents parmi les nouveaux",
    "dmp.veille.counted",
    "DMP-CONS-21",
    compte_ses_propres_documents=True,
)
_droits(
    "recherche-entiere",
    "redemande tous les documents à chaque ouverture du dossier",
    "dmp.recherche.incremental",
    "DMP-CONS-21",
    cherche_depuis_la_derniere_fois=False,
)
_droits("urgence-non-dite", "déclare normal un accès en bris de glace", "dmp.urgence.coded", "DMP-CONS-22", code_l_urgence=False)
_droits(
    "urgence-durable", "reste en bris de glace après l'urgence", "dmp.urgence.ended", "DMP-CONS-22", revient_en_acces_normal=False
)
_droits(
    "urgence-sans-trace", "ne trace pas le motif du bris de glace", "dmp.urgence.reason-kept", "DMP-CONS-22", trace_le_motif=False
)
_droits(
    "urgence-autorisee",
    "déclare une autorisation pendant un bris de glace",
    "absent.dmp",
    "DMP-CONS-22",
    urgence_sans_autorisation=False,
)
_droits(
    "urgence-contournee",
    "cherche en accès normal quand l'usager s'oppose au bris de glace",
    "absent.dmp",
    "DMP-CONS-22",
    respecte_opposition_urgence=False,
)
_droits("urgence-sans-motif", "fait un bris de glace sans demander de motif", "absent.dmp", "DMP-CONS-22", exige_un_motif=False)
_droits(
    "urgence-refus-tu",
    "dit ouvert un accès d'urgence que le DMP a refusé",
    "observe.acces",
    "DMP-CONS-22",
    montre_le_refus_d_urgence=False,
)
_droits(
    "gestion-refus-tu",
    "dit faite une modification refusée",
    "dmp.gestion.failure-told",
    "DMP-ALIM-14",
    montre_le_refus_de_gestion=False,
)
_droits(
    "suppression-locale", "ne supprime que dans le DUI un document déposé", "attendu.dmp", "DMP-ALIM-14", supprime_au_dmp=False
)
_droits(
    "suppression-autorisee",
    "demande une autorisation d'accès pour supprimer un document",
    "absent.dmp",
    "DMP-ALIM-16",
    autorise_pour_supprimer=True,
)
