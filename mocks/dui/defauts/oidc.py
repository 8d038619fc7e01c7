"""Defects of the OIDC client of Pro Santé Connect."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from ..alterations import Alteration, Couture
from ..psc_session import Appel, Demande, Redirection
from . import registre
from .registre import AVERTISSEMENT

defaut = partial(registre.defaut, theme="oidc")

_PSC01 = ("PSC-01",)


def parametre(nom: str, valeur: str | None) -> Alteration:
    """Set, or take away, a parameter of a redirection."""

    def alterer(redirection: Redirection) -> None:
        if valeur is None:
            redirection.parametres.pop(nom, None)
        else:
            redirection.parametres[nom] = valeur

    return alterer


def formulaire(nom: str, valeur: str | None, *, seulement: str = "authorization_code") -> Alteration:
    """Set, or take away, a field of the form of one kind of token request."""

    def alterer(appel: Appel) -> None:
        if appel.formulaire.get("grant_type") != seulement:
            return
        if valeur is None:
            appel.formulaire.pop(nom, None)
        else:
            appel.formulaire[nom] = valeur

    return alterer


def _decouverte_standard(adresses: list[str]) -> list[str]:
    """The standard name first, then the one that serves."""
    return [adresses[0].replace("wallet-openid-configuration", "openid-configuration"), *adresses]


def _sur_l_emetteur(redirection: Redirection) -> None:
    """The usual Keycloak address, instead of the wallet's."""
    redirection.url = f"{redirection.emetteur}/protocol/openid-connect/auth"


defaut(
    "oidc-autorisation-sur-l-emetteur",
    "déduit l'adresse d'autorisation de l'émetteur, au lieu de la lire dans la configuration",
    (Couture.PSC_AUTORISATION, _sur_l_emetteur),
    check="oidc.authorization-on-wallet-host",
    exigences=_PSC01,
)
defaut(
    "oidc-decouverte-standard",
    "lit la configuration sous le nom OpenID standard au lieu de wallet-openid-configuration",
    (Couture.PSC_DECOUVERTE, _decouverte_standard),
    check="oidc.discovery-wallet-name",
    exigences=_PSC01,
)
defaut(
    "oidc-implicite",
    "demande un jeton directement, sans passer par un code (flux implicite)",
    (Couture.PSC_AUTORISATION, parametre("response_type", "id_token token")),
    check="oidc.response-type-code",
    exigences=_PSC01,
)
defaut(
    "oidc-client-inconnu",
    "emploie un client_id de recopie, qui n'est pas celui enregistré",
    (Couture.PSC_AUTORISATION, parametre("client_id", "mon-dui")),
    check="oidc.client-id-registered",
    exigences=_PSC01,
)
defaut(
    "oidc-scope-sans-scope-all",
    "demande le scope « openid profile » sans scope_all",
    (Couture.PSC_AUTORISATION, parametre("scope", "openid profile")),
    check="oidc.scope-openid-scope-all",
    exigences=_PSC01,
)
defaut(
    "oidc-sans-acr-values",
    "ne demande aucun niveau d'authentification",
    (Couture.PSC_AUTORISATION, parametre("acr_values", None)),
    check="oidc.acr-values-eidas1",
    exigences=("PSC-02",),
)
defaut(
    "oidc-parametre-acr",
    "ajoute un paramètre acr, qui n'existe pas dans le protocole",
    (Couture.PSC_AUTORISATION, parametre("acr", "eidas1")),
    check="oidc.no-acr-parameter",
    exigences=("PSC-02",),
    effet=AVERTISSEMENT,
)
defaut(
    "oidc-sans-state",
    "n'envoie pas de state",
    (Couture.PSC_AUTORISATION, parametre("state", None)),
    check="oidc.state-present",
    exigences=_PSC01,
)


def _state_court(demande: Demande) -> Demande:
    return replace(demande, state=demande.state[:8])


def _state_constant(demande: Demande) -> Demande:
    return replace(demande, state="etat-de-la-connexion-au-logiciel-dui-0001")


def _nonce_constant(demande: Demande) -> Demande:
    return replace(demande, nonce="0f" * 32)


defaut(
    "oidc-state-court",
    "tire un state de 8 caractères",
    (Couture.PSC_DEMANDE, _state_court),
    check="oidc.state-entropy",
    exigences=_PSC01,
)
defaut(
    "oidc-state-constant",
    "envoie le même state à chaque connexion",
    (Couture.PSC_DEMANDE, _state_constant),
    check="oidc.state-unique",
    exigences=_PSC01,
)
defaut(
    "oidc-sans-nonce",
    "n'envoie pas de nonce",
    (Couture.PSC_AUTORISATION, parametre("nonce", None)),
    check="oidc.nonce-present",
    exigences=_PSC01,
)
defaut(
    "oidc-nonce-constant",
    "envoie le même nonce à chaque connexion",
    (Couture.PSC_DEMANDE, _nonce_constant),
    check="oidc.nonce-unique",
    exigences=_PSC01,
)
defaut(
    "oidc-redirect-uri-approche",
    "ajoute une barre finale au redirect_uri enregistré",
    (Couture.PSC_AUTORISATION, parametre("redirect_uri", "https://localhost/psc/retour/")),
    check="oidc.redirect-uri-registered",
    exigences=_PSC01,
)
defaut(
    "oidc-secret-dans-le-navigateur",
    "passe le secret du client par le navigateur",
    (Couture.PSC_AUTORISATION, parametre("client_secret", "secret-du-client")),
    check="oidc.no-secret-in-front-channel",
    exigences=_PSC01,
)


def _sans_defi(redirection: Redirection) -> None:
    del redirection.parametres["code_challenge"], redirection.parametres["code_challenge_method"]


defaut(
    "oidc-sans-pkce",
    "n'emploie pas PKCE",
    (Couture.PSC_AUTORISATION, _sans_defi),
    (Couture.PSC_JETON, formulaire("code_verifier", None)),
    check="oidc.pkce-s256",
    exigences=_PSC01,
    effet=AVERTISSEMENT,
)
defaut(
    "oidc-mot-de-passe",
    "demande ses jetons avec un mot de passe (grant_type=password)",
    (Couture.PSC_JETON, formulaire("grant_type", "password")),
    check="oidc.grant-allowed",
    exigences=_PSC01,
)


def _depuis_une_page(appel: Appel) -> None:
    appel.entetes["Origin"] = "https://dui.exemple.test"


def _sans_authentification(appel: Appel) -> None:
    appel.entetes.pop("Authorization", None)


def _secret_dans_l_adresse(appel: Appel) -> None:
    appel.url += "?client_secret=secret-du-client"


defaut(
    "oidc-jeton-depuis-la-page",
    "demande ses jetons depuis la page du navigateur",
    (Couture.PSC_JETON, _depuis_une_page),
    check="oidc.token-no-origin",
    exigences=_PSC01,
)
defaut(
    "oidc-secret-dans-l-adresse",
    "met un secret dans l'adresse de la demande de jetons",
    (Couture.PSC_JETON, _secret_dans_l_adresse),
    check="oidc.token-secret-not-in-address",
    exigences=_PSC01,
)
defaut(
    "oidc-redirect-uri-different",
    "échange le code avec un autre redirect_uri que celui de la demande",
    (Couture.PSC_JETON, formulaire("redirect_uri", "https://localhost/psc/autre")),
    check="oidc.token-redirect-uri-same",
    exigences=_PSC01,
)
defaut(
    "oidc-verifieur-faux",
    "envoie un code_verifier qui ne répond pas au code_challenge",
    (Couture.PSC_JETON, formulaire("code_verifier", "v" * 64)),
    check="oidc.pkce-verifier",
    exigences=_PSC01,
)


def _sans_client(reglages: Any) -> Any:
    """No client certificate on the calls to Pro Santé Connect."""
    return replace(reglages, certificat=None) if reglages.cible == "psc" else None


defaut(
    "oidc-client-anonyme",
    "demande ses jetons sans secret ni certificat",
    (Couture.PSC_JETON, _sans_authentification),
    (Couture.TLS, _sans_client),
    check="oidc.token-client-authenticated",
    exigences=_PSC01,
)


def _jeton_dans_l_adresse(appel: Appel) -> None:
    jeton = appel.entetes.pop("Authorization").removeprefix("Bearer ")
    appel.url += f"?access_token={jeton}"


defaut(
    "oidc-jeton-dans-l-adresse",
    "présente le jeton d'accès dans l'adresse de userinfo",
    (Couture.PSC_USERINFO, _jeton_dans_l_adresse),
    check="oidc.bearer-in-header",
    exigences=_PSC01,
)
defaut(
    "oidc-sans-id-token-hint",
    "ferme la session sans dire laquelle (id_token_hint absent)",
    (Couture.PSC_DECONNEXION, parametre("id_token_hint", None)),
    check="oidc.logout-id-token-hint",
    exigences=("PSC-04",),
)
defaut(
    "oidc-retour-de-deconnexion-inconnu",
    "demande le retour de déconnexion à une adresse non enregistrée",
    (Couture.PSC_DECONNEXION, parametre("post_logout_redirect_uri", "https://localhost/autre-fin")),
    check="oidc.post-logout-registered",
    exigences=("PSC-04",),
)
