"""The user of a call against the session opened in Pro Santé Connect: who he is, his profession, when he logged in."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import timedelta

from ..core.campaign import Geste
from ..core.errors import CheckFailed, Inconclusive
from ..core.gestures.connexion import SeConnecter
from ..core.people import Professionnel
from ..core.problem import Evidence
from ..core.settings import Settings
from ..validation.saml.vihf import DIRECTE, RENFORCEE, ROLE, SUBJECT_ID, Vihf, instant
from .registry import check

_AIR = "EX_0.1-1020 ; EX_AIR-080 ; SC.DMP/AIRS.06"
_LOGIN_TAKES = timedelta(seconds=60)


@check("dmp.session.user", covers=("DMP-ALIM-17", "DMP-CONS-10"), source=_AIR, confidence="secondaire")
def user_is_the_one_logged_in(vihf: Vihf, person: Professionnel) -> Evidence:
    """L'identifiant du VIHF est celui du professionnel connecté par Pro Santé Connect."""
    at = f"{vihf.at}/saml2:Subject/saml2:NameID"
    if not _names_its_user(vihf) or not person.id_nat:
        return Evidence(at=at, note=f"mode {vihf.mode or 'absent'} : règle sans effet")
    if vihf.name_id != person.id_nat:
        raise CheckFailed(
            "Le VIHF nomme un autre utilisateur que celui qui est connecté",
            expected=f"{person.id_nat} ({person.prenom} {person.nom})",
            received=vihf.name_id or "absent",
            at=at,
            hint="Prendre SubjectNameID de la session de l'utilisateur qui agit, à chaque appel.",
        )
    return Evidence(at=at, note=vihf.name_id)


@check("dmp.session.profession", covers=("DMP-ALIM-17",), source=f"VIHF-07 ; JDV_J65 ; {_AIR}", confidence="vu")
def profession_is_that_of_the_user(vihf: Vihf, person: Professionnel) -> Evidence:
    """Le premier rôle du VIHF est la profession du professionnel connecté, telle que Pro Santé Connect la donne."""
    at = f"{vihf.attribute_xpath(ROLE)}/saml2:AttributeValue[1]"
    if not _names_its_user(vihf) or not person.profession:
        return Evidence(at=at, note="règle sans effet")
    received = vihf.roles[0].code if vihf.roles else "absent"
    if received != person.profession:
        raise CheckFailed(
            "Profession d'un autre que l'utilisateur connecté",
            expected=f"{person.profession} ({person.profession_libelle})",
            received=received,
            at=at,
            hint="Lire codeProfession dans l'exercice de la session, sans valeur par défaut.",
        )
    return Evidence(at=at, note=received)


@check("dmp.session.speciality", covers=("DMP-ALIM-17",), source=f"VIHF-07 ; TRE_R01 ; TRE_G05 ; {_AIR}", confidence="vu")
def speciality_is_that_of_the_user(vihf: Vihf, person: Professionnel) -> Evidence:
    """Le second rôle du VIHF, quand la profession en demande un, est le savoir-faire ou la section de l'utilisateur connecté."""
    at = f"{vihf.attribute_xpath(ROLE)}/saml2:AttributeValue[2]"
    if not _names_its_user(vihf) or not person.savoir_faire:
        return Evidence(at=at, note="règle sans effet")
    received = vihf.roles[1].code if len(vihf.roles) > 1 else "absent"
    if received != person.savoir_faire:
        raise CheckFailed(
            "Savoir-faire d'un autre que l'utilisateur connecté",
            expected=f"{person.savoir_faire} ({person.savoir_faire_libelle})",
            received=received,
            at=at,
            hint="Lire codeSavoirFaire (médecin) ou codeSectionPharmacien dans l'exercice de la session.",
        )
    return Evidence(at=at, note=received)


@check("dmp.session.name", covers=("DMP-ALIM-17",), source=f"VIHF-09 ; {_AIR}", confidence="secondaire")
def name_is_that_of_the_user(vihf: Vihf, person: Professionnel) -> Evidence:
    """Le nom affiché dans le VIHF est celui du professionnel connecté."""
    at, shown = vihf.attribute_xpath(SUBJECT_ID), vihf.value(SUBJECT_ID)
    if not _names_its_user(vihf):
        return Evidence(at=at, note=f"mode {vihf.mode or 'absent'} : règle sans effet")
    if _folded(person.nom) not in _folded(shown):
        raise CheckFailed(
            "Nom affiché d'un autre que l'utilisateur connecté",
            expected=f"{person.prenom} {person.nom}",
            received=shown or "absent",
            at=at,
            hint="Prendre les nom et prénom d'exercice de la session.",
        )
    return Evidence(at=at, note=shown)


@check("dmp.session.instant", covers=("DMP-ALIM-17",), source="AuthnStatement (Devbox) ; EX_0.1-1020", confidence="secondaire")
def authentication_is_dated_at_login(vihf: Vihf, login: Geste, settings: Settings) -> Evidence:
    """AuthnInstant est l'instant où l'utilisateur s'est connecté, pas celui du message."""
    at = f"{vihf.at}/saml2:AuthnStatement/@AuthnInstant"
    if not isinstance(login.gesture, SeConnecter) or login.fin is None or not login.fait:
        raise Inconclusive("aucune connexion de l'utilisateur n'a été vue")
    if vihf.mode != RENFORCEE:
        return Evidence(at=at, note=f"mode {vihf.mode or 'absent'} : règle sans effet")
    found = instant(vihf.authn_instant)
    if found is None:
        raise Inconclusive("AuthnInstant illisible")
    tolerance = timedelta(seconds=settings.services.tolerance_horloge) + _LOGIN_TAKES
    if abs(found - login.fin) > tolerance:
        raise CheckFailed(
            "Authentification datée d'un autre moment que la connexion",
            expected=f"{login.fin:%Y-%m-%dT%H:%M:%SZ}, à {tolerance.total_seconds():.0f} s près",
            received=vihf.authn_instant,
            at=at,
            hint="Garder l'instant de la connexion avec la session, et le recopier dans chaque VIHF de cette session.",
        )
    return Evidence(at=at, note=vihf.authn_instant)


@check(
    "dmp.session.one-instant", covers=("DMP-ALIM-17",), source="AuthnStatement (Devbox) ; EX_0.1-1020", confidence="secondaire"
)
def one_session_has_one_instant(calls: Sequence[Vihf]) -> Evidence:
    """Les appels d'une même session portent tous le même instant d'authentification."""
    instants = {vihf.authn_instant: vihf for vihf in calls if vihf.mode == RENFORCEE}
    if len(calls) < 2:
        raise Inconclusive("il faut au moins deux appels d'une même session")
    if len(instants) > 1:
        last = calls[-1]
        raise CheckFailed(
            "Instant d'authentification différent d'un appel à l'autre de la même session",
            expected=calls[0].authn_instant,
            received=", ".join(instants),
            at=f"{last.at}/saml2:AuthnStatement/@AuthnInstant",
            hint="AuthnInstant date la connexion de l'utilisateur ; il ne change qu'à la connexion suivante.",
        )
    return Evidence(note=f"{len(calls)} appels, un instant", fired=len(calls))


def _names_its_user(vihf: Vihf) -> bool:
    return vihf.mode in (RENFORCEE, DIRECTE)


def _folded(text: str) -> str:
    """Letters only, without accents or case: displays differ in hyphens and spaces."""
    bare = unicodedata.normalize("NFD", text.casefold())
    return "".join(char for char in bare if char.isalnum())
