"""Pro Santé Connect: what must be accepted, how a session lives and ends, and which local account it opens."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.campaign import Geste
from ..core.errors import CheckFailed, Inconclusive
from ..core.gestures import Etat
from ..core.problem import Evidence
from ..core.settings import Settings
from ..validation.oidc import LogoutRequest, PscCall, TokenResponse
from .oidc_demande import API, CONNECTOR, GRID
from .registry import check

REFRESH = "psc.jeton.rafraichissement"
USES = (REFRESH, "psc.userinfo")
ACCESS_LIFE = 120
HIGHER = ("eidas2", "eidas3")


@check("oidc.session-opened", covers=("PSC-01",), source=f"{GRID} 01 à 08", confidence="vu")
def login_opens_a_session(attempt: Geste, tokens: TokenResponse) -> Evidence:
    """Après une connexion sans défaut, le DUI ouvre une session."""
    if tokens.defaut:
        raise Inconclusive("la réponse des jetons était falsifiée")
    need_open(attempt, tokens.id, "jetons sans défaut", "Lire le message montré par le DUI : une vérification est trop stricte.")
    return Evidence(at=tokens.id, note=f"acr {tokens.acr}")


@check("oidc.higher-acr-accepted", covers=("PSC-02",), source=f"{CONNECTOR}, ticket 43 ; {GRID} 04", confidence="vu")
def higher_acr_is_accepted(attempt: Geste, tokens: TokenResponse) -> Evidence:
    """Un niveau d'authentification plus haut que demandé (acr eidas2 ou eidas3) est accepté."""
    if tokens.acr not in HIGHER or tokens.defaut:
        raise Inconclusive(f"les jetons délivrés portaient acr {tokens.acr or 'absent'}")
    hint = "Pro Santé Connect répond eidas2 à une demande eidas1 : comparer par ordre, jamais par égalité."
    need_open(attempt, tokens.id, f"acr {tokens.acr}", hint)
    return Evidence(at=tokens.id, note=f"acr {tokens.acr} accepté")


@check("oidc.new-key-accepted", covers=("PSC-01",), source=f"{CONNECTOR} ; {GRID} 07", confidence="vu")
def new_signing_key_is_accepted(attempt: Geste, before: TokenResponse, after: TokenResponse) -> Evidence:
    """Quand Pro Santé Connect change de clé de signature, le DUI relit le JWKS et accepte la nouvelle."""
    if before.kid == after.kid or after.defaut:
        raise Inconclusive("la clé de signature n'a pas changé entre les deux connexions")
    hint = "Sur un kid inconnu, relire le JWKS une fois avant de refuser ; ne pas garder les clés pour la vie du processus."
    need_open(attempt, after.id, "id_token signé par la nouvelle clé publiée", hint)
    return Evidence(at=after.id, note="nouvelle clé acceptée")


@check("oidc.userinfo-jwt-accepted", covers=("PSC-01",), source=f"{CONNECTOR} ; {GRID} 18", confidence="vu")
def userinfo_as_jwt_is_accepted(attempt: Geste, calls: Sequence[PscCall]) -> Evidence:
    """Un userinfo reçu comme JWT bien signé (application/jwt) est accepté."""
    served = [call for call in calls if call.facts.get("format") == "jwt" and not call.defaut]
    if not served:
        raise Inconclusive("aucun userinfo n'a été servi comme JWT")
    need_open(
        attempt, served[-1].id, "userinfo en application/jwt", "Lire le type de contenu : JSON et JWT signé sont possibles."
    )
    return Evidence(at=served[-1].id)


@check("oidc.refresh-without-user", covers=("PSC-01",), source=f"{API}, cas 1a", confidence="vu")
def expired_access_token_is_refreshed_silently(use: Geste, calls: Sequence[PscCall]) -> Evidence:
    """Un jeton d'accès expiré est renouvelé par le jeton de rafraîchissement, sans nouvelle connexion de l'utilisateur."""
    first = next((rank for rank, call in enumerate(calls) if call.kind == "psc.jeton.code" and call.issues), None)
    if first is None:
        raise Inconclusive("aucune connexion préalable n'a été vue")
    after = (call for call in calls[first + 1 :] if call.kind in (*USES, "psc.autorisation"))
    later = [call for call in after if call.moment - calls[first].moment > ACCESS_LIFE]
    hint = "Le jeton d'accès vit 2 minutes, celui de rafraîchissement 30 : renouveler avant l'expiration ou au premier refus."
    if not later and closed(use):
        raise CheckFailed(
            "Session perdue à l'expiration du jeton d'accès",
            expected="grant_type=refresh_token, sans rien demander à l'utilisateur",
            received="session fermée, sans aucun appel à Pro Santé Connect",
            at=use.id,
            hint=hint,
        )
    if not later:
        raise Inconclusive("le DUI n'a plus appelé Pro Santé Connect après l'expiration du jeton d'accès")
    renewed = next((call for call in later if call.kind == REFRESH and call.status == 200), None)
    again = next((call for call in later if call.kind == "psc.autorisation"), None)
    if renewed is not None and (again is None or calls.index(renewed) < calls.index(again)):
        return Evidence(at=renewed.id)
    received = (
        "une nouvelle demande d'autorisation" if again else f"{later[0].kind} (HTTP {later[0].status}), sans rafraîchissement"
    )
    raise CheckFailed(
        "Jeton d'accès expiré non renouvelé",
        expected="grant_type=refresh_token, puis la suite avec le nouveau jeton d'accès",
        received=received,
        at=(again or later[0]).id,
        hint=hint,
    )


@check("oidc.refresh-refusal-ends-session", covers=("PSC-01",), source=f"{API}, cas 1b ; {GRID} 11", confidence="vu")
def refused_refresh_ends_the_session(use: Geste, calls: Sequence[PscCall]) -> Evidence:
    """Un rafraîchissement refusé (invalid_grant) met fin à la session du DUI et renvoie à la connexion, sans insister."""
    refusals = [rank for rank, call in enumerate(calls) if call.kind == REFRESH and call.facts.get("erreur") == "invalid_grant"]
    if not refusals:
        raise Inconclusive("aucun rafraîchissement refusé n'a été vu")
    refusal, later = calls[refusals[0]], calls[refusals[0] + 1 :]
    hint = "Après invalid_grant, oublier les jetons, fermer la session locale et proposer la page de connexion."
    insisting = next((call for call in later if call.kind == REFRESH and call.presents & refusal.presents), None)
    if insisting is not None:
        raise CheckFailed(
            "Rafraîchissement répété après un refus",
            expected="aucun autre essai avec ce jeton",
            received=f"{len(refusals)} refus, dont {insisting.id}",
            at=insisting.id,
            hint=hint,
        )
    if any(call.kind == "psc.autorisation" for call in later) or closed(use):
        return Evidence(at=refusal.id, note="session terminée")
    raise still_open(use, refusal.id, "rafraîchissement refusé", hint)


@check("oidc.session-four-hours", covers=("PSC-01",), source=f"{API}, cas 1b.1 ; {GRID} 14", confidence="vu")
def session_does_not_outlive_four_hours(use: Geste, calls: Sequence[PscCall]) -> Evidence:
    """Au-delà de quatre heures, le DUI renvoie l'utilisateur à la page de connexion de Pro Santé Connect."""
    return ended(use, calls, "session de plus de 4 h", "La session Pro Santé Connect dure 4 h au plus.")


@check("oidc.logout-id-token-hint", covers=("PSC-04",), source=f"{CONNECTOR} ; {GRID} 13", confidence="vu")
def logout_carries_the_id_token(request: LogoutRequest) -> Evidence:
    """La fin de session porte dans id_token_hint l'id_token reçu à la connexion."""
    if request.facts.get("hint") != "valide":
        raise CheckFailed(
            "Fin de session sans id_token_hint valable",
            expected="id_token_hint = l'id_token de la session",
            received="absent"
            if not request["id_token_hint"]
            else "un jeton que Pro Santé Connect n'a pas délivré comme id_token",
            at="fin de session, paramètre id_token_hint",
            hint="Garder l'id_token pendant la session ; sans lui, Pro Santé Connect ne sait pas quelle session fermer.",
        )
    return Evidence(at="fin de session, paramètre id_token_hint")


@check("oidc.post-logout-registered", covers=("PSC-04",), source=CONNECTOR, confidence="vu")
def logout_returns_to_a_registered_address(request: LogoutRequest, settings: Settings) -> Evidence:
    """L'adresse de retour après déconnexion, quand elle est donnée, est une de celles enregistrées."""
    target = request["post_logout_redirect_uri"]
    if target and target not in settings.psc.post_logout_redirect_uris:
        raise CheckFailed(
            "Adresse de retour après déconnexion non enregistrée",
            expected=" ou ".join(settings.psc.post_logout_redirect_uris),
            received=target,
            at="fin de session, paramètre post_logout_redirect_uri",
            hint="La comparaison est exacte ; cette adresse se déclare à part de celle de la connexion.",
        )
    return Evidence(at="fin de session", note=target or "sans adresse de retour")


@check("oidc.logout-ends-local-session", covers=("PSC-04",), source=f"SC.SSI/IE.38 ; {GRID} 13", confidence="vu")
def logout_ends_the_session_of_the_dui(use: Geste, logout: LogoutRequest, calls: Sequence[PscCall]) -> Evidence:
    """Après la déconnexion, la session du DUI est fermée et ses jetons ne servent plus."""
    rank = next((rank for rank, call in enumerate(calls) if call.id == logout.id), None)
    if rank is None:
        raise Inconclusive("la fin de session n'est pas parmi les appels examinés")
    known = frozenset[str]().union(*(call.issues for call in calls[:rank]))
    hint = "À la déconnexion : oublier jetons et session locale, même si l'appel à Pro Santé Connect échoue."
    used = next((call for call in calls[rank + 1 :] if call.kind in USES and call.presents & known), None)
    if used is not None:
        renewing = used.kind == REFRESH
        raise CheckFailed(
            "Jetons demandés de nouveau après la déconnexion" if renewing else "Jeton d'une session terminée encore employé",
            expected="plus aucun appel avec les jetons de la session",
            received=f"{used.kind} ({used.id}) après la fin de session",
            at=used.id,
            hint=hint,
        )
    if not closed(use) and not any(call.kind == "psc.autorisation" for call in calls[rank + 1 :]):
        raise still_open(use, logout.id, "déconnexion explicite", hint)
    return Evidence(at=logout.id, note="session fermée")


@check("oidc.homonyms-have-two-accounts", covers=("PSC-03",), source=f"EXI PSC 19 ; {GRID} 15", confidence="vu")
def homonyms_do_not_share_an_account(one: Geste, other: Geste, tokens: TokenResponse, others: TokenResponse) -> Evidence:
    """Deux professionnels homonymes, d'identifiants nationaux différents, ouvrent deux comptes différents."""
    if tokens.persona == others.persona:
        raise Inconclusive("les deux connexions ont été faites par le même professionnel")
    first, second = accounts(one, other)
    if first == second:
        raise CheckFailed(
            "Deux professionnels différents ouvrent le même compte",
            expected="un compte par identifiant national (SubjectNameID)",
            received=f"le compte « {first} » pour les deux",
            at=f"gestes {one.id} et {other.id}",
            hint="Rapprocher sur l'identifiant national ; jamais sur le nom, le prénom ou l'adresse électronique.",
        )
    return Evidence(at=f"gestes {one.id} et {other.id}")


@check("oidc.same-person-same-account", covers=("PSC-03",), source=f"EXI PSC 19 ; {GRID} 15", confidence="vu")
def same_identifier_opens_the_same_account(one: Geste, again: Geste, tokens: TokenResponse, others: TokenResponse) -> Evidence:
    """Le même professionnel, reconnu à son identifiant national, retrouve le même compte à chaque connexion."""
    if tokens.persona != others.persona:
        raise Inconclusive("les deux connexions ont été faites par deux professionnels")
    first, second = accounts(one, again)
    if first != second:
        raise CheckFailed(
            "Le même professionnel ouvre un autre compte",
            expected=f"le compte « {first} »",
            received=f"le compte « {second} »",
            at=f"gestes {one.id} et {again.id}",
            hint="Chercher d'abord un compte déjà lié à cet identifiant national ; n'en créer un que s'il n'y en a pas.",
        )
    return Evidence(at=f"gestes {one.id} et {again.id}", note=f"compte « {first} »")


def accounts(one: Geste, other: Geste) -> tuple[str, str]:
    """The local accounts that two logins opened, as the DUI declares them."""
    first, second = one.observation("compte"), other.observation("compte")
    if not first or not second:
        raise Inconclusive("le DUI ne déclare pas le compte ouvert (observation « compte »)")
    return str(first), str(second)


def need_open(attempt: Geste, at: str, served: str, hint: str) -> None:
    """Fail unless the login opened a session."""
    if attempt.fait and attempt.observation("session") is not False:
        return
    if attempt.resultat is None:
        raise Inconclusive("le geste de connexion n'est pas terminé")
    raise CheckFailed(
        "Connexion refusée à tort",
        expected=f"une session ouverte ({served})",
        received=f"aucune session{' : « ' + attempt.resultat.message + ' »' if attempt.resultat.message else ''}",
        at=at,
        hint=hint,
    )


def closed(use: Geste) -> bool:
    """What the DUI declares of its session; when it declares nothing, whether it refused to go on."""
    declared = use.observation("session")
    if declared is not None:
        return declared is False
    return use.resultat is not None and use.resultat.etat is Etat.REFUSE


def ended(use: Geste, calls: Sequence[PscCall], why: str, hint: str) -> Evidence:
    """The session opened by the first login is over: the DUI asks for another one, or says that it is closed."""
    first = next((rank for rank, call in enumerate(calls) if call.kind == "psc.jeton.code" and call.issues), None)
    if first is None:
        raise Inconclusive("aucune connexion préalable n'a été vue")
    if any(call.kind == "psc.autorisation" for call in calls[first + 1 :]) or closed(use):
        return Evidence(at=calls[first].id, note="session terminée")
    raise still_open(use, calls[first].id, why, hint)


def still_open(use: Geste, at: str, after: str, hint: str) -> CheckFailed:
    """The failure of a session that should be over."""
    if use.observation("session") is None:
        raise Inconclusive("le DUI n'a pas dit si sa session est encore ouverte")
    return CheckFailed(
        "Session du DUI encore ouverte",
        expected="session fermée, ou nouvelle demande d'autorisation",
        received=f"session ouverte après : {after}",
        at=at,
        hint=hint,
    )
