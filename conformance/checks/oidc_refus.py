"""Pro Santé Connect: what must not open a session. Each rule compares a login that lies with one that did not."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.campaign import Geste
from ..core.errors import CheckFailed, Inconclusive
from ..core.gestures import Etat
from ..core.problem import Evidence
from ..validation.oidc import PscCall
from .oidc_demande import CONNECTOR, GRID
from .registry import check

OIDC_CORE = "OpenID Connect Core §3.1.3.7"
CLEANING = ("psc.revocation", "psc.introspection", "psc.deconnexion")


@check("oidc.bad-state-refused", covers=("PSC-01",), source=f"IG API Pro Santé connectée ; {GRID} 05", confidence="vu")
def forged_state_opens_no_session(control: Geste, attempt: Geste, calls: Sequence[PscCall]) -> Evidence:
    """Un retour dont le state n'est pas celui de la demande est refusé, sans échange du code."""
    return refused("state", control, attempt, calls, "Comparer le state du retour à celui gardé, avant tout appel de jeton.")


@check("oidc.absent-state-refused", covers=("PSC-01",), source=f"IG API Pro Santé connectée ; {GRID} 05", confidence="vu")
def missing_state_opens_no_session(control: Geste, attempt: Geste, calls: Sequence[PscCall]) -> Evidence:
    """Un retour sans state est refusé, sans échange du code."""
    return refused("state-absent", control, attempt, calls, "Un state absent n'est pas un state égal : le refuser aussi.")


@check("oidc.bad-nonce-refused", covers=("PSC-01",), source=f"{CONNECTOR} ; {GRID} 06", confidence="vu")
def wrong_nonce_opens_no_session(control: Geste, attempt: Geste, calls: Sequence[PscCall]) -> Evidence:
    """Un id_token dont le nonce n'est pas celui de la demande n'ouvre aucune session."""
    return refused(
        ("nonce", "nonce-absent"), control, attempt, calls, "Comparer le nonce de l'id_token à celui gardé avec la demande."
    )


@check("oidc.bad-signature-refused", covers=("PSC-01",), source=f"{OIDC_CORE} ; {GRID} 07", confidence="vu")
def wrong_signature_opens_no_session(control: Geste, attempt: Geste, calls: Sequence[PscCall]) -> Evidence:
    """Un id_token signé par une autre clé que celle que désigne son kid n'ouvre aucune session."""
    return refused(
        ("signature", "signature-absente", "altere"),
        control,
        attempt,
        calls,
        "Vérifier la signature avec la clé du JWKS désignée par kid.",
    )


@check("oidc.alg-none-refused", covers=("PSC-01",), source=f"{OIDC_CORE} ; {GRID} 07", confidence="vu")
def unsigned_token_opens_no_session(control: Geste, attempt: Geste, calls: Sequence[PscCall]) -> Evidence:
    """Un id_token sans signature (alg : none) n'ouvre aucune session."""
    return refused("alg-none", control, attempt, calls, "Fixer la liste des algorithmes admis, sans none, au lieu de lire alg.")


@check("oidc.unknown-kid-refused", covers=("PSC-01",), source=f"{CONNECTOR} ; {GRID} 07", confidence="vu")
def unknown_key_opens_no_session(control: Geste, attempt: Geste, calls: Sequence[PscCall]) -> Evidence:
    """Un id_token dont le kid reste absent du JWKS relu n'ouvre aucune session."""
    return refused(
        ("kid-inconnu", "userinfo-kid-inconnu"),
        control,
        attempt,
        calls,
        "Relire le JWKS une fois, puis refuser si la clé n'y est pas.",
    )


@check("oidc.bad-audience-refused", covers=("PSC-01",), source=f"{OIDC_CORE} ; {GRID} 07", confidence="vu")
def token_for_another_client_opens_no_session(control: Geste, attempt: Geste, calls: Sequence[PscCall]) -> Evidence:
    """Un id_token destiné à un autre client (aud) n'ouvre aucune session."""
    return refused(("aud", "aud-absent"), control, attempt, calls, "Vérifier que aud contient le client_id du DUI.")


@check("oidc.bad-issuer-refused", covers=("PSC-01",), source=f"{OIDC_CORE} ; {GRID} 07", confidence="vu")
def token_of_another_issuer_opens_no_session(control: Geste, attempt: Geste, calls: Sequence[PscCall]) -> Evidence:
    """Un id_token d'un autre émetteur (iss) n'ouvre aucune session."""
    return refused(
        ("iss", "iss-absent"), control, attempt, calls, "Comparer iss à l'émetteur de la configuration, caractère pour caractère."
    )


@check("oidc.expired-id-token-refused", covers=("PSC-01",), source=f"{OIDC_CORE} ; {GRID} 07", confidence="vu")
def expired_token_opens_no_session(control: Geste, attempt: Geste, calls: Sequence[PscCall]) -> Evidence:
    """Un id_token expiré n'ouvre aucune session."""
    return refused("expire", control, attempt, calls, "Vérifier exp, avec une tolérance d'horloge de quelques minutes au plus.")


@check("oidc.absent-acr-refused", covers=("PSC-02",), source=f"{CONNECTOR}, ticket 43 ; {GRID} 04", confidence="vu")
def token_without_acr_opens_no_session(control: Geste, attempt: Geste, calls: Sequence[PscCall]) -> Evidence:
    """Un id_token qui ne dit pas son niveau d'authentification (acr) n'ouvre aucune session."""
    return refused("acr-absent", control, attempt, calls, "N'admettre que acr eidas1, eidas2 ou eidas3, et refuser son absence.")


@check("oidc.unknown-acr-refused", covers=("PSC-02",), source=f"{CONNECTOR}, ticket 43 ; {GRID} 04", confidence="vu")
def token_with_another_acr_opens_no_session(control: Geste, attempt: Geste, calls: Sequence[PscCall]) -> Evidence:
    """Un id_token d'un niveau d'authentification inconnu (acr) n'ouvre aucune session."""
    return refused("acr-inconnu", control, attempt, calls, "N'admettre que acr eidas1, eidas2 ou eidas3.")


@check("oidc.userinfo-signature-checked", covers=("PSC-01",), source=f"{CONNECTOR} ; {GRID} 18", confidence="vu")
def badly_signed_userinfo_opens_no_session(control: Geste, attempt: Geste, calls: Sequence[PscCall]) -> Evidence:
    """Un userinfo reçu comme JWT mal signé n'ouvre aucune session."""
    return refused("userinfo-signature", control, attempt, calls, "Vérifier la signature du userinfo reçu en application/jwt.")


@check("oidc.userinfo-subject-checked", covers=("PSC-01",), source="OpenID Connect Core §5.3.2", confidence="vu")
def userinfo_of_another_subject_opens_no_session(control: Geste, attempt: Geste, calls: Sequence[PscCall]) -> Evidence:
    """Un userinfo dont le sub n'est pas celui de l'id_token n'ouvre aucune session."""
    return refused(
        ("userinfo-sub", "userinfo-sub-absent", "userinfo-autre-personne"),
        control,
        attempt,
        calls,
        "Comparer le sub du userinfo à celui de l'id_token.",
    )


@check("oidc.denied-access-handled", covers=("PSC-01",), source="OpenID Connect Core §3.1.2.6", confidence="vu")
def denied_access_opens_no_session(control: Geste, attempt: Geste) -> Evidence:
    """Quand le professionnel refuse la connexion (error=access_denied), le DUI n'ouvre aucune session."""
    need_control(control)
    if attempt.observation("session") is True:
        raise opened("error=access_denied", attempt.id, "Lire le paramètre error du retour avant le code.")
    if not said_no(attempt):
        raise Inconclusive("le DUI n'a pas dit s'il a ouvert une session")
    return Evidence(at=attempt.id, note=shown(attempt))


def refused(defaut: str | tuple[str, ...], control: Geste, attempt: Geste, calls: Sequence[PscCall], hint: str) -> Evidence:
    """No session after the reply that carried the tampering: neither declared, nor seen in what the DUI does with it.

    A DUI that refuses in the end may have read userinfo first: several libraries do, and check acr last.
    """
    need_control(control)
    told = (defaut,) if isinstance(defaut, str) else defaut
    lies = [rank for rank, call in enumerate(calls) if call.defaut in told]
    if not lies:
        raise Inconclusive("la réponse faussée n'a pas été demandée par le DUI")
    lie = calls[lies[0]]
    issued = frozenset[str]().union(*(calls[rank].issues for rank in lies))
    used = [call for call in calls[lies[0] + 1 :] if call.presents & issued and not call.kind.startswith(CLEANING)]
    if used and not (said_no(attempt) and all(call.kind == "psc.userinfo" for call in used)):
        raise CheckFailed(
            "Connexion poursuivie malgré une réponse falsifiée",
            expected="refus, sans aucun appel avec ce qui a été reçu",
            received=f"{used[0].kind} ({used[0].id}) après la réponse falsifiée {lie.id} (défaut : {lie.defaut})",
            at=used[0].id,
            hint=hint,
        )
    if attempt.observation("session") is True:
        raise opened(lie.defaut, lie.id, hint)
    if said_no(attempt):
        return Evidence(at=calls[lies[0]].id, note=shown(attempt))
    if attempt.resultat is not None and _goes_on(calls[: lies[0]]):
        return Evidence(at=calls[lies[0]].id, note="aucun appel avec les jetons falsifiés, alors que le témoin en a fait")
    raise Inconclusive("le DUI n'a pas dit s'il a ouvert une session")


def need_control(control: Geste) -> None:
    """A refusal proves nothing without a login that succeeded."""
    if not control.fait or control.observation("session") is False:
        raise Inconclusive("la connexion témoin, sans défaut, n'a pas réussi")


def said_no(attempt: Geste) -> bool:
    """True when the DUI refused, or says that it opened no session."""
    refused = attempt.resultat is not None and attempt.resultat.etat is Etat.REFUSE
    return refused or attempt.observation("session") is False


def shown(attempt: Geste) -> str:
    """What the DUI showed."""
    return (attempt.resultat.message if attempt.resultat else "") or "aucune session ouverte"


def _goes_on(calls: Sequence[PscCall]) -> bool:
    """True when, after a sound token answer, the DUI showed on the wire that it had accepted it."""
    good = frozenset[str]().union(*(c.issues for c in calls if c.kind == "psc.jeton.code" and not c.defaut))
    return any(call.presents & good for call in calls)


def opened(defaut: str, at: str, hint: str) -> CheckFailed:
    """The failure of a DUI that believed a lie."""
    return CheckFailed(
        "Session ouverte malgré une réponse falsifiée",
        expected="un refus montré à l'utilisateur, sans session",
        received=f"une session ouverte (défaut servi : {defaut})",
        at=at,
        hint=hint,
    )
