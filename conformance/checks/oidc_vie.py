"""Pro Santé Connect: what a session may not do with its tokens, and what a DUI must bear from the provider without failing."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.campaign import Geste
from ..core.errors import CheckFailed, Inconclusive
from ..core.people import Professionnel
from ..core.problem import Evidence
from ..validation.oidc import PscCall, TokenResponse
from .oidc_demande import API, CONNECTOR, GRID
from .oidc_session import REFRESH, accounts, closed, ended, need_open, still_open
from .registry import check

STORM, WINDOW = 3, 60
IDLE = 30 * 60
CORE = "OpenID Connect Core"


@check("oidc.no-refresh-storm", covers=("PSC-01",), source=f"{GRID} 11", confidence="secondaire")
def refreshes_are_spaced(use: Geste, calls: Sequence[PscCall]) -> Evidence:
    """Un jeton d'accès se renouvelle une fois par expiration : moins de trois rafraîchissements en une minute."""
    renewals = [call for call in calls if call.kind == REFRESH]
    if not renewals:
        raise Inconclusive("aucun rafraîchissement n'a été vu")
    for rank, call in enumerate(renewals[STORM - 1 :]):
        if call.moment - renewals[rank].moment < WINDOW:
            raise CheckFailed(
                "Rafraîchissements en rafale",
                expected=f"moins de {STORM} rafraîchissements en {WINDOW} secondes",
                received=f"{STORM} rafraîchissements en {call.moment - renewals[rank].moment:.0f} secondes",
                at=call.id,
                hint="Garder le jeton reçu jusqu'à son expiration (expires_in) ; un verrou évite que chaque écran renouvelle.",
            )
    return Evidence(at=renewals[-1].id, note=f"{len(renewals)} rafraîchissement(s)")


@check("oidc.expired-token-not-insisted", covers=("PSC-01",), source=f"{API}, cas 1a ; RFC 6750 §3.1", confidence="vu")
def refused_token_is_not_presented_again(use: Geste, calls: Sequence[PscCall]) -> Evidence:
    """Un jeton d'accès refusé (expiré) n'est pas présenté de nouveau : il est renouvelé, ou la session se termine."""
    reads = [call for call in calls if call.kind == "psc.userinfo"]
    if not reads:
        raise Inconclusive("aucun appel avec un jeton d'accès n'a été vu")
    refused: set[str] = set()
    for call in reads:
        if call.presents & refused:
            raise CheckFailed(
                "Jeton d'accès refusé présenté de nouveau",
                expected="un rafraîchissement après le premier refus (HTTP 401)",
                received=f"le même jeton encore présenté ({call.id})",
                at=call.id,
                hint="Sur invalid_token, renouveler une fois puis reprendre avec le nouveau jeton ; sinon finir la session.",
            )
        if call.status == 401:
            refused |= call.presents
    return Evidence(at=reads[-1].id, note=f"{len(reads)} lecture(s)")


@check("oidc.session-idle-thirty-minutes", covers=("PSC-01",), source=f"{API}, durée de la session ; {GRID} 14", confidence="vu")
def idle_session_does_not_outlive_thirty_minutes(use: Geste, calls: Sequence[PscCall]) -> Evidence:
    """Après trente minutes sans activité, la session Pro Santé Connect est finie et le DUI renvoie à la connexion."""
    hint = "Fermer la session après ce délai, ou en demander la preuve à Pro Santé Connect (rafraîchissement) avant de continuer."
    return ended(use, calls, "plus de trente minutes sans activité", hint)


@check("oidc.token-of-the-user", covers=("PSC-01",), source=f"{CONNECTOR} ; {GRID} 12", confidence="secondaire")
def tokens_are_those_of_the_user(calls: Sequence[PscCall]) -> Evidence:
    """Après un changement d'utilisateur, les appels portent les jetons du nouveau, jamais ceux du précédent."""
    logins = [rank for rank, call in enumerate(calls) if call.kind == "psc.jeton.code" and call.issues]
    if len(logins) < 2:
        raise Inconclusive("il faut deux connexions, de deux professionnels")
    rank = logins[-1]
    login = calls[rank]
    before = frozenset[str]().union(*(call.issues for call in calls[:rank] if call.kind.startswith("psc.jeton")))
    later = calls[rank + 1 :]
    if not later:
        raise Inconclusive("aucun appel n'a suivi la connexion")
    for call in later:
        if call.kind in (REFRESH, "psc.userinfo") and call.presents & before:
            raise CheckFailed(
                "Jeton de l'utilisateur précédent employé",
                expected=f"un jeton délivré à {login.facts.get('persona', 'ce professionnel')} ({login.id})",
                received=f"un jeton d'une session précédente ({call.kind})",
                at=call.id,
                hint="Garder les jetons avec la session de l'utilisateur, jamais dans une variable de l'application.",
            )
    return Evidence(at=login.id, note=f"{len(later)} appel(s)")


@check("oidc.refresh-token-kept", covers=("PSC-01",), source="RFC 6749 §6", confidence="vu")
def refresh_token_is_kept_when_none_comes(use: Geste, calls: Sequence[PscCall]) -> Evidence:
    """Quand un rafraîchissement ne donne pas de nouveau jeton de rafraîchissement, le DUI continue avec l'ancien."""
    renewals = [call for call in calls if call.kind == REFRESH]
    if len(renewals) < 2:
        if renewals and closed(use):
            raise _lost(use.id)
        raise Inconclusive("il faut deux rafraîchissements, le premier sans nouveau jeton")
    if renewals[-1].status != 200 or closed(use):
        raise _lost(renewals[-1].id)
    return Evidence(at=renewals[-1].id, note="session poursuivie")


def _lost(at: str) -> CheckFailed:
    return CheckFailed(
        "Jeton de rafraîchissement perdu",
        expected="le même jeton présenté de nouveau, la session continue",
        received="un rafraîchissement refusé, ou une session fermée",
        at=at,
        hint="Ne remplacer le jeton gardé que si la réponse en donne un.",
    )


@check("oidc.refresh-without-id-token", covers=("PSC-01",), source=f"{CORE} §12.2", confidence="vu")
def refresh_without_id_token_is_accepted(use: Geste, calls: Sequence[PscCall]) -> Evidence:
    """Un rafraîchissement qui ne redonne pas d'id_token, ce que la norme admet, ne ferme pas la session."""
    renewal = next((call for call in reversed(calls) if call.kind == REFRESH), None)
    if renewal is None:
        raise Inconclusive("aucun rafraîchissement n'a été vu")
    hint = "L'id_token de la connexion reste celui de la session ; sa présence au rafraîchissement est facultative."
    need_open(use, renewal.id, "jetons renouvelés, sans id_token", hint)
    return Evidence(at=renewal.id)


@check("oidc.refreshed-person-checked", covers=("PSC-01",), source=f"{CORE} §12.2", confidence="vu")
def tokens_renewed_for_another_end_the_session(use: Geste, calls: Sequence[PscCall]) -> Evidence:
    """Des jetons renouvelés pour une autre personne, ou par un autre émetteur, ne servent pas et mettent fin à la session."""
    lie = next((rank for rank, call in enumerate(calls) if call.kind == REFRESH and call.defaut), None)
    if lie is None:
        raise Inconclusive("aucun rafraîchissement faussé n'a été vu")
    hint = "Comparer iss, sub et aud de l'id_token renouvelé à ceux de la connexion, avant d'employer le nouveau jeton."
    used = next((call for call in calls[lie + 1 :] if call.kind == "psc.userinfo" and call.presents & calls[lie].issues), None)
    if used is not None:
        raise CheckFailed(
            "Jeton qui n'est pas celui de la session employé après un rafraîchissement",
            expected="la fin de la session, sans aucun appel avec ce jeton",
            received=f"{used.kind} ({used.id})",
            at=used.id,
            hint=hint,
        )
    if closed(use) or any(call.kind == "psc.autorisation" for call in calls[lie + 1 :]):
        return Evidence(at=calls[lie].id, note="session terminée")
    raise still_open(use, calls[lie].id, "jetons renouvelés qui ne sont pas ceux de la session", hint)


@check("oidc.logout-despite-outage", covers=("PSC-04",), source=f"SC.SSI/IE.38 ; {GRID} 13, 19", confidence="secondaire")
def logout_ends_the_session_despite_an_outage(logout: Geste, use: Geste, calls: Sequence[PscCall]) -> Evidence:
    """La déconnexion ferme la session du DUI même quand Pro Santé Connect ne répond pas."""
    if logout.resultat is None or not any(call.kind == "psc.jeton.code" and call.issues for call in calls):
        raise Inconclusive("aucune connexion préalable, ou une déconnexion qui n'est pas terminée")
    if closed(use) and logout.observation("session") is not True:
        return Evidence(at=logout.id, note="session fermée")
    hint = "Fermer d'abord la session locale et oublier les jetons, puis appeler la fin de session."
    raise still_open(use, logout.id, "déconnexion pendant une panne de Pro Santé Connect", hint)


@check("oidc.audience-list-accepted", covers=("PSC-01",), source=f"{CORE} §2", confidence="vu")
def audience_in_a_list_is_accepted(attempt: Geste, tokens: TokenResponse) -> Evidence:
    """Un id_token qui porte son destinataire dans une liste d'un élément est accepté."""
    need_open(attempt, tokens.id, "aud dans une liste", "aud est un texte ou une liste de textes : lire les deux.")
    return Evidence(at=tokens.id)


@check("oidc.unknown-keys-ignored", covers=("PSC-01",), source="RFC 7517 §5", confidence="vu")
def keys_of_unknown_sorts_are_ignored(attempt: Geste, calls: Sequence[PscCall]) -> Evidence:
    """Des clés de sortes inconnues dans le JWKS n'empêchent pas la connexion."""
    served = [call for call in calls if call.kind == "psc.jwks" and "sorte-inconnue" in call.facts.get("kids", ())]
    if not served:
        raise Inconclusive("le DUI n'a pas relu le JWKS")
    need_open(attempt, served[-1].id, "JWKS avec des clés inconnues", "Ignorer les clés que l'on ne sait pas lire.")
    return Evidence(at=served[-1].id)


@check("oidc.userinfo-jwe-accepted", covers=("PSC-01",), source=f"{CONNECTOR} (RSA-OAEP)", confidence="vu")
def encrypted_userinfo_is_accepted(attempt: Geste, calls: Sequence[PscCall]) -> Evidence:
    """Un userinfo signé puis chiffré pour la clé du DUI est déchiffré, vérifié et accepté."""
    served = [call for call in calls if call.facts.get("format") == "jwe" and not call.defaut]
    if not served:
        raise Inconclusive("aucun userinfo chiffré n'a été servi")
    hint = "Déchiffrer avec la clé privée du client (RSA-OAEP), puis vérifier la signature du JWT qui apparaît."
    need_open(attempt, served[-1].id, "userinfo en JWE", hint)
    return Evidence(at=served[-1].id)


@check("oidc.every-professional-accepted", covers=("PSC-01",), source=f"{GRID} 16", confidence="secondaire")
def login_of_this_professional_is_accepted(attempt: Geste, tokens: TokenResponse, person: Professionnel) -> Evidence:
    """La connexion aboutit pour tout professionnel de Pro Santé Connect, avec ou sans RPPS, quelles que soient ses activités."""
    if tokens.persona != person.id:
        raise Inconclusive(f"les jetons sont ceux de « {tokens.persona} »")
    hint = "Les données absentes sont des textes vides ; qui n'est pas au RPPS n'a ni SubjectRefPro ni SubjectRole."
    need_open(attempt, tokens.id, f"{person.prenom} {person.nom}, profession « {person.profession or 'aucune'} »", hint)
    return Evidence(at=tokens.id, note=person.id)


@check("oidc.every-professional-own-account", covers=("PSC-03",), source=f"EXI PSC 19 ; {GRID} 15", confidence="vu")
def every_professional_has_his_own_account(logins: Sequence[Geste]) -> Evidence:
    """Des professionnels différents ouvrent des comptes différents, même de même métier et de même structure."""
    named = [(login, login.observation("compte")) for login in logins if login.fait]
    seen: dict[str, Geste] = {}
    for login, account in named:
        if not account:
            raise Inconclusive("le DUI ne déclare pas le compte ouvert (observation « compte »)")
        other = seen.setdefault(str(account), login)
        if other is not login:
            raise CheckFailed(
                "Un même compte pour des professionnels différents",
                expected="un compte par identifiant national",
                received=f"le compte « {account} » pour les gestes {other.id} et {login.id}",
                at=f"gestes {other.id} et {login.id}",
                hint="Un compte par personne : pas de compte de métier, de service ou de structure.",
            )
    if len(named) < 2:
        raise Inconclusive("il faut deux connexions réussies pour les comparer")
    return Evidence(at=named[-1][0].id, note=f"{len(named)} comptes différents")


@check("oidc.same-account-by-both-providers", covers=("PSC-12",), source="SC.SSI/IAM.80 ; EXI PSC 19", confidence="secondaire")
def both_providers_open_the_same_account(by_psc: Geste, by_other: Geste) -> Evidence:
    """Le professionnel qui se connecte par l'autre fournisseur retrouve le compte ouvert par Pro Santé Connect."""
    hint = "Rapprocher sur le numéro RPPS que donnent les deux fournisseurs, jamais sur leur propre identifiant (sub)."
    need_open(by_other, by_other.id, "connexion par l'autre fournisseur", hint)
    first, second = accounts(by_psc, by_other)
    if first != second:
        raise CheckFailed(
            "Un second compte pour le même professionnel",
            expected=f"le compte « {first} »",
            received=f"le compte « {second} »",
            at=f"gestes {by_psc.id} et {by_other.id}",
            hint=hint,
        )
    return Evidence(at=f"gestes {by_psc.id} et {by_other.id}", note=f"compte « {first} »")
