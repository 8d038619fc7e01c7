"""Defects of what the OIDC client sends: the authorization request, and the exchange of the code."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import count

from ..alterations import Couture
from ..psc_session import Appel, Demande, Redirection
from . import registre
from .oidc import formulaire, parametre
from .registre import AVERTISSEMENT

defaut = partial(registre.defaut, theme="oidc-demande")

PSC01 = ("PSC-01",)
_RANGS = count(1)


def _tirage(**fabriques: Callable[[Demande], str]) -> tuple[Couture, Callable[[Demande], Demande]]:
    """Replace values that the demand had drawn."""

    def alterer(demande: Demande) -> Demande:
        return replace(demande, **{nom: fabrique(demande) for nom, fabrique in fabriques.items()})

    return (Couture.PSC_DEMANDE, alterer)


def _compteur(prefixe: str) -> Callable[[Demande], str]:
    return lambda demande: f"{prefixe}-de-la-connexion-au-logiciel-dui-{next(_RANGS):08d}"


defaut(
    "demande-sans-openid",
    "demande le scope scope_all sans openid",
    (Couture.PSC_AUTORISATION, parametre("scope", "scope_all")),
    check="oidc.scope-openid-scope-all",
    exigences=PSC01,
)
defaut(
    "demande-scope-durable",
    "demande aussi offline_access, qui donnerait un jeton durable",
    (Couture.PSC_AUTORISATION, parametre("scope", "openid scope_all offline_access")),
    check="oidc.scope-nothing-more",
    exigences=PSC01,
    effet=AVERTISSEMENT,
)
defaut(
    "demande-eidas2",
    "demande acr_values=eidas2",
    (Couture.PSC_AUTORISATION, parametre("acr_values", "eidas2")),
    check="oidc.acr-values-eidas1",
    exigences=("PSC-02",),
)
defaut(
    "demande-sans-retour",
    "ne dit pas où revenir (redirect_uri absent)",
    (Couture.PSC_AUTORISATION, parametre("redirect_uri", None)),
    check="oidc.redirect-uri-registered",
    exigences=PSC01,
)
defaut(
    "demande-state-compteur",
    "numérote ses demandes au lieu de tirer un state",
    _tirage(state=_compteur("etat")),
    check="oidc.state-unpredictable",
    exigences=PSC01,
)
defaut(
    "demande-nonce-compteur",
    "numérote ses demandes au lieu de tirer un nonce",
    _tirage(nonce=_compteur("nonce")),
    check="oidc.nonce-unpredictable",
    exigences=PSC01,
)
defaut(
    "demande-nonce-court",
    "tire un nonce de 6 caractères",
    _tirage(nonce=lambda demande: demande.nonce[:6]),
    check="oidc.nonce-entropy",
    exigences=PSC01,
)
defaut(
    "demande-nonce-egal-state",
    "emploie la même valeur pour le state et le nonce",
    _tirage(nonce=lambda demande: demande.state),
    check="oidc.nonce-is-not-state",
    exigences=PSC01,
    effet=AVERTISSEMENT,
)
defaut(
    "demande-pkce-constant",
    "emploie toujours le même code_verifier",
    _tirage(verifieur=lambda demande: "verifieur-de-l-application-dui-toujours-le-meme"),
    check="oidc.pkce-unique",
    exigences=PSC01,
)


def _defi_en_clair(redirection: Redirection) -> None:
    redirection.parametres["code_challenge_method"] = "plain"
    redirection.parametres["code_challenge"] = _VERIFIEUR


_VERIFIEUR = "un-code-verifier-passe-en-clair-dans-la-demande"

defaut(
    "demande-pkce-en-clair",
    "emploie PKCE sans S256 : le code_challenge est le code_verifier",
    (Couture.PSC_AUTORISATION, _defi_en_clair),
    (Couture.PSC_JETON, formulaire("code_verifier", _VERIFIEUR)),
    check="oidc.pkce-s256",
    exigences=PSC01,
    effet=AVERTISSEMENT,
)
defaut(
    "demande-fragment",
    "demande le code dans un fragment d'adresse",
    (Couture.PSC_AUTORISATION, parametre("response_mode", "fragment")),
    check="oidc.response-mode",
    exigences=PSC01,
)


def _deux_fois(redirection: Redirection) -> None:
    redirection.url += "?prompt=login"
    redirection.parametres["prompt"] = "consent"


defaut(
    "demande-parametre-double",
    "envoie deux fois le même paramètre",
    (Couture.PSC_AUTORISATION, _deux_fois),
    check="oidc.parameters-once",
    exigences=PSC01,
)
defaut(
    "demande-verifieur-dans-le-navigateur",
    "passe le code_verifier par le navigateur",
    (Couture.PSC_AUTORISATION, parametre("code_verifier", "v" * 64)),
    check="oidc.no-secret-in-front-channel",
    exigences=PSC01,
)


def _mauvais_secret(appel: Appel) -> None:
    appel.entetes["Authorization"] = f"Basic {base64.b64encode(b'dui-temoin:un-autre-secret').decode()}"


def _secret_aussi_dans_le_corps(appel: Appel) -> None:
    appel.formulaire |= {"client_id": "dui-temoin", "client_secret": "secret-en-double"}


defaut(
    "demande-mauvais-secret",
    "échange le code avec un secret qui n'est pas le sien",
    (Couture.PSC_JETON, _mauvais_secret),
    check="oidc.token-client-authenticated",
    exigences=PSC01,
)
defaut(
    "demande-deux-authentifications",
    "donne son secret à la fois dans l'en-tête et dans le corps",
    (Couture.PSC_JETON, _secret_aussi_dans_le_corps),
    check="oidc.token-one-authentication",
    exigences=PSC01,
)
