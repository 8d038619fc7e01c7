"""The protected test API: it signs the data of a session for who presents a token of the authorization server."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ...core.exchange import Reply, Request
from ...validation.edc import json_object
from ...validation.oauth import bearer, fingerprint
from .messages import bearer_error, json_reply
from .state import PORTEE_API, Presente

if TYPE_CHECKING:
    from .app import EspaceDeConfiance

CHAMPS = ("nationalId", "clientID", "proxy_session_id", "session_state")


def signer(edc: EspaceDeConfiance, request: Request, presente: Presente | None, now: datetime) -> Reply:
    """Answer POST /signsessiondata. Token first (401, 403), message after (400)."""
    valeur = bearer(request)
    jeton = edc.registre.jeton(valeur, "acces")
    demande = json_object(request.body)
    facts: dict[str, Any] = {
        "jeton_etat": edc.registre.etat(valeur, "acces", now),
        "jeton": fingerprint(valeur) if valeur else "",
        "sujet": jeton.sujet if jeton is not None else "",
        "certificat": "absent" if presente is None else "presente",
        "cnf": "lie" if presente is not None and jeton is not None and presente.lie(jeton.cnf) else "autre",
        "sujet_demande": str(demande.get("nationalId", "")),
    }
    if jeton is None or facts["jeton_etat"] != "valide":
        return bearer_error("invalid_token", "jeton absent, inconnu, expire ou revoque", status=401, facts=facts)
    if facts["cnf"] != "lie":
        return bearer_error("invalid_token", "jeton lie a un autre certificat que celui presente", status=401, facts=facts)
    if PORTEE_API not in jeton.portees:
        return bearer_error("insufficient_scope", f"portee {PORTEE_API} absente du jeton", status=403, facts=facts)
    if request.method != "POST":
        return json_reply({"code": "405", "message": "la méthode POST est attendue"}, status=405, facts=facts)
    manquants = [nom for nom in CHAMPS if not isinstance(demande.get(nom), str)]
    if manquants:
        message = f"champs attendus (textes) : {', '.join(manquants)}"
        return json_reply({"code": "400", "message": message}, status=400, facts={**facts, "erreur": message})
    signe = {nom: demande[nom] for nom in CHAMPS}
    signature = edc.signataire.signature(signe)
    # Its payload holds the session of the proxy in Base64, where no search for the session itself would find it.
    return replace(json_reply(signe | {"signature": signature}, facts=facts), secrets=(signature,))
