"""Defects of the way to the operator: servers not verified, TLS too late, wrong mechanism, token, retries, errors that spread."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from ssl import TLSVersion
from typing import Any

from ..alterations import Alteration, Couture
from ..mss_transport import SUITES, Trame
from ..transport import ReglagesTls
from . import registre
from .registre import AVERTISSEMENT, NON_CONFORME

defaut = partial(registre.defaut, theme="MSSanté : transport et authentification")

_APRES = "tls.no-byte-after-bad-certificate"


def _regle(nom: str, description: str, check: str, *exigences: str, effet: str = NON_CONFORME, **valeurs: Any) -> None:
    defaut(nom, description, check=check, exigences=exigences, effet=effet, regles={"mss": valeurs})


def _tls(nom: str, description: str, check: str, *exigences: str, **valeurs: Any) -> None:
    def alterer(reglages: ReglagesTls) -> ReglagesTls | None:
        return replace(reglages, **valeurs) if reglages.cible == "mss" else None

    defaut(nom, description, (Couture.TLS, alterer), check=check, exigences=exigences)


def _trame(nom: str, description: str, check: str, *exigences: str, alterer: Alteration) -> None:
    defaut(nom, description, (Couture.MSS_SASL, alterer), check=check, exigences=exigences)


_tls("mss-date-ignoree", "accepte un certificat expiré de l'opérateur", _APRES, "MSS-04", verifie_dates=False)
_tls("mss-revocation-ignoree", "ne regarde pas les listes de révocation", _APRES, "MSS-04", revocations="")
_tls("mss-hote-ignore", "accepte un certificat de l'opérateur au nom d'un autre hôte", _APRES, "MSS-04", verifie_nom=False)
_tls(
    "mss-anciennes-versions",
    "propose encore TLS 1.0 et 1.1 à l'opérateur",
    "tls.no-obsolete-version-offered",
    "MSS-03",
    version_min=TLSVersion.MINIMUM_SUPPORTED,
    version_max="MAXIMUM_SUPPORTED",
    suites=f"{SUITES}:@SECLEVEL=0",
)
_tls(
    "mss-autre-suite",
    "propose AES128-SHA, sans confidentialité persistante, à l'opérateur",
    "mss.transport.suites",
    "MSS-03",
    suites=f"{SUITES}:AES128-SHA256",
)
_regle(
    "mss-sans-starttls",
    "continue en clair quand l'opérateur n'offre plus STARTTLS",
    "mss.transport.no-fallback",
    "MSS-02",
    exige_starttls=False,
)
_regle(
    "mss-authentifie-en-clair",
    "s'authentifie avant STARTTLS",
    "mss.transport.tls-first",
    "MSS-02",
    authentifie_apres_tls=False,
)
_regle(
    "mss-mot-de-passe",
    "ouvre la boîte nominative par PLAIN",
    "mss.transport.xoauth2",
    "MSS-05",
    "PSC-05",
    mecanisme_personnel="PLAIN",
)


def _sans_fin(trame: Trame) -> None:
    trame.texte = trame.texte.removesuffix("\x01")


def _autre_boite(trame: Trame) -> None:
    trame.texte = trame.texte.replace("user=paul.testeur-multi@", "user=camille.testeur-soin@")


_trame(
    "mss-trame-tronquee",
    "oublie le dernier octet de la trame XOAUTH2",
    "mss.transport.frame",
    "MSS-05",
    "PSC-05",
    alterer=_sans_fin,
)
_trame(
    "mss-boite-d-un-autre",
    "demande la boîte d'un autre professionnel",
    "mss.transport.own-token",
    "MSS-05",
    "PSC-05",
    "MSS-22",
    alterer=_autre_boite,
)
_regle(
    "mss-jeton-garde",
    "garde pour la messagerie le jeton du premier usage",
    "mss.transport.live-token",
    "PSC-05",
    "PSC-11",
    jeton_frais=False,
    rafraichit_apres_refus=False,
)
_regle(
    "mss-redemande-la-connexion",
    "renvoie à Pro Santé Connect dès que le jeton a expiré",
    "observe.alerte",
    "PSC-11",
    rouvre_la_session=False,
)
_regle(
    "mss-boite-sans-session",
    "relève encore la boîte après la fin de session",
    "absent.mss",
    "PSC-11",
    ferme_sans_session=False,
)
_regle(
    "mss-insiste",
    "réessaie cinq fois un jeton refusé",
    "mss.transport.one-retry",
    "MSS-05",
    effet=AVERTISSEMENT,
    essais_apres_refus=5,
)
_regle(
    "mss-meme-jeton",
    "réessaie avec le jeton qui vient d'être refusé",
    "mss.transport.fresh-retry",
    "PSC-05",
    rafraichit_apres_refus=False,
)
_tls(
    "mss-app-sans-certificat",
    "ouvre la boîte applicative sans certificat",
    "mss.transport.applicative",
    "MSS-06",
    certificat=None,
)
_regle(
    "mss-app-par-jeton",
    "ouvre la boîte applicative par XOAUTH2",
    "mss.transport.applicative",
    "MSS-06",
    "MSS-22",
    mecanisme_applicatif="XOAUTH2",
)
defaut(
    "mss-app-autre-structure",
    "ouvre la boîte applicative avec le certificat de l'établissement (FINESS EG)",
    check="mss.transport.applicative-owner",
    exigences=("MSS-06",),
    regles={"certificats": {"mss": "auth_cli:eg"}},
)
_regle("mss-sans-logout", "quitte la session IMAP sans LOGOUT", "mss.transport.logout", "MSS-02", se_deconnecte=False)
_regle(
    "mss-erreur-qui-deborde",
    "ferme la session du DUI quand la messagerie échoue",
    "observe.session",
    "MSS-07",
    isole_les_erreurs=False,
)
_regle(
    "mss-echec-tu",
    "annonce envoyé un message que l'opérateur n'a pas pris",
    "observe.etat_envoi",
    "MSS-07",
    annonce_l_echec=False,
)
_regle(
    "mss-un-seul-operateur", "envoie toujours par le même opérateur", "attendu.mss-b", "MSS-23", suit_les_deux_operateurs=False
)
_regle(
    "mss-serveurs-en-dur",
    "ne lit pas la configuration publiée de l'opérateur",
    "attendu.mss",
    "MSS-01",
    configuration_automatique=False,
)
_regle(
    "mss-sans-dns",
    "ne cherche pas l'opérateur par DNS quand le fichier manque",
    "attendu.mss",
    "MSS-01",
    cherche_par_dns=False,
)
