"""Pro Santé Connect used for other services: the professional who calls INSi or the DMP is the one of the live session."""

from __future__ import annotations

from datetime import datetime

from ..core.errors import CheckFailed, Inconclusive
from ..core.exchange import Exchange
from ..core.people import Professionnel
from ..core.problem import Evidence
from ..core.settings import Settings
from ..validation.ins.request import InsRequest
from ..validation.oidc import TokenResponse
from ..validation.saml.vihf import RENFORCEE, Vihf
from .oidc_demande import API
from .registry import check

SESSION_MAX = 4 * 3600


@check(
    "oidc.insi-by-psc", covers=("PSC-07", "INS-17"), source="INSi, modes d'authentification (SEL-MP-043 §3.2)", confidence="vu"
)
def insi_call_names_the_psc_professional(login: TokenResponse, request: InsRequest, person: Professionnel) -> Evidence:
    """L'appel INSi fait par Pro Santé Connect porte une assertion de qualificatif PSC, au nom du professionnel connecté."""
    assertion = request.assertion
    if assertion is None or assertion.name_qualifier != "PSC":
        raise CheckFailed(
            "Appel INSi sans assertion Pro Santé Connect",
            expected='assertion du professionnel, NameID/@NameQualifier="PSC"',
            received="aucune assertion" if assertion is None else f"NameQualifier « {assertion.name_qualifier} »",
            at=assertion.at if assertion else "/soap:Envelope/soap:Header/wsse:Security",
            hint="Pour ce geste l'utilisateur est connecté par Pro Santé Connect : c'est ce mode que l'appel doit employer.",
        )
    if not same_professional(assertion.name_id, person):
        raise CheckFailed(
            "L'assertion INSi nomme un autre professionnel que celui de la session Pro Santé Connect",
            expected=person.id_nat,
            received=assertion.name_id or "vide",
            at=f"{assertion.at}/saml:Subject/saml:NameID",
            hint="Recopier l'identifiant national (SubjectNameID) de la session en cours.",
        )
    return Evidence(at=assertion.at, note=f"session ouverte par {login.id}")


@check("oidc.call-within-session", covers=("PSC-06", "PSC-07"), source=f"{API}, durée de la session", confidence="vu")
def call_happens_within_the_psc_session(call: Exchange, login: TokenResponse) -> Evidence:
    """L'appel est fait pendant la session Pro Santé Connect, ouverte depuis moins de quatre heures."""
    age = call.times.logical.timestamp() - login.moment
    if not 0 <= age < SESSION_MAX:
        raise CheckFailed(
            "Appel hors de la session Pro Santé Connect",
            expected="moins de 4 h après la connexion",
            received=f"{age / 3600:.1f} h après la connexion",
            at=call.id,
            hint="Renvoyer l'utilisateur à la connexion avant un appel fait en son nom.",
        )
    return Evidence(at=call.id, note=f"{age:.0f} s après la connexion")


@check("oidc.dmp-by-psc", covers=("PSC-06",), source="VIHF, authentification indirecte renforcée (lecture)", confidence="infere")
def dmp_call_names_the_psc_professional(login: TokenResponse, vihf: Vihf, person: Professionnel, settings: Settings) -> Evidence:
    """En authentification indirecte renforcée, le VIHF nomme le professionnel connecté par Pro Santé Connect et l'instant de
    sa connexion."""
    if vihf.mode != RENFORCEE:
        raise Inconclusive(f"le VIHF déclare le mode « {vihf.mode or 'absent'} », sans authentification de l'utilisateur")
    if not same_professional(vihf.name_id, person):
        raise CheckFailed(
            "Le VIHF nomme un autre professionnel que celui de la session Pro Santé Connect",
            expected=person.id_nat,
            received=vihf.name_id or "vide",
            at=f"{vihf.at}/saml2:Subject/saml2:NameID",
            hint="Recopier l'identifiant national (SubjectNameID) de la session en cours.",
        )
    instant, at = _instant(vihf.authn_instant), f"{vihf.at}/saml2:AuthnStatement/@AuthnInstant"
    tolerance = settings.services.tolerance_horloge
    if instant is None or abs(instant - login.moment) > tolerance:
        raise CheckFailed(
            "AuthnInstant différent de l'instant de la connexion Pro Santé Connect",
            expected=f"l'instant de la connexion {login.id}, à {tolerance:g} s près",
            received=vihf.authn_instant or "absent",
            at=at,
            hint="AuthnInstant est l'instant où l'utilisateur s'est authentifié (auth_time), pas celui de l'appel.",
        )
    return Evidence(at=at)


def same_professional(identifier: str, person: Professionnel) -> bool:
    """True for the national identifier, written with or without its leading type digit."""
    return bool(person.id_nat) and identifier in (person.id_nat, person.id_nat[1:])


def _instant(text: str) -> float | None:
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        return None
    return value.timestamp() if value.tzinfo is not None else None
