"""Pro Santé Connect: what the server of the DUI sends with a code or a token."""

from __future__ import annotations

from ..core.errors import CheckFailed, Inconclusive
from ..core.problem import Evidence
from ..validation.oidc import TokenRequest, UserinfoRequest
from .oidc_demande import CONNECTOR, GRID
from .registry import check

OAUTH = "RFC 6749"
GRANTS = ("authorization_code", "refresh_token", "urn:openid:params:grant-type:ciba")
AT = "appel de jeton"


def at_call(request: TokenRequest) -> str:
    """Where a token call is: by its grant, for a refresh is not made where a code is exchanged."""
    grant = request["grant_type"]
    return f"{AT} ({grant})" if grant and grant != "authorization_code" else AT


@check("oidc.grant-allowed", covers=("PSC-01",), source=f"{CONNECTOR} ; {GRID} 02", confidence="vu")
def grant_is_an_allowed_one(request: TokenRequest) -> Evidence:
    """Les jetons sont demandés avec un code, un jeton de rafraîchissement ou CIBA, jamais avec un mot de passe."""
    if request["grant_type"] not in GRANTS:
        raise CheckFailed(
            "Façon d'obtenir un jeton non admise",
            expected="authorization_code, refresh_token ou CIBA",
            received=request["grant_type"] or "grant_type absent",
            at=f"{AT}, paramètre grant_type",
            hint="La configuration annonce d'autres grants (défauts de Keycloak) : ce n'est pas une invitation à les employer.",
        )
    return Evidence(at=f"{AT}, paramètre grant_type")


@check(
    "oidc.token-no-origin", covers=("PSC-01",), source=f"EXI PSC 22 ; documentation technique PSC ; {GRID} 08", confidence="vu"
)
def token_call_does_not_come_from_a_browser(request: TokenRequest) -> Evidence:
    """L'appel de jeton part du serveur du DUI, pas d'une page : il ne porte pas d'en-tête Origin."""
    if request.origin:
        raise CheckFailed(
            "Appel de jeton venu d'un navigateur",
            expected="aucun en-tête Origin",
            received=f"Origin : {request.origin}",
            at=f"{at_call(request)}, en-tête Origin",
            hint="L'identifiant et le secret du client restent sur un serveur ; Pro Santé Connect refuse les appels CORS.",
        )
    return Evidence(at=at_call(request))


@check("oidc.token-client-authenticated", covers=("PSC-01",), source=f"{CONNECTOR} ; foire aux questions PSC", confidence="vu")
def token_call_authenticates_the_client(request: TokenRequest) -> Evidence:
    """L'appel de jeton authentifie le client, par son secret, une assertion signée ou un certificat TLS."""
    if not request.secret_in and not request.certificate:
        raise CheckFailed(
            "Client non authentifié à l'adresse des jetons",
            expected="Authorization: Basic, client_secret dans le corps, ou certificat client TLS avec client_id",
            received="aucun secret ni certificat",
            at=at_call(request),
            hint="Pro Santé Connect n'admet pas de client public : configurer un client confidentiel.",
        )
    if request.facts.get("client_auth") == "invalide":
        raise CheckFailed(
            "Authentification du client refusée",
            expected="client_id et secret enregistrés",
            received=f"identifiants non reconnus ({', '.join(request.secret_in) or 'certificat'})",
            at=at_call(request),
            hint="Aligner le secret sur celui de services.json ; Basic encode identifiant et secret (RFC 6749 §2.3.1). Une "
            "assertion (client_assertion) a iss = sub = client_id, et aud = l'émetteur ou l'adresse des jetons.",
        )
    method = str(request.facts.get("client_auth", ""))
    unverified = " (signature non vérifiée : aucune clé publique n'est enregistrée au simulateur)"
    return Evidence(at=at_call(request), note=method + (unverified if method == "private_key_jwt" else ""))


@check("oidc.token-secret-not-in-address", covers=("PSC-01",), source=f"{OAUTH} §2.3.1 ; EXI PSC 22", confidence="vu")
def token_secret_is_not_in_the_address(request: TokenRequest) -> Evidence:
    """L'appel de jeton est un POST de formulaire, sans secret, code ni jeton dans son adresse."""
    leaked = [name for name, _ in request.query if name in ("client_secret", "code", "refresh_token", "code_verifier")]
    if leaked:
        raise CheckFailed(
            "Secret dans l'adresse de l'appel de jeton",
            expected="paramètres dans le corps du formulaire",
            received=f"dans l'adresse : {', '.join(leaked)} (valeurs masquées)",
            at=f"{at_call(request)}, adresse",
            hint="Une adresse finit dans les journaux des serveurs mandataires : passer les paramètres dans le corps.",
        )
    if not request.params:
        raise CheckFailed(
            "Appel de jeton sans formulaire",
            expected="POST application/x-www-form-urlencoded",
            received=f"{request.method} {request.content_type or 'sans type'}",
            at=f"{at_call(request)}, corps",
            hint="Pas de JSON ici : le corps est un formulaire encodé.",
        )
    return Evidence(at=at_call(request))


@check("oidc.token-one-authentication", covers=("PSC-01",), source=f"{OAUTH} §2.3", confidence="vu")
def token_call_authenticates_the_client_once(request: TokenRequest) -> Evidence:
    """L'appel de jeton n'emploie qu'une façon d'authentifier le client."""
    if len(request.secret_in) > 1:
        raise CheckFailed(
            "Client authentifié de deux façons dans le même appel",
            expected="Authorization: Basic, ou client_secret dans le corps, ou une assertion signée",
            received=" et ".join(request.secret_in),
            at=at_call(request),
            hint="N'employer qu'une méthode par appel : Pro Santé Connect peut refuser les autres.",
        )
    return Evidence(at=at_call(request), note=", ".join(request.secret_in))


@check("oidc.token-redirect-uri-same", covers=("PSC-01",), source=f"{OAUTH} §4.1.3 ; {CONNECTOR}", confidence="vu")
def token_call_repeats_the_redirect_uri(request: TokenRequest) -> Evidence:
    """L'échange du code répète le redirect_uri de la demande d'autorisation."""
    asked = (request.facts.get("demande") or {}).get("redirect_uri")
    if asked is None:
        raise Inconclusive("l'appel de jeton ne se rattache à aucune demande d'autorisation connue")
    if request["redirect_uri"] != asked:
        raise CheckFailed(
            "redirect_uri différent de celui de la demande d'autorisation",
            expected=str(asked),
            received=request["redirect_uri"] or "absent",
            at=f"{AT}, paramètre redirect_uri",
            hint="Reprendre exactement la même chaîne dans les deux appels.",
        )
    return Evidence(at=f"{AT}, paramètre redirect_uri")


@check("oidc.code-used-once", covers=("PSC-01",), source=f"{OAUTH} §4.1.2 ; {GRID} 08", confidence="vu")
def code_is_used_once(request: TokenRequest) -> Evidence:
    """Un code d'autorisation ne sert qu'une fois, aussitôt reçu."""
    state = str(request.facts.get("code_etat", ""))
    if not state:
        raise Inconclusive("cet appel de jeton n'échange pas un code")
    words = {"deja-utilise": "code déjà échangé", "expire": "code expiré", "inconnu": "code que le service n'a pas émis"}
    if state != "valide":
        raise CheckFailed(
            "Code d'autorisation présenté à tort",
            expected="un code reçu à l'instant, jamais échangé",
            received=words.get(state, state),
            at=f"{AT}, paramètre code",
            hint="Ne pas rejouer l'échange après une erreur ni un rechargement de la page de retour : reprendre la connexion.",
        )
    return Evidence(at=f"{AT}, paramètre code")


@check("oidc.pkce-verifier", covers=("PSC-01",), source="RFC 7636 §4.5", confidence="vu")
def pkce_verifier_matches_the_challenge(request: TokenRequest) -> Evidence:
    """Quand la demande portait un code_challenge, l'échange du code porte le code_verifier qui lui répond."""
    state = request.facts.get("pkce")
    if state not in ("ok", "ko"):
        raise Inconclusive("la demande d'autorisation ne portait pas de code_challenge")
    if state == "ko":
        raise CheckFailed(
            "code_verifier absent ou faux",
            expected="le texte dont SHA-256, en base64url sans remplissage, est le code_challenge",
            received="une autre valeur" if request["code_verifier"] else "absent",
            at=f"{AT}, paramètre code_verifier",
            hint="Garder le code_verifier côté serveur avec le state, jusqu'à l'échange du code.",
        )
    return Evidence(at=f"{AT}, paramètre code_verifier")


@check(
    "oidc.refresh-latest-token",
    covers=("PSC-01",),
    source="rotation des jetons de rafraîchissement (RFC 9700 §4.14)",
    confidence="infere",
)
def refresh_uses_the_latest_token(request: TokenRequest) -> Evidence:
    """Le rafraîchissement présente le dernier jeton de rafraîchissement reçu."""
    state = request.facts.get("jeton_etat")
    if state is None:
        raise Inconclusive("cet appel de jeton n'est pas un rafraîchissement")
    if state in ("revoque", "inconnu", "absent", "autre-sorte"):
        raise CheckFailed(
            "Jeton de rafraîchissement qui n'est plus le bon",
            expected="le refresh_token de la dernière réponse",
            received={"revoque": "un jeton déjà remplacé ou révoqué", "absent": "aucun jeton"}.get(
                str(state), "un jeton inconnu"
            ),
            at=f"{AT}, paramètre refresh_token",
            hint="Le jeton de rafraîchissement peut changer à chaque usage : remplacer celui qui est gardé en mémoire.",
        )
    return Evidence(at=f"{AT}, paramètre refresh_token")


@check("oidc.bearer-in-header", covers=("PSC-01",), source=f"RFC 6750 §2 ; {CONNECTOR}", confidence="vu")
def bearer_travels_in_the_header(request: UserinfoRequest) -> Evidence:
    """Le jeton d'accès est présenté dans l'en-tête Authorization, jamais dans l'adresse."""
    if request.token_in_address:
        raise CheckFailed(
            "Jeton d'accès dans l'adresse",
            expected="Authorization: Bearer …",
            received="paramètre access_token dans l'adresse (valeur masquée)",
            at="appel userinfo, adresse",
            hint="Une adresse finit dans les journaux : ne jamais y mettre de jeton.",
        )
    if not request.token:
        raise CheckFailed(
            "Aucun jeton d'accès présenté",
            expected="Authorization: Bearer …",
            received="absent",
            at="appel userinfo, en-tête Authorization",
            hint="Présenter l'access_token reçu avec l'id_token.",
        )
    return Evidence(at="appel userinfo, en-tête Authorization")


@check("oidc.userinfo-issued-token", covers=("PSC-01",), source=CONNECTOR, confidence="vu")
def userinfo_presents_an_access_token_of_ours(request: UserinfoRequest) -> Evidence:
    """userinfo est appelé avec le jeton d'accès que Pro Santé Connect a délivré, et non avec un autre jeton."""
    state = request.facts.get("jeton_etat")
    if state in ("valide", "expire"):
        return Evidence(at="appel userinfo, en-tête Authorization", note=f"jeton {state}")
    words = {
        "revoque": "un jeton d'une session terminée",
        "absent": "aucun jeton",
        "autre-sorte": "un jeton d'une autre sorte (id_token ou refresh_token)",
    }
    raise CheckFailed(
        "Jeton présenté à userinfo non reconnu",
        expected="l'access_token de la session en cours",
        received=words.get(str(state), "un jeton que le service n'a pas délivré"),
        at="appel userinfo, en-tête Authorization",
        hint="Ne pas confondre access_token et id_token, ni garder le jeton d'une session précédente.",
    )
