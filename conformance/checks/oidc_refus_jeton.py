"""Pro Santé Connect: more of what must not open a session. Each rule compares a login that lies with one that did not."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.campaign import Geste
from ..core.errors import CheckFailed, Inconclusive
from ..core.problem import Evidence
from ..validation.oidc import PscCall
from .oidc_demande import CONNECTOR, GRID
from .oidc_refus import OIDC_CORE, need_control, opened, refusal, said_no, shown
from .registry import check

response_of_another_issuer_opens_no_session = refusal(
    "oidc.bad-response-issuer-refused",
    "Un retour qui dit venir d'un autre émetteur (iss) est refusé, sans échange du code.",
    lies=("retour-iss",),
    hint="Comparer iss, quand le retour le porte, à l'émetteur de la configuration, avant tout appel de jeton.",
    source="RFC 9207 §2.4",
)
public_key_used_as_a_secret_opens_no_session = refusal(
    "oidc.hs256-public-key-refused",
    "Un id_token signé en HS256 avec la clé publique pour secret n'ouvre aucune session.",
    lies=("hs256-cle-publique",),
    hint="Fixer les algorithmes admis (RS256) selon la configuration, jamais selon l'en-tête du jeton.",
    source=f"{OIDC_CORE} ; {GRID} 07",
)
token_signed_with_the_client_secret_opens_no_session = refusal(
    "oidc.hs256-secret-refused",
    "Un id_token signé en HS256 avec le secret du client, au lieu de RS256, n'ouvre aucune session.",
    lies=("hs256-secret",),
    hint="N'admettre que l'algorithme convenu à l'enregistrement ; Pro Santé Connect signe en RS256.",
    source=f"{OIDC_CORE} point 7",
    confidence="secondaire",
)
token_of_the_future_opens_no_session = refusal(
    "oidc.early-id-token-refused",
    "Un id_token pas encore valide (iat, nbf) n'ouvre aucune session.",
    lies=("futur",),
    hint="Vérifier iat et nbf, avec une tolérance d'horloge de quelques minutes au plus.",
    source=f"RFC 7519 §4.1.5 ; {OIDC_CORE}",
)
token_given_to_another_client_opens_no_session = refusal(
    "oidc.bad-azp-refused",
    "Un id_token délivré à un autre client (azp) n'ouvre aucune session.",
    lies=("azp",),
    hint="Vérifier que azp, quand il est présent, est le client_id du DUI.",
    source=f"{OIDC_CORE} point 5",
)
token_also_for_a_stranger_opens_no_session = refusal(
    "oidc.other-audience-refused",
    "Un id_token destiné aussi à un client inconnu n'ouvre aucune session.",
    lies=("aud-tiers",),
    hint="Refuser une liste aud qui contient un client auquel le DUI ne fait pas confiance.",
    source=f"{OIDC_CORE} point 3",
)
answer_without_id_token_opens_no_session = refusal(
    "oidc.missing-id-token-refused",
    "Une réponse qui donne un jeton d'accès sans id_token n'ouvre aucune session.",
    lies=("id-token-absent",),
    hint="Un jeton d'accès n'authentifie personne : sans id_token, pas de session.",
    source="OpenID Connect Core §3.1.3.3",
)
token_of_an_unknown_type_opens_no_session = refusal(
    "oidc.unknown-token-type-refused",
    "Un jeton d'accès d'une sorte inconnue (token_type) n'est pas employé.",
    lies=("type",),
    hint="Vérifier que token_type vaut Bearer, sans tenir compte de la casse.",
    source="RFC 6749 §7.1 ; OpenID Connect Core §3.1.3.3",
)
token_without_subject_opens_no_session = refusal(
    "oidc.missing-subject-refused",
    "Un id_token qui ne dit pas de qui il parle (sub) n'ouvre aucune session.",
    lies=("sub-absent",),
    hint="Exiger sub, obligatoire, avant d'ouvrir une session.",
    source="OpenID Connect Core §2",
)
token_without_issue_date_opens_no_session = refusal(
    "oidc.missing-issue-date-refused",
    "Un id_token sans date d'émission (iat) n'ouvre aucune session.",
    lies=("iat-absent",),
    hint="Exiger iat, obligatoire.",
    source="OpenID Connect Core §2",
)
token_without_expiry_opens_no_session = refusal(
    "oidc.missing-expiry-refused",
    "Un id_token sans fin de validité (exp) n'ouvre aucune session.",
    lies=("exp-absent",),
    hint="Exiger exp, obligatoire : un jeton sans exp vivrait toujours.",
    source="OpenID Connect Core §2",
)
unsigned_userinfo_opens_no_session = refusal(
    "oidc.userinfo-unsigned-refused",
    "Un userinfo reçu comme JWT sans signature (alg : none) n'ouvre aucune session.",
    lies=("userinfo-alg-none",),
    hint="N'admettre pour le userinfo en JWT que les algorithmes de l'id_token.",
    source=f"OpenID Connect Core §5.3.2 ; {GRID} 18",
)
userinfo_for_another_client_opens_no_session = refusal(
    "oidc.userinfo-audience-refused",
    "Un userinfo en JWT destiné à un autre client (aud) n'ouvre aucune session.",
    lies=("userinfo-aud",),
    hint="Un userinfo signé porte iss et aud : les vérifier comme ceux de l'id_token.",
    source="OpenID Connect Core §5.3.2",
)
expired_userinfo_opens_no_session = refusal(
    "oidc.userinfo-expired-refused",
    "Un userinfo en JWT expiré n'ouvre aucune session.",
    lies=("userinfo-expire",),
    hint="Vérifier exp quand le userinfo signé en porte un.",
    source="RFC 7519 §4.1.4",
    confidence="secondaire",
)
userinfo_of_another_identity_opens_no_session = refusal(
    "oidc.userinfo-identity-refused",
    "Un userinfo du bon sub mais de l'identifiant national d'un autre professionnel n'ouvre aucune session.",
    lies=("userinfo-autre-identite",),
    hint="Comparer SubjectNameID du userinfo à celui de l'id_token (ou à la fin de sub).",
    source=f"{CONNECTOR} ; {GRID} 15",
    confidence="secondaire",
)


@check("oidc.spent-code-refused", covers=("PSC-01",), source="RFC 6749 §4.1.2 ; OpenID Connect Core §3.1.3.4", confidence="vu")
def refused_code_opens_no_session(control: Geste, attempt: Geste, calls: Sequence[PscCall]) -> Evidence:
    """Un code que Pro Santé Connect refuse (déjà employé) n'ouvre aucune session et n'est pas présenté de nouveau."""
    need_control(control)
    refusals = [call for call in calls if call.kind == "psc.jeton.code" and call.facts.get("erreur") == "invalid_grant"]
    if not refusals:
        raise Inconclusive("le DUI n'a pas présenté le code refusé")
    hint = "Sur invalid_grant, dire l'échec et proposer une nouvelle connexion, sans redemander avec le même code."
    again = [call for call in refusals[1:] if call.presents & refusals[0].presents]
    if again:
        raise CheckFailed(
            "Code refusé présenté de nouveau",
            expected="un seul essai",
            received=f"{len(again) + 1} essais du même code",
            at=again[0].id,
            hint=hint,
        )
    if attempt.observation("session") is True:
        raise opened("code refusé", refusals[0].id, hint)
    if not said_no(attempt):
        raise Inconclusive("le DUI n'a pas dit s'il a ouvert une session")
    return Evidence(at=refusals[0].id, note=shown(attempt))


@check("oidc.foreign-configuration-refused", covers=("PSC-01",), source="OpenID Connect Discovery §4.3", confidence="vu")
def configuration_of_another_issuer_is_not_used(control: Geste, attempt: Geste, calls: Sequence[PscCall]) -> Evidence:
    """Une configuration qui dit un autre émetteur que celui attendu n'est pas employée."""
    need_control(control)
    lie = next((rank for rank, call in enumerate(calls) if call.defaut == "decouverte-emetteur"), None)
    if lie is None:
        raise Inconclusive("la configuration faussée n'a pas été lue par le DUI")
    hint = "Comparer issuer de la configuration à l'émetteur que le DUI connaît, avant d'en lire les adresses."
    used = next((call for call in calls[lie + 1 :] if call.kind in ("psc.autorisation", "psc.jeton.code")), None)
    if used is not None:
        raise CheckFailed(
            "Configuration d'un autre émetteur employée",
            expected="aucune demande à partir de cette configuration",
            received=f"{used.kind} ({used.id})",
            at=used.id,
            hint=hint,
        )
    if attempt.observation("session") is True:
        raise opened("decouverte-emetteur", calls[lie].id, hint)
    return Evidence(at=calls[lie].id, note=shown(attempt))


@check("oidc.unavailable-handled", covers=("PSC-01",), source=f"{GRID} 19", confidence="secondaire")
def outage_opens_no_session(control: Geste, attempt: Geste, calls: Sequence[PscCall]) -> Evidence:
    """Quand Pro Santé Connect est indisponible, le DUI le dit et n'ouvre aucune session."""
    need_control(control)
    if attempt.observation("session") is True:
        raise CheckFailed(
            "Session ouverte alors que Pro Santé Connect est indisponible",
            expected="un message clair, sans session Pro Santé Connect",
            received="une session ouverte",
            at=attempt.id,
            hint="Proposer l'autre moyen de connexion du DUI est permis, l'ouvrir sans rien demander ne l'est pas.",
        )
    if not any(call.kind == "psc.jeton.code" and call.issues for call in calls):
        raise Inconclusive("aucune connexion témoin n'a été vue avant la panne")
    if not said_no(attempt):
        raise Inconclusive("le DUI n'a pas dit s'il a ouvert une session")
    if attempt.resultat is None or not attempt.resultat.message:
        raise Inconclusive("le DUI n'a montré aucun message")
    return Evidence(at=attempt.id, note=attempt.resultat.message)
