"""Pro Santé Connect: discovery and the authorization request, as the browser brings it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ..core.errors import CheckFailed, Inconclusive
from ..core.problem import Evidence
from ..core.settings import Settings
from ..validation.oauth import entropy_bits
from ..validation.oidc import AuthorizationRequest, DiscoveryRequest
from .registry import check

CONNECTOR = "connecteur ANS keycloak-prosanteconnect (psc.properties)"
GRID = "obligations des éditeurs sur PSC, grille PSC"
API = "IG sécurisation du transport des API, pages API Pro Santé connectée"
MIN_BITS = 128
TOLERATED_BITS = 120
"""A random UUID holds 122 bits: unguessable, and widespread; the 128 of the grid are second-hand."""
SCOPES = frozenset({"openid", "scope_all"})


def at_parameter(name: str) -> str:
    """Where a parameter of the authorization request is."""
    return f"demande d'autorisation, paramètre {name}"


def hard_to_guess(request: AuthorizationRequest, name: str, hint: str) -> Evidence:
    """A parameter drawn at random is long enough not to be guessed."""
    value = request[name]
    if not value:
        raise Inconclusive(f"la demande d'autorisation n'a pas de {name}")
    bits = entropy_bits(value)
    if bits < TOLERATED_BITS:
        raise CheckFailed(
            f"{name} trop court pour ne pas être deviné",
            expected=f"au moins {MIN_BITS} bits (32 caractères hexadécimaux, 22 en base64url)",
            received=f"{len(value)} caractères, au plus {bits:.0f} bits",
            at=at_parameter(name),
            hint=hint,
        )
    return Evidence(at=at_parameter(name), note=f"au plus {bits:.0f} bits")


@check("oidc.discovery-wallet-name", covers=("PSC-01",), source=CONNECTOR, confidence="vu")
def discovery_uses_the_wallet_name(request: DiscoveryRequest) -> Evidence:
    """La configuration est lue sous le nom wallet-openid-configuration, seul servi par Pro Santé Connect."""
    if request.standard:
        raise CheckFailed(
            "Configuration demandée sous le nom standard, que Pro Santé Connect ne sert pas",
            expected=".well-known/wallet-openid-configuration",
            received=".well-known/openid-configuration",
            at=request.path,
            hint="Beaucoup de bibliothèques ajoutent ce nom seules : donnez-leur l'adresse complète de la configuration.",
        )
    return Evidence(at=request.path)


@check("oidc.authorization-on-wallet-host", covers=("PSC-01",), source=CONNECTOR, confidence="vu")
def authorization_goes_to_the_wallet_host(request: AuthorizationRequest) -> Evidence:
    """La demande d'autorisation va à l'adresse du portefeuille, distincte de celle de l'émetteur."""
    if request.facts.get("ecoute") == "psc":
        raise CheckFailed(
            "Demande d'autorisation envoyée à l'hôte de l'émetteur",
            expected="authorization_endpoint de la configuration (hôte du portefeuille, /auth)",
            received=request.path,
            at="adresse de la demande d'autorisation",
            hint="Ne pas déduire cette adresse de l'émetteur comme pour un Keycloak ordinaire : lire authorization_endpoint.",
        )
    return Evidence(at=request.path)


@check("oidc.response-type-code", covers=("PSC-01",), source=f"{CONNECTOR} ; {GRID} 02", confidence="vu")
def response_type_is_code(request: AuthorizationRequest) -> Evidence:
    """La demande d'autorisation suit le flux par code (response_type=code), jamais le flux implicite."""
    if request["response_type"] != "code":
        raise CheckFailed(
            "Flux autre que le flux par code",
            expected="code",
            received=request["response_type"] or "absent",
            at=at_parameter("response_type"),
            hint="Configurer le client OpenID Connect pour le flux « authorization code ».",
        )
    return Evidence(at=at_parameter("response_type"))


@check("oidc.client-id-registered", covers=("PSC-01",), source=CONNECTOR, confidence="vu")
def client_id_is_the_registered_one(request: AuthorizationRequest, settings: Settings) -> Evidence:
    """La demande d'autorisation porte le client_id enregistré."""
    if request["client_id"] != settings.psc.client_id:
        raise CheckFailed(
            "client_id inconnu de Pro Santé Connect",
            expected=settings.psc.client_id,
            received=request["client_id"] or "absent",
            at=at_parameter("client_id"),
            hint="Aligner la configuration du DUI et [psc] client_id de dui.toml.",
        )
    return Evidence(at=at_parameter("client_id"))


@check("oidc.scope-openid-scope-all", covers=("PSC-01",), source=f"{CONNECTOR} ; {GRID} 03", confidence="vu")
def scope_holds_openid_and_scope_all(request: AuthorizationRequest) -> Evidence:
    """Le scope demandé contient openid et scope_all."""
    missing = SCOPES - request.scopes
    if missing:
        raise CheckFailed(
            f"Scope incomplet : {' et '.join(sorted(missing))} absent",
            expected="openid scope_all",
            received=request["scope"] or "absent",
            at=at_parameter("scope"),
            hint="Les deux valeurs sont séparées par une espace (encodée %20 ou +).",
        )
    return Evidence(at=at_parameter("scope"))


@check("oidc.acr-values-eidas1", covers=("PSC-02",), source=f"{CONNECTOR} ; EXI PSC 16 ; {GRID} 04", confidence="vu")
def acr_values_is_eidas1(request: AuthorizationRequest) -> Evidence:
    """La demande d'autorisation porte acr_values=eidas1."""
    if request["acr_values"] != "eidas1":
        raise CheckFailed(
            f"Niveau d'authentification demandé {'différent de eidas1' if request['acr_values'] else 'absent'}",
            expected="acr_values=eidas1",
            received=request["acr_values"] or "absent",
            at=at_parameter("acr_values"),
            hint="Valeur fixe : ne pas la lire dans acr_values_supported de la configuration, qui est inutilisable.",
        )
    return Evidence(at=at_parameter("acr_values"))


@check("oidc.no-acr-parameter", covers=("PSC-02",), source=f"{API} ; {CONNECTOR}", confidence="vu")
def acr_parameter_is_not_sent(request: AuthorizationRequest) -> Evidence:
    """La demande d'autorisation ne porte pas de paramètre acr : le paramètre du protocole est acr_values."""
    if request["acr"]:
        raise CheckFailed(
            "Paramètre acr envoyé",
            expected="acr_values seulement",
            received=f"acr={request['acr']}",
            at=at_parameter("acr"),
            hint="Un exemple publié écrit acr=eidas1 ; toutes les implémentations envoient acr_values.",
        )
    return Evidence(at="demande d'autorisation")


@check("oidc.state-present", covers=("PSC-01",), source=f"{API} ; {GRID} 05", confidence="vu")
def state_is_present(request: AuthorizationRequest) -> Evidence:
    """La demande d'autorisation porte un state."""
    if not request["state"]:
        raise CheckFailed(
            "state absent de la demande d'autorisation",
            expected="une valeur aléatoire propre à la demande",
            received="absent",
            at=at_parameter("state"),
            hint="Tirer une valeur aléatoire d'au moins 128 bits, la garder côté serveur et la comparer au retour.",
        )
    return Evidence(at=at_parameter("state"))


@check("oidc.state-entropy", covers=("PSC-01",), source=f"{GRID} 05", confidence="secondaire")
def state_holds_enough_randomness(request: AuthorizationRequest) -> Evidence:
    """Le state est assez long pour ne pas être deviné : 128 bits d'aléa, un UUID aléatoire étant toléré."""
    hint = "Prendre 16 octets ou plus d'un générateur cryptographique (un UUID version 4, 122 bits, est toléré)."
    return hard_to_guess(request, "state", hint)


@check("oidc.state-unique", covers=("PSC-01",), source=f"{GRID} 05", confidence="secondaire")
def state_changes_at_each_request(requests: Sequence[AuthorizationRequest]) -> Evidence:
    """Le state change à chaque demande d'autorisation."""
    return _all_different(requests, "state")


@check("oidc.nonce-present", covers=("PSC-01",), source=f"{CONNECTOR} ; {GRID} 06", confidence="vu")
def nonce_is_present(request: AuthorizationRequest) -> Evidence:
    """La demande d'autorisation porte un nonce."""
    if not request["nonce"]:
        raise CheckFailed(
            "nonce absent de la demande d'autorisation",
            expected="une valeur aléatoire propre à la demande",
            received="absent",
            at=at_parameter("nonce"),
            hint="Le nonce revient dans l'id_token : le DUI doit l'y comparer avant d'ouvrir une session.",
        )
    return Evidence(at=at_parameter("nonce"))


@check("oidc.nonce-unique", covers=("PSC-01",), source=f"{CONNECTOR} ; {GRID} 06", confidence="vu")
def nonce_changes_at_each_request(requests: Sequence[AuthorizationRequest]) -> Evidence:
    """Le nonce change à chaque demande d'autorisation."""
    return _all_different(requests, "nonce")


@check("oidc.redirect-uri-registered", covers=("PSC-01",), source=CONNECTOR, confidence="vu")
def redirect_uri_is_registered(request: AuthorizationRequest, settings: Settings) -> Evidence:
    """Le redirect_uri est, caractère pour caractère, une des adresses enregistrées."""
    if request["redirect_uri"] not in settings.psc.redirect_uris:
        raise CheckFailed(
            f"Adresse de retour {'non enregistrée' if request['redirect_uri'] else 'absente'}",
            expected=" ou ".join(settings.psc.redirect_uris),
            received=request["redirect_uri"] or "absent",
            at=at_parameter("redirect_uri"),
            hint="La comparaison est exacte : schéma, port, casse, barre finale et paramètres comptent.",
        )
    return Evidence(at=at_parameter("redirect_uri"))


@check("oidc.no-secret-in-front-channel", covers=("PSC-01",), source=f"EXI PSC 22 ; {GRID} 08", confidence="vu")
def no_secret_goes_through_the_browser(request: AuthorizationRequest) -> Evidence:
    """Le secret du client ne passe jamais par le navigateur."""
    found = [name for name in ("client_secret", "client_assertion", "code_verifier") if request[name]]
    if found:
        raise CheckFailed(
            "Secret du client dans la demande d'autorisation",
            expected="aucun secret dans l'adresse ouverte par le navigateur",
            received=f"paramètre {', '.join(found)} présent (valeur masquée)",
            at=at_parameter(found[0]),
            hint="Le secret ne sert qu'entre le serveur du DUI et l'adresse des jetons ; considérez celui-ci comme divulgué.",
        )
    return Evidence(at="demande d'autorisation")


@check("oidc.pkce-s256", covers=("PSC-01",), source="exemple Apache de l'ANS (PSC-POC) ; RFC 7636", confidence="infere")
def pkce_with_s256_is_used(request: AuthorizationRequest) -> Evidence:
    """La demande d'autorisation protège le code par PKCE avec la méthode S256."""
    received = f"code_challenge_method={request['code_challenge_method'] or 'plain'}" if request["code_challenge"] else "absent"
    if received != "code_challenge_method=S256":
        raise CheckFailed(
            f"PKCE {'sans S256' if request['code_challenge'] else 'absent'}",
            expected="code_challenge et code_challenge_method=S256",
            received=received,
            at=at_parameter("code_challenge"),
            hint="Recommandé : le service l'accepte, l'exemple de l'ANS l'emploie ; qu'il soit obligatoire n'est pas établi.",
        )
    return Evidence(at=at_parameter("code_challenge"))


def _all_different(requests: Sequence[AuthorizationRequest], name: str) -> Evidence:
    values = [request[name] for request in requests if request[name]]
    if len(values) < 2:
        raise Inconclusive(f"il faut deux demandes d'autorisation portant un {name} pour les comparer")
    value, times = Counter(values).most_common(1)[0]
    if times > 1:
        raise CheckFailed(
            f"{name} réutilisé d'une demande d'autorisation à l'autre",
            expected=f"{len(values)} valeurs différentes",
            received=f"la même valeur ({value[:6]}…) dans {times} demandes",
            at=at_parameter(name),
            hint="Tirer la valeur à chaque demande, jamais une fois pour l'application, l'utilisateur ou la session.",
        )
    return Evidence(at=at_parameter(name), note=f"{len(values)} valeurs différentes")
