"""Pro Santé Connect: what must not open a session. Each rule compares a login that lies with one that did not."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.campaign import Geste
from ..core.check import Check
from ..core.errors import CheckFailed, Inconclusive
from ..core.gestures import Etat
from ..core.problem import Evidence
from ..validation.oidc import PscCall
from .oidc_demande import CONNECTOR, GRID
from .registry import check

OIDC_CORE = "OpenID Connect Core §3.1.3.7"
CLEANING = ("psc.revocation", "psc.introspection", "psc.deconnexion")


def refused(told: tuple[str, ...], control: Geste, attempt: Geste, calls: Sequence[PscCall], hint: str) -> Evidence:
    """No session after the reply that carried the tampering: neither declared, nor seen in what the DUI does with it.

    A DUI that refuses in the end may have read userinfo first: several libraries do, and check acr last.
    """
    need_control(control)
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


def refusal(
    id: str,
    rule: str,
    *,
    lies: tuple[str, ...],
    hint: str,
    source: str,
    covers: tuple[str, ...] = ("PSC-01",),
    confidence: str = "vu",
) -> Check:
    """The check that a DUI told one of these lies (names of faults of the provider) opens no session; ``rule``: its sentence."""

    def judge(control: Geste, attempt: Geste, calls: Sequence[PscCall]) -> Evidence:
        return refused(lies, control, attempt, calls, hint)

    judge.__doc__ = rule
    return check(id, covers=covers, source=source, confidence=confidence)(judge)


forged_state_opens_no_session = refusal(
    "oidc.bad-state-refused",
    "Un retour dont le state n'est pas celui de la demande est refusé, sans échange du code.",
    lies=("state",),
    hint="Comparer le state du retour à celui gardé, avant tout appel de jeton.",
    source=f"IG API Pro Santé connectée ; {GRID} 05",
)
missing_state_opens_no_session = refusal(
    "oidc.absent-state-refused",
    "Un retour sans state est refusé, sans échange du code.",
    lies=("state-absent",),
    hint="Un state absent n'est pas un state égal : le refuser aussi.",
    source=f"IG API Pro Santé connectée ; {GRID} 05",
)
wrong_nonce_opens_no_session = refusal(
    "oidc.bad-nonce-refused",
    "Un id_token dont le nonce n'est pas celui de la demande n'ouvre aucune session.",
    lies=("nonce", "nonce-absent"),
    hint="Comparer le nonce de l'id_token à celui gardé avec la demande.",
    source=f"{CONNECTOR} ; {GRID} 06",
)
wrong_signature_opens_no_session = refusal(
    "oidc.bad-signature-refused",
    "Un id_token signé par une autre clé que celle que désigne son kid n'ouvre aucune session.",
    lies=("signature", "signature-absente", "altere"),
    hint="Vérifier la signature avec la clé du JWKS désignée par kid.",
    source=f"{OIDC_CORE} ; {GRID} 07",
)
unsigned_token_opens_no_session = refusal(
    "oidc.alg-none-refused",
    "Un id_token sans signature (alg : none) n'ouvre aucune session.",
    lies=("alg-none",),
    hint="Fixer la liste des algorithmes admis, sans none, au lieu de lire alg.",
    source=f"{OIDC_CORE} ; {GRID} 07",
)
unknown_key_opens_no_session = refusal(
    "oidc.unknown-kid-refused",
    "Un id_token dont le kid reste absent du JWKS relu n'ouvre aucune session.",
    lies=("kid-inconnu", "userinfo-kid-inconnu"),
    hint="Relire le JWKS une fois, puis refuser si la clé n'y est pas.",
    source=f"{CONNECTOR} ; {GRID} 07",
)
token_for_another_client_opens_no_session = refusal(
    "oidc.bad-audience-refused",
    "Un id_token destiné à un autre client (aud) n'ouvre aucune session.",
    lies=("aud", "aud-absent"),
    hint="Vérifier que aud contient le client_id du DUI.",
    source=f"{OIDC_CORE} ; {GRID} 07",
)
token_of_another_issuer_opens_no_session = refusal(
    "oidc.bad-issuer-refused",
    "Un id_token d'un autre émetteur (iss) n'ouvre aucune session.",
    lies=("iss", "iss-absent"),
    hint="Comparer iss à l'émetteur de la configuration, caractère pour caractère.",
    source=f"{OIDC_CORE} ; {GRID} 07",
)
expired_token_opens_no_session = refusal(
    "oidc.expired-id-token-refused",
    "Un id_token expiré n'ouvre aucune session.",
    lies=("expire",),
    hint="Vérifier exp, avec une tolérance d'horloge de quelques minutes au plus.",
    source=f"{OIDC_CORE} ; {GRID} 07",
)
token_without_acr_opens_no_session = refusal(
    "oidc.absent-acr-refused",
    "Un id_token qui ne dit pas son niveau d'authentification (acr) n'ouvre aucune session.",
    lies=("acr-absent",),
    hint="N'admettre que acr eidas1, eidas2 ou eidas3, et refuser son absence.",
    source=f"{CONNECTOR}, ticket 43 ; {GRID} 04",
    covers=("PSC-02",),
)
token_with_another_acr_opens_no_session = refusal(
    "oidc.unknown-acr-refused",
    "Un id_token d'un niveau d'authentification inconnu (acr) n'ouvre aucune session.",
    lies=("acr-inconnu",),
    hint="N'admettre que acr eidas1, eidas2 ou eidas3.",
    source=f"{CONNECTOR}, ticket 43 ; {GRID} 04",
    covers=("PSC-02",),
)
badly_signed_userinfo_opens_no_session = refusal(
    "oidc.userinfo-signature-checked",
    "Un userinfo reçu comme JWT mal signé n'ouvre aucune session.",
    lies=("userinfo-signature",),
    hint="Vérifier la signature du userinfo reçu en application/jwt.",
    source=f"{CONNECTOR} ; {GRID} 18",
)
userinfo_of_another_subject_opens_no_session = refusal(
    "oidc.userinfo-subject-checked",
    "Un userinfo dont le sub n'est pas celui de l'id_token n'ouvre aucune session.",
    lies=("userinfo-sub", "userinfo-sub-absent", "userinfo-autre-personne"),
    hint="Comparer le sub du userinfo à celui de l'id_token.",
    source="OpenID Connect Core §5.3.2",
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
