"""Espace de confiance over time: reuse and renewal of API tokens, outages, context carried from one service to the next."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.campaign import Geste
from ..core.errors import CheckFailed, Inconclusive
from ..core.gestures import Etat
from ..core.problem import Evidence
from ..validation.edc import EdcCall, ProfessionalIdentity
from ..validation.oidc import PscCall
from ..validation.saml.vihf import Vihf
from ..validation.tls import TlsConnection
from .edc_echange import APPEL, GUIDE
from .registry import check

OURS = "bonne pratique (expires_in de la RFC 6749) ; rien de chiffré dans les textes lus"
ESSAIS = 5
LOGINS = ("psc.autorisation", "psc.connexion", "psc.ciba", "psc.par")


@check("edc.token-reused", covers=("PSC-09",), source=OURS, confidence="infere")
def api_token_is_reused(calls: Sequence[EdcCall]) -> Evidence:
    """Un jeton d'API encore valable est réemployé : il n'y a pas un échange par appel."""
    served = [c for c in calls if not c.exchange and c.status == 200]
    if len(served) < 2:
        raise Inconclusive("moins de deux appels réussis de l'API")
    held: dict[str, EdcCall] = {}
    for call in calls:
        if not call.exchange:
            if call.status == 401:
                held.pop(call.presents, None)
            continue
        subject = call.facts.get("sujet")
        for former in held.values():
            if former.facts.get("sujet") == subject and float(former.facts.get("expire", 0)) > call.moment:
                raise CheckFailed(
                    "Nouvel échange alors que le jeton d'API vaut encore",
                    expected=f"le jeton reçu à l'échange {former.id}",
                    received=f"un autre échange ({call.id})",
                    at="échange de jeton",
                    hint="Garder le jeton d'API en mémoire, par utilisateur, jusqu'à expires_in.",
                )
        if call.issues:
            held[call.issues] = call
    return Evidence(at=served[-1].id, note=f"{len(served)} appels")


@check("edc.renewed-on-401", covers=("PSC-09",), source=f"{APPEL}, erreurs (401)", confidence="secondaire")
def refused_token_is_renewed(calls: Sequence[EdcCall]) -> Evidence:
    """Un jeton d'API refusé (401) est renouvelé par un nouvel échange, puis l'appel est refait."""
    rank = next((r for r, c in enumerate(calls) if not c.exchange and c.status == 401), None)
    if rank is None:
        raise Inconclusive("l'API n'a refusé aucun jeton")
    later = calls[rank + 1 :]
    renewed = next((c for c in later if c.exchange), None)
    again = next((c for c in later if not c.exchange), None)
    if renewed is None or again is None or again.presents == calls[rank].presents:
        raise CheckFailed(
            "Jeton d'API refusé et non renouvelé",
            expected="un nouvel échange, puis le même appel avec le nouveau jeton",
            received="aucun échange" if renewed is None else "aucun appel avec le nouveau jeton",
            at="appel de l'API, réponse 401",
            hint="Le jeton peut être révoqué avant son expiration : sur 401 invalid_token, échanger de nouveau, une fois.",
        )
    return Evidence(at=again.id)


@check("edc.renewal-not-looped", covers=("PSC-09",), source=OURS, confidence="infere")
def renewal_is_not_repeated(calls: Sequence[EdcCall]) -> Evidence:
    """Quand l'API refuse aussi le nouveau jeton, le proxy s'arrête au lieu d'échanger sans fin."""
    refusals = [c for c in calls if not c.exchange and c.status == 401]
    if not refusals:
        raise Inconclusive("l'API n'a refusé aucun jeton")
    if len(refusals) > 2:
        raise CheckFailed(
            "Échange répété après chaque refus de l'API",
            expected="un renouvellement, puis l'arrêt",
            received=f"{len(refusals)} appels refusés de suite",
            at="appel de l'API, réponse 401",
            hint="Compter les essais : un second 401 avec un jeton neuf vient du certificat, des droits ou du serveur.",
        )
    return Evidence(at=refusals[-1].id, note=f"{len(refusals)} refus")


@check(
    "edc.failure-told", covers=("PSC-09",), source=f"{GUIDE}, erreurs ; contrat du proxy (502, 503, 504)", confidence="secondaire"
)
def user_is_told_of_the_failure(attempt: Geste, calls: Sequence[EdcCall]) -> Evidence:
    """Quand le serveur d'autorisation, le proxy ou l'API ne peut servir, l'utilisateur l'apprend par un message."""
    failed = [c for c in calls if c.status >= 400]
    if not failed:
        raise Inconclusive("aucun appel n'a échoué")
    result = attempt.resultat
    if result is None:
        raise Inconclusive("geste non terminé")
    if result.etat is Etat.FAIT and result.observation("etat") in (None, "ok"):
        raise CheckFailed(
            "Échec de l'appel caché à l'utilisateur",
            expected="un refus, avec un message",
            received="le geste est annoncé comme fait",
            at="résultat du geste",
            hint="Remonter l'échec jusqu'à l'écran et garder la saisie, pour un nouvel essai.",
        )
    if not result.message:
        raise CheckFailed("Échec sans message", expected="un message à l'utilisateur", received="rien", at="résultat du geste")
    return Evidence(at=attempt.id, note=result.message)


@check("edc.retry-bounded", covers=("PSC-09",), source=OURS, confidence="infere")
def retries_are_bounded(calls: Sequence[EdcCall]) -> Evidence:
    """Pendant une panne, les nouveaux essais d'un même geste sont en nombre limité."""
    failed = [c for c in calls if c.status >= 500]
    if not failed:
        raise Inconclusive("aucun appel n'a rencontré de panne")
    if len(failed) > ESSAIS:
        raise CheckFailed(
            "Essais répétés pendant une panne",
            expected=f"au plus {ESSAIS} essais pour un geste",
            received=f"{len(failed)} essais",
            at="appels pendant la panne",
            hint="Limiter les essais, les espacer, puis rendre la main à l'utilisateur.",
        )
    return Evidence(at=failed[-1].id, note=f"{len(failed)} essai(s)", fired=len(failed))


@check("edc.no-new-authentication", covers=("PSC-09",), source="SC.PSC.11 et SC.PSC.12 (contexte propagé)", confidence="vu")
def no_new_authentication_is_asked(calls: Sequence[PscCall]) -> Evidence:
    """Passer d'un service à l'autre ne demande aucune nouvelle authentification à l'utilisateur."""
    opened = next((r for r, c in enumerate(calls) if c.kind in ("psc.jeton.code", "psc.jeton.ciba") and c.issues), None)
    if opened is None:
        raise Inconclusive("aucune connexion n'a été vue")
    again = next((c for c in calls[opened + 1 :] if c.kind in LOGINS), None)
    if again is not None:
        raise CheckFailed(
            "Nouvelle authentification demandée entre deux services",
            expected="une seule connexion, puis l'échange et le rafraîchissement des jetons",
            received=again.kind,
            at="appels à Pro Santé Connect après la connexion",
            hint="Propager la session ouverte : échanger son jeton d'accès pour chaque service, sans repasser par la connexion.",
        )
    return Evidence(at=calls[opened].id, note="une seule authentification")


@check("edc.mtls-to-psc", covers=("PSC-10",), source="EXI PSC 24 ; EXI EDC PSC 102", confidence="vu")
def psc_is_called_with_a_client_certificate(connections: Sequence[TlsConnection]) -> Evidence:
    """Le serveur du DUI ou son proxy présente un certificat client à Pro Santé Connect (TLS mutuel)."""
    for each in connections:
        if each.connection.client_der is None:
            raise CheckFailed(
                "Appel à Pro Santé Connect sans certificat client",
                expected="le certificat d'authentification de l'organisation (ORG AUTH_CLI)",
                received="aucun certificat",
                at=f"connexion TLS, {each.kind}",
                hint="Dans l'espace de confiance, le TLS mutuel est obligatoire sur les adresses appelées par le serveur.",
            )
    return Evidence(note=f"{len(connections)} appels", fired=len(connections))


@check(
    "edc.vihf-role", covers=("PSC-06", "PSC-09"), source="exemple d'API proxy de l'ANS (VIHF tiré de userinfo)", confidence="vu"
)
def vihf_role_is_that_of_userinfo(vihf: Vihf, identity: ProfessionalIdentity) -> Evidence:
    """Le rôle du VIHF est une profession que Pro Santé Connect donne au professionnel connecté."""
    if not identity.professions:
        raise Inconclusive("Pro Santé Connect ne donne aucune profession à cette personne")
    stated = [role.code for role in vihf.roles]
    if not stated or stated[0] not in identity.professions:
        raise CheckFailed(
            "Profession du VIHF étrangère à l'identité Pro Santé Connect",
            expected=" ou ".join(sorted(identity.professions)),
            received=stated[0] if stated else "aucun rôle",
            at=f"{vihf.at}/saml2:AttributeStatement, subject:role",
            hint="Reprendre codeProfession de l'exercice choisi dans userinfo (SubjectRefPro).",
        )
    return Evidence(at=f"{vihf.at}/saml2:AttributeStatement, subject:role", note=stated[0])


@check(
    "edc.vihf-structure",
    covers=("PSC-06", "PSC-09"),
    source="exemple d'API proxy de l'ANS (VIHF tiré de userinfo)",
    confidence="secondaire",
)
def vihf_structure_is_one_of_userinfo(vihf: Vihf, identity: ProfessionalIdentity) -> Evidence:
    """La structure du VIHF est une de celles où Pro Santé Connect dit que le professionnel exerce."""
    if not identity.structures:
        raise Inconclusive("Pro Santé Connect ne donne aucune structure à cette personne")
    if vihf.structure not in identity.structures:
        raise CheckFailed(
            "Structure du VIHF étrangère à l'identité Pro Santé Connect",
            expected=" ou ".join(sorted(identity.structures)),
            received=vihf.structure or "absente",
            at=f"{vihf.at}/saml2:AttributeStatement, Identifiant_Structure",
            hint="Reprendre la situation d'exercice choisie par l'utilisateur parmi celles de userinfo.",
        )
    return Evidence(at=f"{vihf.at}/saml2:AttributeStatement, Identifiant_Structure", note=vihf.structure)
