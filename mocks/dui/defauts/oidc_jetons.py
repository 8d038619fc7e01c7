"""Defects of the OIDC client over time: how tokens are renewed, kept, forgotten."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from ..alterations import Couture
from ..psc_session import Appel
from ..transport import ReglagesTls
from . import registre
from .registre import NON_CONFORME

defaut = partial(registre.defaut, theme="oidc-jetons")

_PSC01 = ("PSC-01",)


def _regle(
    nom: str, description: str, check: str, *, exigences: tuple[str, ...] = _PSC01, effet: str = NON_CONFORME, **valeurs: Any
) -> None:
    defaut(nom, description, check=f"oidc.{check}", exigences=exigences, effet=effet, regles={"psc": valeurs})


def _au_rafraichissement(change: Callable[[Appel], None]) -> tuple[Couture, Callable[[Appel], None]]:
    """Change refreshes only."""

    def alterer(appel: Appel) -> None:
        if appel.formulaire.get("grant_type") == "refresh_token":
            change(appel)

    return (Couture.PSC_JETON, alterer)


def _dans_l_adresse(appel: Appel) -> None:
    appel.url += f"?refresh_token={appel.formulaire['refresh_token']}"


def _depuis_une_page(appel: Appel) -> None:
    appel.entetes["Origin"] = "https://dui.exemple.test"


def _anonyme(appel: Appel) -> None:
    appel.entetes.pop("Authorization", None)


def _secret_en_double(appel: Appel) -> None:
    appel.formulaire |= {"client_id": "dui-temoin", "client_secret": "secret-en-double"}


def _sans_certificat(reglages: ReglagesTls) -> ReglagesTls | None:
    return replace(reglages, certificat=None) if reglages.cible == "psc" else None


_regle("jetons-rafale", "rafraîchit quatre fois à chaque expiration", "no-refresh-storm", rafraichissements=4)
_regle(
    "jetons-expire-represente",
    "présente encore un jeton d'accès refusé",
    "expired-token-not-insisted",
    rafraichit_a_temps=False,
    essais_apres_refus=3,
)
_regle(
    "jetons-inactivite-ignoree",
    "garde sa session ouverte après trente minutes sans activité, sans rien demander à Pro Santé Connect",
    "session-idle-thirty-minutes",
    inactivite_max=timedelta(days=30),
    identite_en_memoire=True,
)
_regle(
    "jetons-de-l-utilisateur-precedent",
    "emploie le jeton d'accès de l'utilisateur précédent",
    "token-of-the-user",
    jeton_du_precedent=True,
)
_regle(
    "jetons-apres-deconnexion",
    "demande de nouveaux jetons après la déconnexion",
    "logout-ends-local-session",
    exigences=("PSC-04",),
    rafraichit_apres_la_fin=True,
)
_regle(
    "jetons-rafraichissement-perdu",
    "perd son jeton de rafraîchissement quand la réponse n'en donne pas d'autre",
    "refresh-token-kept",
    garde_l_ancien_sans_nouveau=False,
)
_regle(
    "jetons-d-une-autre-personne",
    "emploie des jetons renouvelés au nom d'une autre personne",
    "refreshed-person-checked",
    verifie_le_rafraichi=False,
)
_regle(
    "jetons-id-token-exige",
    "ferme sa session quand un rafraîchissement ne redonne pas d'id_token",
    "refresh-without-id-token",
    exige_id_token_rafraichi=True,
)
defaut(
    "jetons-rafraichissement-dans-l-adresse",
    "met le jeton de rafraîchissement dans l'adresse",
    _au_rafraichissement(_dans_l_adresse),
    check="oidc.token-secret-not-in-address",
    exigences=_PSC01,
)
defaut(
    "jetons-rafraichis-depuis-la-page",
    "rafraîchit ses jetons depuis la page du navigateur",
    _au_rafraichissement(_depuis_une_page),
    check="oidc.token-no-origin",
    exigences=_PSC01,
)
defaut(
    "jetons-rafraichissement-anonyme",
    "rafraîchit ses jetons sans s'authentifier",
    _au_rafraichissement(_anonyme),
    (Couture.TLS, _sans_certificat),
    check="oidc.token-client-authenticated",
    exigences=_PSC01,
)
defaut(
    "jetons-rafraichis-deux-authentifications",
    "rafraîchit ses jetons en donnant deux fois son secret",
    _au_rafraichissement(_secret_en_double),
    check="oidc.token-one-authentication",
    exigences=_PSC01,
)
