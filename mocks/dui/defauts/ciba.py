"""Defects of the login without browser (CIBA)."""

from __future__ import annotations

from functools import partial
from typing import Any

from ..alterations import Alteration, Couture
from ..psc_session import Appel
from . import registre
from .registre import AVERTISSEMENT

defaut = partial(registre.defaut, theme="ciba")

_PSC01 = ("PSC-01",)


def _champ(nom: str, valeur: str | None) -> Alteration:
    """Set, or take away, a field of the request."""

    def alterer(appel: Appel) -> None:
        if valeur is None:
            appel.formulaire.pop(nom, None)
        else:
            appel.formulaire[nom] = valeur

    return alterer


def _demande(nom: str, description: str, check: str, champ: str, valeur: str | None, **options: Any) -> None:
    exigences = options.pop("exigences", _PSC01)
    defaut(nom, description, (Couture.PSC_CIBA, _champ(champ, valeur)), check=f"ciba.{check}", exigences=exigences, **options)


def _regle(nom: str, description: str, check: str, **valeurs: Any) -> None:
    defaut(nom, description, check=f"ciba.{check}", exigences=_PSC01, regles={"ciba": valeurs})


_demande("ciba-sans-nombre", "ne donne aucun nombre à comparer", "binding-message", "binding_message", None)
_demande("ciba-phrase", "donne une phrase au lieu de deux chiffres", "binding-message", "binding_message", "Connexion au DUI")
_demande("ciba-nombre-constant", "donne toujours le même nombre", "binding-message-random", "binding_message", "42")
_demande("ciba-moyen-inconnu", "demande un moyen d'authentification inconnu", "channel", "channel", "SMS")
_demande("ciba-scope-incomplet", "demande openid sans scope_all", "scope-openid-scope-all", "scope", "openid")
_demande("ciba-sans-niveau", "ne demande aucun niveau", "acr-values-eidas1", "acr_values", None, exigences=("PSC-02",))
_demande("ciba-designe-par-nom", "désigne le professionnel par son nom", "login-hint", "login_hint", "TESTEUR-SOIN Camille")
_demande(
    "ciba-attend-une-notification",
    "attend une notification que Pro Santé Connect n'envoie pas",
    "poll-mode",
    "client_notification_token",
    "jeton-de-notification",
    effet=AVERTISSEMENT,
)


def _depuis_une_page(appel: Appel) -> None:
    appel.entetes["Origin"] = "https://dui.exemple.test"


def _anonyme(appel: Appel) -> None:
    appel.entetes.pop("Authorization", None)


def _dans_l_adresse(appel: Appel) -> None:
    appel.url += "?login_hint=" + appel.formulaire["login_hint"]


defaut(
    "ciba-depuis-la-page",
    "fait sa demande depuis une page",
    (Couture.PSC_CIBA, _depuis_une_page),
    check="ciba.no-origin",
    exigences=_PSC01,
)
defaut(
    "ciba-anonyme",
    "fait sa demande sans s'authentifier",
    (Couture.PSC_CIBA, _anonyme),
    check="ciba.client-authenticated",
    exigences=_PSC01,
)
defaut(
    "ciba-identite-dans-l-adresse",
    "met l'identifiant du professionnel dans l'adresse",
    (Couture.PSC_CIBA, _dans_l_adresse),
    check="ciba.secret-not-in-address",
    exigences=_PSC01,
)


def _autre_numero(appel: Appel) -> None:
    if "auth_req_id" in appel.formulaire:
        appel.formulaire["auth_req_id"] = "numero-d-une-autre-demande"


defaut(
    "ciba-autre-numero",
    "demande ses jetons avec un autre numéro que celui reçu",
    (Couture.PSC_JETON, _autre_numero),
    check="ciba.request-number",
    exigences=_PSC01,
)
_regle("ciba-nombre-cache", "ne montre pas le nombre à l'utilisateur", "binding-message-shown", montre_le_nombre=False)
_regle("ciba-sans-attendre", "redemande ses jetons sans attendre", "interval", respecte_l_intervalle=False)
_regle("ciba-ne-ralentit-pas", "garde son rythme après slow_down", "slow-down", ralentit=False)
_regle("ciba-sans-fin", "interroge encore après l'expiration", "expiry-ends-the-wait", s_arrete_a_l_expiration=False)
_regle("ciba-insiste", "interroge encore après un refus", "refusal-ends-the-wait", s_arrete_au_refus=False)
_regle(
    "ciba-refus-ignore",
    "ouvre une session locale après un refus",
    "refusal-ends-the-wait",
    session_malgre_le_refus=True,
)
_regle(
    "ciba-nonce-exige",
    "refuse un id_token sans nonce, qu'une demande CIBA ne porte pas",
    "session-opened",
    exige_un_nonce=True,
)
_regle(
    "ciba-autre-personne",
    "ouvre la session d'une autre personne que celle de la demande",
    "person-checked",
    verifie_la_personne=False,
)
