"""Defects of local accounts, of logout, and of the traces of connections."""

from __future__ import annotations

from functools import partial
from typing import Any

from ..alterations import Couture
from ..traces import Trace
from . import registre
from .registre import AVERTISSEMENT

defaut = partial(registre.defaut, theme="oidc-comptes")

_IAM = ("IAM-01",)


def _regle(nom: str, description: str, check: str, exigence: str, **valeurs: Any) -> None:
    defaut(nom, description, check=f"oidc.{check}", exigences=(exigence,), regles={"psc": valeurs})


_regle(
    "comptes-sans-rpps-refuses",
    "refuse un professionnel qui n'est pas au RPPS",
    "every-professional-accepted",
    "PSC-01",
    accepte_sans_rpps=False,
)
_regle(
    "comptes-de-metier",
    "ouvre un compte par métier et par lieu",
    "every-professional-own-account",
    "PSC-03",
    rapproche_par="structure",
)
_regle(
    "comptes-par-fournisseur",
    "ouvre un autre compte quand la personne vient par un autre fournisseur d'identité",
    "same-account-by-both-providers",
    "PSC-12",
    rapproche_par="fournisseur",
)
_regle(
    "comptes-deconnexion-en-panne",
    "garde sa session quand Pro Santé Connect ne répond pas à la déconnexion",
    "logout-despite-outage",
    "PSC-04",
    oublie_malgre_la_panne=False,
)
_regle("comptes-sans-traces", "ne trace pas les connexions", "traces-hold-logins", "IAM-01", trace=False)
_regle("comptes-refus-non-traces", "ne trace pas les refus", "traces-hold-refusals", "IAM-01", trace_les_refus=False)
_regle(
    "comptes-fins-non-tracees",
    "ne garde pas trace des fins de session dans son journal",
    "traces-hold-logouts",
    "IAM-01",
    trace_les_fins=False,
)


def _jour_seul(trace: Trace) -> None:
    trace.date = trace.date[:10]


def _sans_niveau(trace: Trace) -> None:
    trace.acr = ""


def _avec_jeton(trace: Trace) -> None:
    trace.motif = "jeton eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJmaWN0aWYifQ.c2lnbmF0dXJl"


defaut(
    "comptes-traces-sans-heure",
    "trace le jour des connexions sans l'heure",
    (Couture.PSC_TRACE, _jour_seul),
    check="oidc.traces-dated",
    exigences=_IAM,
)
defaut(
    "comptes-traces-sans-niveau",
    "trace les connexions sans leur niveau d'authentification",
    (Couture.PSC_TRACE, _sans_niveau),
    check="oidc.traces-say-level",
    exigences=_IAM,
    effet=AVERTISSEMENT,
)
defaut(
    "comptes-traces-avec-jeton",
    "écrit un jeton dans ses traces",
    (Couture.PSC_TRACE, _avec_jeton),
    check="oidc.traces-hold-no-token",
    exigences=_IAM,
)
