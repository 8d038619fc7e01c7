"""Named misbehaviours of INSi (dmp_insi §14.1), besides those that every service has. A correct DUI survives them all."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from ...core.errors import Inconclusive
from ...core.exchange import Body, Reply, Request
from ...core.service import Panne
from ...validation.ins.request import RECHERCHE_TRAITS, RECHERCHE_VITALE
from ...validation.soap import SoapError
from . import messages

INDISPONIBLE = (
    "Le service est temporairement inaccessible. Veuillez renouveler votre demande ultérieurement. "
    "Si le problème persiste, contactez l'éditeur du progiciel ou votre responsable informatique."
)
IDAM_INCONNU = "Le numéro d'autorisation du logiciel n'est pas reconnu. Contactez l'éditeur du progiciel."
CARTE_PERIMEE = "L'assertion de la carte Vitale a plus de vingt minutes. Relisez la carte."
ACCES_INSUFFISANT = "Le niveau d'accès du certificat ne permet pas d'appeler ce service."


def technical(operation: str, message_id: str = "") -> Reply:
    """siram_40 with insi_101 (carte Vitale) or insi_102 (other operations)."""
    code = "insi_101" if operation == RECHERCHE_VITALE else "insi_102"
    means = "la carte Vitale" if operation == RECHERCHE_VITALE else "les traits d'identité"
    detail = f"L'appel au service de recherche avec {means} renvoie une erreur technique."
    return messages.fault(INDISPONIBLE, subcode="siram_40", error=code, detail=detail, message_id=message_id)


def unknown_idam(message_id: str = "") -> Reply:
    """siram_100 with desir_550."""
    detail = "Numéro d'autorisation inconnu."
    return messages.fault(IDAM_INCONNU, subcode="siram_100", error="desir_550", detail=detail, message_id=message_id)


def access_denied(message_id: str = "") -> Reply:
    """desir_560."""
    detail = "Niveau d'accès insuffisant."
    return messages.fault(ACCES_INSUFFISANT, subcode="siram_100", error="desir_560", detail=detail, message_id=message_id)


def _operation(request: Request) -> str:
    try:
        return messages.read(request).operation
    except (SoapError, Inconclusive):
        return RECHERCHE_TRAITS


def _technical(service: Any, request: Request, now: datetime) -> Reply:
    return technical(_operation(request))


def _answering(make: Callable[[], Reply]) -> Callable[[Any, Request, datetime], Reply]:
    return lambda service, request, now: make()


def _code(cr: str) -> Callable[[Any, Request, datetime], Reply]:
    def answer(service: Any, request: Request, now: datetime) -> Reply:
        operation = _operation(request)
        reply = messages.resultat(cr, operation, registre=service.registre)
        return messages.with_facts(reply, cr=cr, operation=operation)

    return answer


def _other_request(service: Any, request: Request, reply: Reply) -> Reply:
    """RelatesTo of another request: an answer that is not to this one."""
    data = re.sub(
        rb"(<wsa:RelatesTo>).*?(</wsa:RelatesTo>)", rb"\1uuid:00000000-0000-4000-8000-000000000000\2", reply.body.read()
    )
    return replace(reply, body=Body(data))


def _first_name_only(service: Any, request: Request, reply: Reply) -> Reply:
    """Both Prenom and ListePrenom are optional in the answer."""
    data = reply.body.read()
    return replace(reply, body=Body(re.sub(rb"<(/?)ListePrenom>", rb"<\1Prenom>", data))) if b"ListePrenom>" in data else reply


def _without_individual(service: Any, request: Request, reply: Reply) -> Reply:
    data = reply.body.read()
    cut = re.sub(rb"<INDIVIDU>.*</INDIVIDU>", b"", data, flags=re.DOTALL)
    return replace(reply, body=Body(cut)) if cut != data else reply


def _unknown_code(service: Any, request: Request, reply: Reply) -> Reply:
    data = _without_individual(service, request, reply).body.read()
    cut = re.sub(rb"<CodeCR>.*</LibelleCR>", b"<CodeCR>09</CodeCR><LibelleCR>Code a venir</LibelleCR>", data)
    return messages.with_facts(replace(reply, body=Body(cut)), cr="09") if cut != data else reply


def _severity(service: Any, request: Request, now: datetime) -> Reply:
    """``fatal``, seen in place of ``fatale``."""
    reply = technical(_operation(request))
    return replace(reply, body=Body(reply.body.read().replace(b'severite="fatale"', b'severite="fatal"')))


def _card_expired() -> Reply:
    detail = "Assertion Vitale obsolète."
    return messages.fault(CARTE_PERIMEE, code="Sender", subcode="siram_40", error="insi_101", detail=detail)


def _bare(service: Any, request: Request, now: datetime) -> Reply:
    return messages.fault("Erreur du service.")


PANNES = (
    Panne(
        "erreur-technique",
        "INSi répond une faute SOAP siram_40 / insi_101 ou insi_102 (erreur technique) sans chercher.",
        exigences=("INS-01",),
        before=_technical,
    ),
    Panne(
        "idam-inconnu",
        "INSi répond une faute SOAP siram_100 / desir_550 (autorisation inconnue).",
        before=_answering(unknown_idam),
    ),
    Panne(
        "acces-insuffisant",
        "INSi répond une faute SOAP desir_560 (niveau d'accès du certificat).",
        before=_answering(access_denied),
    ),
    Panne("aucune-identite", "INSi répond le code 01 (aucune identité), qui que soit la personne cherchée.", before=_code("01")),
    Panne(
        "plusieurs-identites",
        "INSi répond le code 02 (plusieurs identités), qui que soit la personne cherchée.",
        before=_code("02"),
    ),
    Panne("faute-sans-detail", "INSi répond une faute SOAP sans sous-code ni détail.", before=_bare),
    Panne("faute-fatal", 'INSi répond l\'erreur technique avec severite="fatal" au lieu de « fatale ».', before=_severity),
    Panne(
        "carte-vitale-perimee",
        "INSi refuse la recherche par carte Vitale : assertion de plus de vingt minutes.",
        before=_answering(_card_expired),
    ),
    Panne("relates-to-faux", "La réponse d'INSi se dit réponse à un autre appel (wsa:RelatesTo).", after=_other_request),
    Panne("prenom-sans-liste", "INSi rend les prénoms dans Prenom, sans ListePrenom.", after=_first_name_only),
    Panne("individu-absent", "INSi répond le code 00 sans l'individu.", after=_without_individual),
    Panne("code-inconnu", "INSi répond un code de retour que le DUI ne connaît pas (09).", after=_unknown_code),
)
