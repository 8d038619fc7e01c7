"""Defects over time: what may leave for the DMP, when, and what happens when the DMP cannot answer."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from ..alterations import Couture
from . import registre
from .registre import AVERTISSEMENT, NON_CONFORME
from .retouches import attribuer

_OPPOSITION = ("DMP-ALIM-01",)
_ALIMENTATION = ("DMP-ALIM-04",)
_RETENUE = ("DMP-ALIM-05",)
_DIFFERE = ("DMP-ALIM-06",)
_ATTENTE = ("DMP-ALIM-08",)
_REPRISE = ("DMP-ALIM-09",)

defaut = partial(registre.defaut, theme="temps")


def _envoi(
    nom: str, description: str, check: str, exigences: tuple[str, ...], *, effet: str = NON_CONFORME, **valeurs: Any
) -> None:
    defaut(nom, description, check=check, exigences=exigences, effet=effet, regles={"envoi": valeurs})


_envoi(
    "temps-envoi-manuel",
    "ne dépose le document que si l'utilisateur le demande",
    "attendu.dmp",
    _ALIMENTATION,
    envoi_automatique=False,
)
_envoi(
    "temps-envoi-cache",
    "annonce le document comme retenu alors qu'il l'envoie",
    "dmp.alimentation.automatic",
    _ALIMENTATION,
    annonce_l_envoi=False,
)
defaut(
    "temps-type-fixe",
    "dépose tous les documents sous le type du compte rendu",
    (
        Couture.XDS,
        attribuer(
            "//rim:Classification[@classificationScheme='urn:uuid:f0306f51-975f-434e-a61c-c59651d33983']"
            "[@classifiedObject='Doc01']",
            "nodeRepresentation",
            "11506-3",
        ),
    ),
    check="dmp.alimentation.type-of-gesture",
    exigences=_ALIMENTATION,
)
defaut(
    "temps-identifiant-fixe",
    "donne le même identifiant à tous ses documents",
    (Couture.CDA, attribuer("/hl7:ClinicalDocument/hl7:id", "root", "1.2.250.1.999.1.1.7")),
    check="dmp.alimentation.stored",
    exigences=_ALIMENTATION,
)
_envoi(
    "temps-autorisation-demandee",
    "demande une autorisation d'accès (TD0.3) avant de déposer",
    "absent.dmp",
    ("DMP-ALIM-16",),
    demande_autorisation=True,
)

_envoi(
    "temps-opposition-ignoree",
    "dépose les documents d'un usager qui s'y est opposé",
    "absent.dmp",
    _OPPOSITION,
    respecte_opposition=False,
    respecte_opposition_tardive=False,
)
_envoi(
    "temps-opposition-tardive-ignoree",
    "laisse partir un document quand l'usager s'oppose pendant le délai",
    "absent.dmp",
    _OPPOSITION,
    respecte_opposition_tardive=False,
)
_envoi(
    "temps-opposition-definitive",
    "ne permet pas de revenir sur une opposition",
    "attendu.dmp",
    _OPPOSITION,
    opposition_reversible=False,
)
_envoi(
    "temps-retenue-ignoree",
    "dépose un document que l'utilisateur a choisi de retenir",
    "absent.dmp",
    _RETENUE,
    respecte_retenue=False,
)
_envoi(
    "temps-retenue-repetee",
    "retient aussi le document suivant, sans que l'utilisateur le demande",
    "attendu.dmp",
    _RETENUE,
    oublie_la_retenue=False,
)
_envoi(
    "temps-sans-delai",
    "dépose le document dès sa validation",
    "dmp.alimentation.delay-respected",
    _DIFFERE,
    delai=timedelta(0),
)
_envoi(
    "temps-annulation-refusee",
    "n'offre pas d'annuler un envoi programmé",
    "dmp.alimentation.cancellable",
    _DIFFERE,
    annulation_offerte=False,
)
_envoi(
    "temps-annulation-ignoree",
    "dépose un document dont il a dit l'envoi annulé",
    "absent.dmp",
    _DIFFERE,
    respecte_annulation=False,
)

_envoi(
    "temps-file-perdue",
    "oublie un envoi que la panne du DMP a empêché",
    "attendu.dmp",
    _ATTENTE,
    reprend_apres_panne=False,
)
_envoi(
    "temps-rafale",
    "réessaie sans attendre tant que le DMP est en panne",
    "dmp.suite.paced-retries",
    _ATTENTE,
    effet=AVERTISSEMENT,
    attente_initiale=timedelta(milliseconds=1),
    attente_maximale=timedelta(milliseconds=1),
)
_envoi(
    "temps-nouvel-identifiant",
    "donne un nouvel identifiant au document à chaque essai",
    "dmp.suite.one-deposit",
    _REPRISE,
    a_la_reprise="nouveau",
)
_envoi(
    "temps-doublon-incompris",
    "dépose sous un nouvel identifiant un document que le DMP dit avoir déjà",
    "absent.dmp",
    _REPRISE,
    doublon_vaut_succes=False,
)
_envoi(
    "temps-document-reecrit",
    "réécrit le document à chaque essai, sous le même identifiant",
    "dmp.suite.same-document-on-retry",
    _REPRISE,
    a_la_reprise="reecrit",
)
_envoi(
    "temps-renvoi-apres-succes",
    "renvoie un document que le DMP a confirmé avoir enregistré",
    "dmp.suite.nothing-after-success",
    _REPRISE,
    renvoie_apres_succes=True,
)
_envoi(
    "temps-reponse-d-un-autre",
    "prend pour la sienne la réponse à un autre message",
    "dmp.suite.wrong-answer-confirms-nothing",
    _REPRISE,
    effet=AVERTISSEMENT,
    verifie_la_reponse=False,
)
_envoi(
    "temps-reponse-multipart-illisible",
    "ne sait pas lire une réponse multipart et renvoie le document",
    "absent.dmp",
    _REPRISE,
    lit_le_multipart=False,
)
