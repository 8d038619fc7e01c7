"""Defects of the calls to SIDOBA: who calls, retries, what is understood and told of an answer."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from ..alterations import Alteration, Couture
from ..psc_session import Appel
from ..transport import Envoi, ReglagesTls
from . import registre
from .registre import AVERTISSEMENT

defaut = partial(registre.defaut, theme="sidoba", effet=AVERTISSEMENT)
_SMF, _SSIAD, _RAMA = ("SMF-01",), ("SSIAD-03",), ("RAMA-03",)


def _champ(nom: str, valeur: str) -> Alteration:
    def alterer(appel: Appel) -> None:
        appel.formulaire[nom] = valeur

    return alterer


def _entete(nom: str, changer: Callable[[str], str]) -> Alteration:
    def alterer(envoi: Envoi) -> None:
        envoi.entetes[nom] = changer(envoi.entetes.get(nom, ""))

    return alterer


def _sans_certificat(cible: str) -> Alteration:
    def alterer(reglages: ReglagesTls) -> ReglagesTls | None:
        return ReglagesTls(reglages.cible) if reglages.cible == cible else None

    return alterer


def _regle(nom: str, description: str, check: str, exigences: tuple[str, ...] = _SMF, **valeurs: Any) -> None:
    defaut(nom, description, check=check, exigences=exigences, regles={"sidoba": valeurs})


defaut(
    "sidoba-autre-grant",
    "demande le jeton de SIDOBA avec un mot de passe d'utilisateur",
    (Couture.SIDOBA_JETON, _champ("grant_type", "password")),
    check="sidoba.jeton.demande",
    exigences=_SMF,
)
defaut(
    "sidoba-autre-client",
    "se présente à SIDOBA sous son client_id de Pro Santé Connect",
    (Couture.SIDOBA_JETON, _champ("client_id", "dui-temoin")),
    check="sidoba.jeton.client",
    exigences=_SMF,
)
defaut(
    "sidoba-jeton-sans-certificat",
    "demande le jeton de SIDOBA sans certificat client",
    (Couture.TLS, _sans_certificat("sidoba-jeton")),
    check="sidoba.jeton.certificat",
    exigences=_SMF,
)
defaut(
    "sidoba-envoi-sans-certificat",
    "envoie à SIDOBA sans certificat client",
    (Couture.TLS, _sans_certificat("sidoba")),
    check="sidoba.appel.certificat",
    exigences=_SMF,
)
defaut(
    "sidoba-jeton-en-basic",
    "présente son jeton à SIDOBA sous un autre schéma que Bearer",
    (Couture.SIDOBA_ENVOI, _entete("Authorization", lambda valeur: valeur.replace("Bearer", "Jeton"))),
    check="sidoba.appel.jeton",
    exigences=_SMF,
)
defaut(
    "sidoba-structure-sans-prefixe",
    "nomme la structure sans le préfixe 1 devant son FINESS",
    (Couture.SIDOBA_ENVOI, _entete("struct_idnat", lambda valeur: valeur[1:])),
    check="sidoba.appel.structure",
    exigences=_SMF,
)
defaut(
    "sidoba-contenu-mal-annonce",
    "annonce en text/plain le lot envoyé à SIDOBA",
    (Couture.SIDOBA_ENVOI, _entete("Content-Type", lambda valeur: "text/plain")),
    check="sidoba.appel.contenu",
    exigences=_SMF,
)
_regle("sidoba-jeton-jetable", "demande un jeton à chaque envoi", "sidoba.suite.jeton-garde", garde_le_jeton=False)
_regle(
    "sidoba-jeton-mort", "ne renouvelle pas un jeton que SIDOBA refuse", "sidoba.suite.jeton-renouvele", renouvelle_le_jeton=False
)
_regle("sidoba-insistant", "refait six fois l'envoi à un service en panne", "sidoba.suite.essais-bornes", essais_en_panne=6)
_regle(
    "sidoba-impatient",
    "refait l'envoi aussitôt quand SIDOBA demande d'attendre",
    "sidoba.suite.attente-respectee",
    respecte_l_attente=False,
)
_regle(
    "sidoba-panne-tue",
    "donne pour accepté un envoi que SIDOBA n'a pas pris",
    "sidoba.suite.panne-annoncee",
    annonce_la_panne=False,
)
_regle(
    "sidoba-rejet-tu",
    "donne pour accepté un envoi que SIDOBA a rejeté",
    "sidoba.suite.rejet-compris",
    _SSIAD,
    comprend_le_rejet=False,
)
_regle(
    "sidoba-motif-cache",
    "ne montre pas le motif d'un rejet de SIDOBA",
    "sidoba.suite.motif-montre",
    _RAMA,
    montre_le_motif=False,
)
_regle(
    "sidoba-accuse-non-lu",
    "donne pour accepté un lot dont la réponse ne rend pas tout compte",
    "sidoba.suite.accuse-compris",
    _SSIAD,
    lit_la_reponse=False,
)
