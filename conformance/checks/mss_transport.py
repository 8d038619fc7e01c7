"""How a DUI reaches its operator: TLS before anything, the six suites, who opens the box, what follows a refusal."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.errors import CheckFailed, Inconclusive
from ..core.people import Professionnel
from ..core.problem import Evidence
from ..core.settings import Settings
from ..validation.mss_session import SUITES, SessionMss, Tentative
from .registry import check

_REF = "Référentiel MSSanté #2 (clients de messagerie)"
ATTEMPTS_AFTER_REFUSAL = 2


def _attempts(session: SessionMss) -> tuple[Tentative, ...]:
    if not session.tentatives:
        raise Inconclusive(f"aucune authentification dans la session {session.id}")
    return session.tentatives


def _opened(session: SessionMss) -> Tentative:
    return session.ouverte or _attempts(session)[-1]


@check("mss.transport.tls-first", covers=("MSS-02",), source=f"{_REF}, 1.0.1 et 1.0.2 (STARTTLS)", confidence="secondaire")
def nothing_is_said_before_tls(session: SessionMss) -> Evidence:
    """Le logiciel passe en TLS (STARTTLS) avant toute authentification et tout message."""
    if any(t.verdict == "avant-tls" for t in session.tentatives) or (session.tentatives and not session.tls):
        raise CheckFailed(
            "Authentification envoyée avant TLS",
            expected="STARTTLS, puis AUTH (ou AUTHENTICATE) sur la connexion chiffrée",
            received=f"{session.tentatives[0].mecanisme} en clair",
            at=session.at,
            hint="N'envoyer ni jeton ni adresse avant TLS ; si STARTTLS manque ou échoue, fermer et le dire à l'utilisateur.",
        )
    if not session.tls and session.kind == "mss.smtp.envoi":
        raise CheckFailed(
            "Message envoyé en clair", expected="une session TLS", received="aucune", at=session.at, hint="STARTTLS."
        )
    return Evidence(at=session.at, note="TLS d'abord" if session.tls else "rien d'envoyé en clair")


@check("mss.transport.no-fallback", covers=("MSS-02",), source=f"{_REF}, 1.1.1 ; règle MSS-T02", confidence="secondaire")
def nothing_is_said_without_starttls(session: SessionMss) -> Evidence:
    """Quand l'opérateur n'offre plus STARTTLS, le logiciel n'envoie ni jeton ni message en clair."""
    if session.tls:
        raise Inconclusive(f"la session {session.id} est chiffrée")
    if session.tentatives or session.kind == "mss.smtp.envoi":
        raise CheckFailed(
            "Le logiciel continue en clair quand STARTTLS manque",
            expected="la connexion fermée, et l'échec dit à l'utilisateur",
            received=", ".join(t.mecanisme for t in session.tentatives) or "un message",
            at=session.at,
            hint="STARTTLS est exigé : son absence peut être une attaque (déclassement).",
        )
    return Evidence(at=session.at, note="rien d'envoyé en clair")


@check("mss.transport.suites", covers=("MSS-03",), source=f"{_REF}, 1.1.3 (ECO.1.1.3)", confidence="secondaire")
def only_the_six_suites_are_offered(session: SessionMss) -> Evidence:
    """Le logiciel ne propose en TLS 1.2 que les six suites cryptographiques admises."""
    offered = session.connection.offered_ciphers
    if not offered:
        raise Inconclusive("les suites proposées par le client ne sont pas connues")
    others = [s for s in offered if s not in SUITES and not s.startswith("TLS_")]
    if others:
        raise CheckFailed(
            "Suite cryptographique non admise proposée",
            expected=", ".join(SUITES),
            received=", ".join(others),
            at=f"{session.id}, ClientHello",
            hint="Régler la bibliothèque TLS sur les six suites du référentiel, dans cet ordre.",
        )
    return Evidence(at=f"{session.id}, ClientHello", note=session.connection.cipher)


@check("mss.transport.xoauth2", covers=("MSS-05", "PSC-05"), source=f"{_REF}, 1.2.1 (ECO.1.2.1)", confidence="secondaire")
def human_box_is_opened_by_xoauth2(session: SessionMss) -> Evidence:
    """Une boîte nominative ou organisationnelle s'ouvre par SASL XOAUTH2."""
    attempt = _opened(session)
    if attempt.mecanisme != "XOAUTH2":
        raise CheckFailed(
            "Boîte ouverte par un autre mécanisme que XOAUTH2",
            expected="AUTH XOAUTH2 avec le jeton d'accès de Pro Santé Connect",
            received=attempt.mecanisme,
            at=session.at,
            hint="Ni mot de passe ni certificat pour une boîte de professionnel ou d'équipe.",
        )
    return Evidence(at=session.at, note=attempt.mecanisme)


@check("mss.transport.frame", covers=("MSS-05", "PSC-05"), source=f"{_REF}, 1.2.1 ; trame SASL XOAUTH2", confidence="secondaire")
def frame_of_xoauth2_is_exact(session: SessionMss) -> Evidence:
    """La trame XOAUTH2 est exactement user=<boîte>, 0x01, auth=Bearer <jeton>, 0x01, 0x01."""
    attempt = _opened(session)
    if attempt.mecanisme != "XOAUTH2":
        raise Inconclusive("la boîte n'a pas été ouverte par XOAUTH2")
    if attempt.trame != "exacte":
        raise CheckFailed(
            "Trame XOAUTH2 inexacte",
            expected='base64("user=" boîte 0x01 "auth=Bearer " jeton 0x01 0x01)',
            received=f"trame {attempt.trame}",
            at=session.at,
            hint="Respecter la casse de « Bearer » et les deux octets 0x01 de la fin.",
        )
    return Evidence(at=session.at, note="trame exacte")


@check("mss.transport.live-token", covers=("PSC-05", "PSC-11"), source=f"{_REF}, 1.2.1 et 1.2.7", confidence="secondaire")
def token_is_valid_when_presented(session: SessionMss) -> Evidence:
    """Le jeton présenté à l'opérateur est un jeton d'accès de Pro Santé Connect en cours de validité."""
    attempt = _opened(session)
    if attempt.mecanisme != "XOAUTH2":
        raise Inconclusive("aucun jeton n'a été présenté")
    if attempt.etat_jeton != "valide":
        raise CheckFailed(
            "Jeton présenté à l'opérateur qui n'est plus valable, ou n'est pas un jeton d'accès",
            expected="un jeton d'accès délivré depuis moins de deux minutes",
            received=attempt.etat_jeton or "jeton illisible",
            at=session.at,
            hint="Rafraîchir le jeton avant d'ouvrir la boîte quand il expire bientôt ; ne jamais présenter l'id_token.",
        )
    return Evidence(at=session.at, note="jeton valide")


@check(
    "mss.transport.own-token",
    covers=("MSS-05", "PSC-05"),
    source=f"{_REF}, 1.2.1 (titulaire ou délégué)",
    confidence="secondaire",
)
def token_is_that_of_the_connected_user(session: SessionMss, person: Professionnel) -> Evidence:
    """Le jeton présenté est celui du professionnel connecté, et la boîte est à lui ou lui est déléguée."""
    attempt = _opened(session)
    if attempt.mecanisme == "XOAUTH2" and attempt.identite not in ("", person.id_nat):
        raise CheckFailed(
            "Jeton d'un autre professionnel",
            expected=person.id_nat,
            received=attempt.identite,
            at=session.at,
            hint="Prendre le jeton de la session Pro Santé Connect ouverte.",
        )
    if attempt.verdict in ("boite-non-autorisee", "boite-inconnue"):
        raise CheckFailed(
            "Boîte qui n'est ni au professionnel connecté ni déléguée à lui",
            expected="sa boîte, ou une boîte de sa structure",
            received=f"{attempt.boite} ({attempt.verdict})",
            at=session.at,
            hint="user= porte l'adresse de la boîte que l'utilisateur ouvre.",
        )
    return Evidence(at=session.at, note="jeton et boîte de l'utilisateur")


@check("mss.transport.applicative", covers=("MSS-06",), source=f"{_REF}, 1.3.1 (ECO.1.3.1)", confidence="secondaire")
def applicative_box_is_opened_by_certificate(session: SessionMss) -> Evidence:
    """Une boîte applicative s'ouvre par le certificat d'organisation, puis EXTERNAL ou PLAIN avec l'adresse de la boîte."""
    attempt = _opened(session)
    if attempt.mecanisme not in ("EXTERNAL", "PLAIN"):
        raise CheckFailed(
            "Boîte applicative ouverte par un autre mécanisme",
            expected="EXTERNAL ou PLAIN, avec l'adresse de la boîte (les sources divergent : les deux sont admis)",
            received=attempt.mecanisme,
            at=session.at,
            hint="Une boîte applicative n'a pas besoin de session Pro Santé Connect.",
        )
    if attempt.verdict == "certificat-absent":
        raise CheckFailed(
            "Boîte applicative ouverte sans certificat client",
            expected="le certificat d'organisation (IGC-Santé, AUTH_CLI) dans la négociation TLS",
            received="aucun certificat",
            at=f"{session.id}, négociation TLS",
            hint="Charger le certificat et sa clé avant STARTTLS.",
        )
    return Evidence(at=session.at, note=f"{attempt.mecanisme}, certificat de {attempt.certificat or 'la structure'}")


@check(
    "mss.transport.applicative-owner",
    covers=("MSS-06",),
    source=f"{_REF}, 1.3.1 ; IGC-Santé (OU = structure)",
    confidence="secondaire",
)
def certificate_is_that_of_the_structure(session: SessionMss, settings: Settings) -> Evidence:
    """Le certificat qui ouvre la boîte applicative est celui de la structure."""
    attempt = _opened(session)
    if not attempt.certificat:
        raise Inconclusive("aucun certificat client n'a été présenté")
    expected = f"1{settings.structure.finess_ej}"
    if attempt.certificat != expected:
        raise CheckFailed(
            "Certificat d'une autre structure",
            expected=expected,
            received=attempt.certificat,
            at=f"{session.id}, certificat client (OU)",
            hint="Présenter le certificat AUTH_CLI de l'entité juridique.",
        )
    return Evidence(at=f"{session.id}, certificat client", note=attempt.certificat)


@check("mss.transport.one-retry", covers=("MSS-05",), source="opérateur réel (défi XOAUTH2) ; MSS-T05", confidence="infere")
def refusal_is_followed_by_one_retry(sessions: Sequence[SessionMss]) -> Evidence:
    """Après un refus, le logiciel réessaie une fois, puis le dit : il n'insiste pas."""
    attempts = [t for s in sessions for t in s.tentatives]
    if not attempts:
        raise Inconclusive("aucune authentification n'a été vue")
    if len(attempts) > ATTEMPTS_AFTER_REFUSAL:
        raise CheckFailed(
            "Le logiciel insiste après un refus",
            expected=f"{ATTEMPTS_AFTER_REFUSAL} authentifications au plus",
            received=str(len(attempts)),
            at=sessions[-1].at,
            hint="Un refus, un rafraîchissement, un essai ; ensuite, dire à l'utilisateur que la boîte refuse l'accès.",
        )
    return Evidence(at=sessions[-1].at, note=f"{len(attempts)} authentification(s)")


@check("mss.transport.fresh-retry", covers=("PSC-05",), source="opérateur réel (défi XOAUTH2) ; MSS-T05", confidence="secondaire")
def retry_presents_a_fresh_token(sessions: Sequence[SessionMss]) -> Evidence:
    """Après un refus, le nouvel essai présente un jeton rafraîchi."""
    tokens = [t.jeton for s in sessions for t in s.tentatives if t.mecanisme == "XOAUTH2"]
    if len(tokens) < ATTEMPTS_AFTER_REFUSAL:
        raise Inconclusive("le logiciel n'a pas réessayé")
    if tokens[0] == tokens[1]:
        raise CheckFailed(
            "Nouvel essai avec le jeton qui vient d'être refusé",
            expected="un jeton rafraîchi auprès de Pro Santé Connect",
            received="le même jeton",
            at=sessions[-1].at,
            hint="Oublier le jeton refusé, rafraîchir, puis réessayer.",
        )
    return Evidence(at=sessions[-1].at, note="jeton rafraîchi")


@check("mss.transport.logout", covers=("MSS-02",), source="RFC 9051 §6.1.3 (LOGOUT)", confidence="vu")
def session_of_imap_is_ended(session: SessionMss) -> Evidence:
    """Le logiciel ferme sa session IMAP par LOGOUT."""
    if session.protocole != "IMAP":
        raise Inconclusive("ce n'est pas une session IMAP")
    if session.fin != "logout":
        raise CheckFailed(
            "Session IMAP quittée sans LOGOUT",
            expected="LOGOUT, puis la fermeture de la connexion",
            received=session.fin or "connexion rompue",
            at=session.at,
            hint="Envoyer LOGOUT et lire BYE avant de fermer.",
        )
    return Evidence(at=session.at, note="LOGOUT")


@check("mss.transport.mail-stays", covers=("MSS-18",), source="règle MSS-R03 (le message est gardé)", confidence="infere")
def reading_removes_nothing(sessions: Sequence[SessionMss]) -> Evidence:
    """Relever la boîte n'en supprime aucun message : seul l'utilisateur supprime."""
    read = [s for s in sessions if s.protocole == "IMAP"]
    if not read:
        raise Inconclusive("aucune session IMAP n'a été vue")
    for session in read:
        if session.supprimes:
            raise CheckFailed(
                "Messages supprimés de la boîte à la relève",
                expected="des messages lus (\\Seen), laissés dans la boîte",
                received=f"{session.supprimes} message(s) supprimé(s)",
                at=session.at,
                hint="Ne poser \\Deleted que sur un geste de l'utilisateur.",
            )
    return Evidence(at=read[-1].at, note=f"{len(read)} relève(s)")
