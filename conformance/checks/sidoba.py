"""SIDOBA: who calls, and what is done of its answers. Its API is not published: the contract is provisional."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.campaign import Geste
from ..core.errors import CheckFailed, Inconclusive
from ..core.exchange import Exchange
from ..core.problem import Evidence
from ..validation.sidoba.appel import CONTENUS, DEPOTS, AppelSidoba, DemandeJetonSidoba
from .registry import check

CONTRAT = "contrat provisoire du banc (API de SIDOBA non publiée)"
ANALOGIE = f"{CONTRAT}, par analogie avec ViaTrajectoire"
ENVOIS = ("RAMA-03", "SSIAD-01", "SMF-01")
ESSAIS = 3


@check("sidoba.jeton.demande", covers=ENVOIS, source=ANALOGIE, confidence="infere")
def token_is_asked_by_client_credentials(demande: DemandeJetonSidoba) -> Evidence:
    """Le jeton est demandé par client_credentials."""
    at = "demande de jeton, grant_type"
    if demande["grant_type"] != "client_credentials":
        raise CheckFailed(
            "Demande de jeton d'une autre sorte",
            expected="grant_type=client_credentials",
            received=demande["grant_type"] or "absent",
            at=at,
            hint="Le DUI appelle pour la structure, sans utilisateur.",
        )
    return Evidence(at=at)


@check("sidoba.jeton.certificat", covers=ENVOIS, source=ANALOGIE, confidence="infere")
def token_is_asked_with_the_certificate(demande: DemandeJetonSidoba) -> Evidence:
    """Le jeton est demandé avec le certificat de l'entité juridique."""
    return _certified(demande.facts.get("certificat"), "demande de jeton, certificat client")


@check("sidoba.jeton.client", covers=ENVOIS, source=ANALOGIE, confidence="infere")
def token_is_asked_by_the_known_client(demande: DemandeJetonSidoba) -> Evidence:
    """Le client et son secret sont ceux de services.json."""
    at = "demande de jeton, client_id et client_secret"
    if demande.facts.get("client") != "connu":
        raise CheckFailed(
            "Client inconnu, ou secret faux",
            expected="client_id et client_secret de services.json",
            received=demande["client_id"] or "aucun client_id",
            at=at,
            hint="Reprendre les deux valeurs de la section sidoba de services.json.",
        )
    return Evidence(at=at)


@check("sidoba.appel.certificat", covers=ENVOIS, source=ANALOGIE, confidence="infere")
def call_is_made_with_the_certificate(appel: AppelSidoba) -> Evidence:
    """L'appel est fait avec le certificat de l'entité juridique."""
    return _certified(appel.facts.get("certificat"), f"{appel.kind}, certificat client")


def _certified(found: object, at: str) -> Evidence:
    if found is None:
        raise Inconclusive("le service n'a pas dit quel certificat il a vu")
    if found != "presente":
        raise CheckFailed(
            "Certificat client absent, ou d'une autre structure",
            expected="le certificat de l'entité juridique (OU : 1 suivi du FINESS)",
            received=str(found),
            at=at,
            hint="Présenter le certificat auth_cli de services.json à chaque connexion.",
        )
    return Evidence(at=at)


@check("sidoba.appel.jeton", covers=ENVOIS, source=ANALOGIE, confidence="infere")
def call_bears_a_live_token(appel: AppelSidoba) -> Evidence:
    """L'appel porte dans l'en-tête Authorization un jeton donné et non expiré."""
    at = f"{appel.kind}, en-tête Authorization"
    state = appel.facts.get("jeton")
    if state is None:
        raise Inconclusive("le service n'a pas dit ce que vaut le jeton")
    if state != "valide":
        raise CheckFailed(
            "Jeton absent, inconnu ou expiré",
            expected="Authorization: Bearer, avec un jeton en cours",
            received=str(state),
            at=at,
            hint="Demander un jeton avant le premier appel et le renouveler quand il expire (expires_in).",
        )
    return Evidence(at=at)


@check("sidoba.appel.structure", covers=ENVOIS, source=ANALOGIE, confidence="infere")
def call_names_its_structure(appel: AppelSidoba) -> Evidence:
    """L'en-tête struct_idnat nomme un établissement du jeton : 1 suivi du FINESS géographique."""
    at = f"{appel.kind}, en-tête struct_idnat"
    if appel.facts.get("structure") != "connue":
        raise CheckFailed(
            "Structure absente, ou étrangère au jeton",
            expected="struct_idnat : 1 et les 9 caractères d'un FINESS de la liste finess_eg du jeton",
            received=appel.structure or "absente",
            at=at,
            hint="Envoyer pour l'établissement dont viennent les données.",
        )
    return Evidence(at=at, note=appel.structure)


@check("sidoba.appel.contenu", covers=ENVOIS, source=CONTRAT, confidence="infere")
def content_type_is_said(appel: AppelSidoba) -> Evidence:
    """Le type du contenu est annoncé : JSON ou XML de FHIR pour un lot, JSON pour le RAMA."""
    allowed, at = CONTENUS.get(appel.kind, ()), f"{appel.kind}, en-tête Content-Type"
    if allowed and appel.media not in allowed:
        raise CheckFailed(
            "Type de contenu inattendu",
            expected=" ou ".join(allowed),
            received=appel.media or "absent",
            at=at,
            hint="Annoncer le type de ce qui est envoyé.",
        )
    return Evidence(at=at, note=appel.media)


@check("sidoba.suite.jeton-garde", covers=ENVOIS, source=ANALOGIE, confidence="infere")
def token_is_kept_until_it_expires(demandes: Sequence[DemandeJetonSidoba]) -> Evidence:
    """Un jeton sert à tous les envois tant qu'il n'a pas expiré."""
    if len(demandes) > 1:
        raise CheckFailed(
            "Un jeton demandé à chaque envoi",
            expected="une demande, puis le même jeton",
            received=f"{len(demandes)} demandes",
            at=", ".join(d.id for d in demandes),
            hint="Garder le jeton jusqu'à expires_in.",
        )
    return Evidence(at="demandes de jeton")


@check("sidoba.suite.jeton-renouvele", covers=ENVOIS, source=ANALOGIE, confidence="infere")
def refused_token_is_renewed_once(appels: Sequence[AppelSidoba]) -> Evidence:
    """Un jeton refusé (401) est renouvelé et l'envoi refait, une fois."""
    refused = [a for a in appels if a.status == 401]
    if not refused:
        raise Inconclusive("aucun envoi n'a été refusé")
    if len(refused) > 1 or not any(a.status in (200, 201) for a in appels):
        raise CheckFailed(
            "Jeton refusé et non renouvelé" if len(refused) == 1 else "Le jeton refusé est présenté plusieurs fois",
            expected="une demande de jeton, puis le même envoi",
            received=", ".join(str(a.status) for a in appels),
            at=refused[0].id,
            hint="Sur 401, demander un jeton et refaire l'envoi, une seule fois.",
        )
    return Evidence(at=refused[0].id)


@check("sidoba.suite.essais-bornes", covers=ENVOIS, source=CONTRAT, confidence="infere")
def retries_are_bounded(appels: Sequence[AppelSidoba]) -> Evidence:
    """Devant un service en panne, les essais d'un geste sont peu nombreux."""
    deposits = [a for a in appels if a.kind in DEPOTS]
    if len(deposits) > ESSAIS:
        raise CheckFailed(
            "Envois répétés sans fin",
            expected=f"{ESSAIS} essais au plus pour un geste",
            received=f"{len(deposits)} essais",
            at=deposits[0].id,
            hint="Borner les essais immédiats, et dire à l'utilisateur de reprendre plus tard.",
        )
    return Evidence(at="envois", note=f"{len(deposits)} essai(s)")


@check("sidoba.suite.attente-respectee", covers=ENVOIS, source=f"{CONTRAT} ; RFC 9110 §10.2.3", confidence="infere")
def asked_delay_is_respected(appels: Sequence[AppelSidoba]) -> Evidence:
    """Quand le service demande d'attendre (429, Retry-After), l'envoi n'est pas refait aussitôt."""
    asked = [a for a in appels if a.status == 429]
    if not asked:
        raise Inconclusive("le service n'a pas demandé d'attendre")
    if len(asked) > 1:
        raise CheckFailed(
            "Envoi refait aussitôt malgré la demande d'attendre",
            expected="aucun envoi avant le délai de Retry-After",
            received=f"{len(asked)} envois refusés par 429",
            at=asked[1].id,
            hint="Lire Retry-After, et reprendre après ce délai.",
        )
    return Evidence(at=asked[0].id)


@check("sidoba.suite.panne-annoncee", covers=ENVOIS, source=CONTRAT, confidence="infere")
def user_is_told_that_nothing_was_taken(geste: Geste, echanges: Sequence[Exchange]) -> Evidence:
    """Quand l'envoi n'a pas abouti, l'utilisateur l'apprend, et rien n'est donné pour accepté."""
    return _told(geste, ("refuse", "indisponible"), "un envoi dit refusé, ou à reprendre")


@check("sidoba.suite.rejet-compris", covers=("SSIAD-03", "RAMA-03"), source=CONTRAT, confidence="infere")
def rejection_is_understood(geste: Geste, echanges: Sequence[Exchange]) -> Evidence:
    """Un rejet est tenu pour un rejet : l'envoi n'est pas donné pour accepté."""
    return _told(geste, ("rejete",), "un envoi dit rejeté")


@check("sidoba.suite.accuse-compris", covers=("SSIAD-03", "RAMA-03"), source=CONTRAT, confidence="infere")
def incomplete_answer_is_seen(geste: Geste, echanges: Sequence[Exchange]) -> Evidence:
    """Une réponse qui ne rend pas compte de tout l'envoi n'est pas un accusé."""
    return _told(geste, ("refuse", "rejete", "indisponible"), "un envoi dit non abouti")


def _told(geste: Geste, wanted: tuple[str, ...], words: str) -> Evidence:
    state = geste.observation("etat")
    if state is None:
        raise Inconclusive("le DUI ne déclare pas l'issue de l'envoi (observation etat) : à constater à l'écran")
    if state not in wanted:
        raise CheckFailed(
            "Issue de l'envoi mal dite à l'utilisateur",
            expected=f"{words} ({', '.join(wanted)})",
            received=str(state),
            at=geste.id,
            hint="Lire le statut HTTP, puis l'OperationOutcome ou le statut du dépôt, avant de dire l'envoi accepté.",
        )
    return Evidence(at=geste.id, note=str(state))


@check("sidoba.suite.motif-montre", covers=("SSIAD-03", "RAMA-03"), source=CONTRAT, confidence="infere")
def reason_of_a_rejection_is_shown(geste: Geste, echanges: Sequence[Exchange]) -> Evidence:
    """Le motif du rejet et ce qu'il désigne sont montrés à l'utilisateur, qui peut corriger."""
    shown = geste.observation("motif")
    said = [e.facts["rejet"] for e in echanges if e.facts.get("rejet")]
    if shown is None:
        raise Inconclusive("le DUI ne déclare pas ce qu'il montre (observation motif) : à constater à l'écran")
    if not said:
        raise Inconclusive("aucun rejet dans ces échanges")
    if said[-1] not in str(shown):
        raise CheckFailed(
            "Motif du rejet caché à l'utilisateur",
            expected=f"un message qui nomme {said[-1]}",
            received=str(shown)[:120] or "rien",
            at=geste.id,
            hint="Montrer issue.expression et issue.diagnostics (ou les anomalies du dépôt).",
        )
    return Evidence(at=geste.id)
