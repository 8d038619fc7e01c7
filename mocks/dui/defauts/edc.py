"""Defects of the espace de confiance: token exchange, API tokens, use of a proxy, the DUI's own proxy."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from ..alterations import Alteration, Couture
from ..edc_session import AppelApi, ReponseProxy
from ..psc_session import Appel
from ..transport import ReglagesTls
from . import registre
from .registre import AVERTISSEMENT, NON_CONFORME
from .retouches import attribuer, ecrire
from .vihf import valeur

defaut = partial(registre.defaut, theme="edc")

_PSC09 = ("PSC-09",)
_PSC10 = ("PSC-10",)


def _regle(
    nom: str, description: str, check: str, *, exigences: tuple[str, ...] = _PSC09, effet: str = NON_CONFORME, **valeurs: Any
) -> None:
    defaut(nom, description, check=check, exigences=exigences, effet=effet, regles={"edc": valeurs})


def _champ(nom: str, valeur: str | None) -> Alteration:
    """Change a field of the exchange; None leaves it out."""

    def alterer(appel: Appel) -> None:
        appel.formulaire.pop(nom, None)
        if valeur is not None:
            appel.formulaire[nom] = valeur

    return alterer


def _echange(nom: str, description: str, check: str, champ: str, valeur: str | None) -> None:
    defaut(nom, description, (Couture.EDC_ECHANGE, _champ(champ, valeur)), check=check, exigences=_PSC10)


_echange(
    "edc-autre-grant",
    "demande le jeton d'API par client_credentials",
    "edc.grant-token-exchange",
    "grant_type",
    "client_credentials",
)
_echange(
    "edc-sans-type-de-sujet", "n'annonce pas la sorte du jeton échangé", "edc.subject-token-type", "subject_token_type", None
)
_echange("edc-sans-portee", "ne demande aucune portée à l'échange", "edc.scope-present", "scope", None)
_echange(
    "edc-autre-portee", "demande à l'échange une portée d'un autre client", "edc.scope-present", "scope", "dmp:administration"
)
_echange(
    "edc-client-id-psc",
    "donne au serveur d'autorisation son client_id de Pro Santé Connect",
    "edc.client-id-as",
    "client_id",
    "dui-temoin",
)
_echange(
    "edc-secret-dans-le-corps",
    "envoie un secret dans le corps de l'échange",
    "edc.no-client-secret",
    "client_secret",
    "secret-du-dui",
)
_echange("edc-sans-sujet", "n'envoie aucun jeton à échanger", "edc.subject-token-live", "subject_token", None)


def _basic(appel: Appel) -> None:
    appel.entetes["Authorization"] = "Basic ZHVpLXRlbW9pbi1hczpzZWNyZXQtZHUtZHVp"


defaut(
    "edc-secret-en-tete",
    "s'authentifie au serveur d'autorisation par un secret (Basic)",
    (Couture.EDC_ECHANGE, _basic),
    check="edc.no-client-secret",
    exigences=_PSC10,
)
_regle(
    "edc-jeton-perime",
    "échange un jeton d'accès expiré, sans le rafraîchir",
    "edc.subject-token-live",
    exigences=_PSC09,
    sujet_frais=False,
)
_regle(
    "edc-id-token-en-sujet",
    "échange l'id_token au lieu du jeton d'accès",
    "edc.subject-token-live",
    exigences=_PSC10,
    presente_l_id_token=True,
)


def _sans_certificat(cible: str) -> Alteration:
    def alterer(reglages: ReglagesTls) -> ReglagesTls | None:
        return ReglagesTls(reglages.cible) if reglages.cible == cible else None

    return alterer


for _cible, _nom in (("edc-as", "serveur-d-autorisation"), ("edc-api", "api")):
    defaut(
        f"edc-{_nom}-sans-certificat",
        f"ne présente aucun certificat client ({_nom})",
        (Couture.TLS, _sans_certificat(_cible)),
        check="edc.client-certificate",
        exigences=_PSC10,
    )
defaut(
    "edc-psc-sans-certificat",
    "ne présente aucun certificat client à Pro Santé Connect",
    (Couture.TLS, _sans_certificat("psc")),
    check="edc.mtls-to-psc",
    exigences=_PSC10,
)
defaut(
    "edc-autre-certificat",
    "appelle l'API avec un autre certificat que celui de l'échange",
    check="edc.same-certificate",
    exigences=_PSC10,
    regles={"certificats": {"edc_api": "insi_auto"}},
)
_regle(
    "edc-jeton-psc-a-l-api",
    "présente à l'API le jeton de Pro Santé Connect, sans échange",
    "attendu.edc",
    exigences=_PSC10,
    echange=False,
)


def _jeton_dans_l_adresse(appel: AppelApi) -> None:
    jeton = appel.entetes.pop("Authorization").removeprefix("Bearer ")
    appel.url += f"?access_token={jeton}"


defaut(
    "edc-jeton-dans-l-adresse",
    "met le jeton d'API dans l'adresse",
    (Couture.EDC_API, _jeton_dans_l_adresse),
    check="edc.bearer-in-header",
    exigences=_PSC10,
)


def _jeton_inconnu(appel: AppelApi) -> None:
    appel.entetes["Authorization"] = "Bearer jeton-d-un-autre-serveur"


defaut(
    "edc-jeton-d-un-autre-serveur",
    "présente à l'API un jeton que son serveur d'autorisation n'a pas délivré",
    (Couture.EDC_API, _jeton_inconnu),
    check="edc.api-token-issued",
    exigences=_PSC10,
)


def _autre_identite(appel: AppelApi) -> None:
    appel.corps["nationalId"] = "899700000003"


defaut(
    "edc-autre-identite",
    "nomme à l'API un autre professionnel que le titulaire du jeton",
    (Couture.EDC_API, _autre_identite),
    check="edc.api-names-user",
    exigences=_PSC09,
)
_regle(
    "edc-jeton-d-un-autre-utilisateur",
    "garde un seul jeton d'API pour tous les utilisateurs du poste",
    "edc.api-token-of-user",
    jeton_par_utilisateur=False,
)
_regle("edc-reponse-tronquee", "montre une partie de la réponse de l'API", "edc.answer-shown", montre_la_signature=False)
_regle(
    "edc-echange-a-chaque-appel",
    "échange un jeton à chaque appel de l'API",
    "edc.token-reused",
    effet=AVERTISSEMENT,
    reutilise_le_jeton=False,
)
_regle("edc-sans-renouvellement", "ne renouvelle pas un jeton d'API refusé", "edc.renewed-on-401", renouvellements=0)
_regle(
    "edc-renouvellement-en-boucle",
    "échange sans fin tant que l'API refuse",
    "edc.renewal-not-looped",
    effet=AVERTISSEMENT,
    renouvellements=6,
)
_regle("edc-panne-tue", "annonce comme fait un appel qui a échoué", "edc.failure-told", annonce_la_panne=False)
_regle("edc-essais-sans-fin", "insiste pendant une panne", "edc.retry-bounded", effet=AVERTISSEMENT, essais_en_panne=8)
_regle(
    "edc-nouvelle-connexion",
    "demande une nouvelle connexion avant d'appeler l'API",
    "edc.no-new-authentication",
    reconnecte_avant=True,
)
defaut(
    "edc-vihf-autre-profession",
    "met dans le VIHF une profession que Pro Santé Connect ne donne pas",
    (Couture.VIHF, attribuer("(//hl7:Role)[1]", "code", "70")),
    check="edc.vihf-role",
    exigences=_PSC09,
)
defaut(
    "edc-vihf-autre-structure",
    "met dans le VIHF une structure que Pro Santé Connect ne donne pas",
    (Couture.VIHF, ecrire(valeur("Identifiant_Structure"), "1990000119")),
    check="edc.vihf-structure",
    exigences=_PSC09,
)


def _corps_proxy(chemin: str, nom: str, valeur: str) -> Alteration:
    """Change a field of the calls to a proxy of another."""

    def alterer(appel: AppelApi) -> None:
        if appel.url.endswith(chemin):
            appel.corps[nom] = valeur

    return alterer


for _nom, _champ_proxy, _valeur, _dit in (
    ("edc-proxy-nombre", "bindingMessage", "7", "donne au proxy un nombre d'un seul chiffre"),
    ("edc-proxy-canal", "channel", "SMS", "demande au proxy un canal qui n'existe pas"),
    ("edc-proxy-client", "clientId", "dui-temoin-as", "se nomme au proxy par un autre client_id"),
):
    defaut(
        _nom,
        _dit,
        (Couture.EDC_PROXY, _corps_proxy("/connect", _champ_proxy, _valeur)),
        check="edc.proxy.connect-request",
        exigences=_PSC10,
    )
defaut(
    "edc-proxy-autre-personne",
    "se connecte au proxy pour un autre professionnel",
    (Couture.EDC_PROXY, _corps_proxy("/connect", "nationalId", "899700009999")),
    check="edc.proxy.connect-names-user",
    exigences=_PSC09,
)
_regle(
    "edc-proxy-sans-cookie",
    "appelle par le proxy sans son cookie de session",
    "edc.proxy.send-has-session",
    exigences=_PSC10,
    presente_le_cookie=False,
)
_regle(
    "edc-proxy-reprise-refusee",
    "prend la réponse 304 du proxy pour un échec",
    "edc.proxy.replay-handled",
    comprend_la_reprise=False,
)
_regle(
    "edc-proxy-session-partagee",
    "emploie une seule session du proxy pour tous les utilisateurs du poste",
    "edc.proxy.sessions-apart",
    session_par_utilisateur=False,
    ferme_le_proxy=False,
    oublie_a_la_deconnexion=False,
)
_regle(
    "edc-proxy-laisse-ouvert",
    "laisse ouverte la session du proxy à la déconnexion",
    "edc.proxy.disconnect-at-logout",
    exigences=("PSC-04",),
    ferme_le_proxy=False,
)
_regle(
    "edc-notre-proxy-sans-session",
    "sert par son proxy un appel sans cookie, avec la session d'un autre",
    "edc.own-proxy.session-required",
    exigences=_PSC10,
    proxy_exige_session=False,
)
_regle(
    "edc-notre-proxy-sans-reprise",
    "refait une connexion quand la session du proxy est active",
    "edc.own-proxy.replay",
    proxy_reprend=False,
)
_regle(
    "edc-notre-proxy-sans-fin",
    "garde la session de son proxy après la déconnexion",
    "edc.own-proxy.disconnect",
    exigences=("PSC-04",),
    proxy_ferme=False,
)


def _sans_cookie(reponse: ReponseProxy) -> None:
    reponse.entetes.pop("Set-Cookie", None)


def _sans_signature(reponse: ReponseProxy) -> None:
    if reponse.demande.startswith("/send/") and isinstance(reponse.corps, dict):
        reponse.corps = {nom: valeur for nom, valeur in reponse.corps.items() if nom != "signature"}


defaut(
    "edc-notre-proxy-sans-cookie",
    "ne donne pas de cookie à la connexion de son proxy",
    (Couture.EDC_REPONSE, _sans_cookie),
    check="edc.own-proxy.connect-opens",
    exigences=_PSC10,
)
defaut(
    "edc-notre-proxy-change-la-reponse",
    "change la réponse de l'API dans son proxy",
    (Couture.EDC_REPONSE, _sans_signature),
    check="edc.own-proxy.relays",
    exigences=_PSC10,
)


def _trace(nom: str, description: str, check: str, alteration: Alteration) -> None:
    defaut(nom, description, (Couture.EDC_TRACE, alteration), check=check, exigences=_PSC10)


def _sans_decalage(trace: dict[str, Any]) -> None:
    trace["timestamp"] = datetime.fromisoformat(trace["timestamp"]).replace(tzinfo=None).isoformat()


def _sans_appel(trace: dict[str, Any]) -> None:
    trace.pop("apiRequest", None)


def _sans_session(trace: dict[str, Any]) -> None:
    trace.pop("session_state", None)


def _sans_adresse(trace: dict[str, Any]) -> None:
    trace["ipAddress"] = ""


def _non_tracee(sorte: str) -> Alteration:
    return lambda trace: {} if trace["type"] == sorte else None


_trace("edc-trace-sans-decalage", "trace l'heure locale sans son décalage", "edc.trace.timestamp", _sans_decalage)
_trace("edc-trace-sans-appel", "trace un appel sans dire lequel", "edc.trace.fields", _sans_appel)
_trace("edc-trace-sans-session", "trace sans la session Pro Santé Connect", "edc.trace.fields", _sans_session)
_trace("edc-trace-sans-adresse", "trace sans l'adresse de l'appelant", "edc.trace.fields", _sans_adresse)
_trace("edc-trace-sans-echec", "ne trace pas les connexions refusées", "edc.trace.types", _non_tracee("CONNECT_FAILURE"))
_trace("edc-trace-sans-deconnexion", "ne trace pas les déconnexions", "edc.trace.types", _non_tracee("DISCONNECT"))
