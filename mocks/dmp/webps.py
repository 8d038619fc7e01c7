"""TD0.9: the contextual web access of the DMP (WebPS), recognised so that a campaign can say that a DUI only opens it."""

from __future__ import annotations

from typing import Any

from ...core.exchange import Body, Reply, Request
from .messages import webps_page

PAGES = (
    "TableauDeBord",
    "DossierPatient",
    "GestionDMPPatient",
    "Documents",
    "ParcoursDeSoins",
    "HistoriqueAcces",
    "VolontesEtDroits",
    "CarnetVaccination",
    "Parametrages",
)
_KNOWN = (
    "Cette page du DMP serait ouverte dans un navigateur. La consultation attendue d'un DUI se fait dans le logiciel,"
    " par TD3.1 et TD3.2."
)
_TEXT = """<!DOCTYPE html>
<html lang="fr"><head><meta charset="utf-8"><title>WebPS simulé</title></head>
<body><h1>Accès web contextuel au DMP (simulé)</h1>
<p>{}</p></body></html>
"""


def page(request: Request) -> Reply:
    """A page that says what it is; 404 for one that the WebPS does not have."""
    found = webps_page(request)
    name = found[0] if found is not None else ""
    known = name in PAGES
    text = _KNOWN if known else "Page inconnue du WebPS."
    facts: dict[str, Any] = {"td": "webps", "statut": "OK" if known else "NF", "codes": [], "page": name if known else "inconnue"}
    return Reply(
        200 if known else 404, (("Content-Type", "text/html; charset=utf-8"),), Body(_TEXT.format(text).encode()), facts=facts
    )
