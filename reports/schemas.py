"""JSON Schemas (2020-12) of what the commands write for machines: published by ``exemple schemas``, tested on real output."""

from __future__ import annotations

from typing import Any

from dui_conformance.core.settings import MODES_DMP, SECTEURS
from dui_conformance.core.verdict import Basis, Confidence, Verdict

from .rem.officiel import Confiance
from .tendance import Sens

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
NAME: Schema = {"type": "string", "minLength": 1}
TEXTS: Schema = {"type": "array", "items": TEXT}
COUNT: Schema = {"type": "integer", "minimum": 0}
FLAG: Schema = {"type": "boolean"}
SHA256: Schema = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
VERDICT: Schema = {"enum": [v.value for v in Verdict]}
SECTORS: Schema = {"type": "array", "items": {"enum": list(SECTEURS)}}


def _object(required: Schema, optional: Schema | None = None) -> Schema:
    """A closed object: the keys of ``required`` must be there, those of ``optional`` may."""
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
        "additionalProperties": False,
    }


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _document(name: str, title: str, body: Schema) -> Schema:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"dui-conformance/{name}",
        "title": title,
        **body,
    }


_FINDING = _object(
    {
        "message": TEXT,
        "attendu": TEXT,
        "recu": TEXT,
        "ou": TEXT,
        "piste": TEXT,
        "endroits": _list(_object({"ou": TEXT, "recu": TEXT})),
    }
)
_CHECK = _object(
    {
        "id": NAME,
        "verdict": VERDICT,
        "base": {"enum": [b.value for b in Basis]},
        "exigences": TEXTS,
        "sujets": TEXTS,
        "profil": TEXT,
        "confiance": {"enum": [c.value for c in Confidence]},
        "source": TEXT,
        "regles": COUNT,
        "ancre": {"type": "string", "pattern": "^verdict-[0-9]+$"},
    },
    {"raison": TEXT, "constat": _FINDING},
)
_PROOF = _object({"scenario": TEXT, "controle": NAME, "verdict": VERDICT, "echanges": TEXTS, "ancre": NAME})
_OFFICIAL_REF = _object({"ref": NAME, "base": TEXT, "confiance": {"enum": [c.value for c in Confiance]}})
_EXIGENCE = _object(
    {
        "id": NAME,
        "verdict": VERDICT,
        "base": TEXT,
        "raison": TEXT,
        "parties": {"type": "object", "propertyNames": {"enum": [b.value for b in Basis]}, "additionalProperties": VERDICT},
        "scenarios": TEXTS,
        "officiel": _list(_OFFICIAL_REF),
        "preuves": _list(_PROOF),
    }
)
_SCENARIO = _object(
    {
        "id": NAME,
        "titre": NAME,
        "verdict": VERDICT,
        "raison": TEXT,
        "tentatives": COUNT,
        "exigences": TEXTS,
        "echanges": TEXTS,
        "checks": _list(_CHECK),
    }
)
_FORMULAIRE = _object(
    {"constat": NAME, "piece": TEXT, "formats": TEXTS, "obligatoire": FLAG, "atteste": TEXT, "service": TEXT},
)
_ATTESTATION = _object(
    {
        "scenario": NAME,
        "question": TEXT,
        "verdict": VERDICT,
        "note": TEXT,
        "par": TEXT,
        "date": TEXT,
        "manque": TEXT,
        "exigences": TEXTS,
        "pieces": _list(_object({"nom": TEXT, "chemin": NAME, "sha256": SHA256})),
        "ancre": {"type": "string", "pattern": "^attestation-[0-9]+$"},
    },
    {"formulaire": _FORMULAIRE},
)
_CHANGES = _list(
    _object(
        {
            "id": NAME,
            "sens": {"enum": [s.value for s in Sens]},
            "avant": {"enum": [*VERDICT["enum"], None]},
            "apres": {"enum": [*VERDICT["enum"], None]},
        }
    )
)
_TREND = _object(
    {
        "campagne": NAME,
        "produit": _object({"nom": TEXT, "version": TEXT, "nil": TEXT}),
        "scenarios": _CHANGES,
        "exigences": _CHANGES,
    }
)
_REM_LINES = _list(_object({"ref": NAME, "exigences": TEXTS, "confirmees": TEXTS, "proposees": TEXTS}))
_REM = _object(
    {
        "nom": TEXT,
        "sha256": SHA256,
        "choix": SHA256,
        "apres": FLAG,
        "couvertes": _REM_LINES,
        "sans_test": _REM_LINES,
        "absentes": TEXTS,
    }
)
_RULES = _object({"id": NAME, "version": TEXT, "sha256": SHA256, "valide_du": TEXT}, {"valide_au": TEXT})

RAPPORT = _document(
    "rapport/1",
    "rapport.json : une campagne",
    _object(
        {
            "schema": {"const": "dui-conformance/rapport/1"},
            "avertissement": NAME,
            "outil": NAME,
            "nonce": NAME,
            "jour": TEXT,
            "terminee": FLAG,
            "produit": _object({"nom": TEXT, "version": TEXT, "nil": TEXT, "editeur": TEXT}),
            "secteurs": SECTORS,
            "pilote": TEXT,
            "regles": _list(_RULES),
            "exigences": _list(_EXIGENCE),
            "scenarios": _list(_SCENARIO),
            "hors_scenario": _list(_CHECK),
            "attestations": _list(_ATTESTATION),
        },
        {"rem": _REM, "tendance": _TREND},
    ),
)

_PAIR = _object({"certificat": NAME, "cle": NAME})
_CARD = _object({"certificat": NAME, "cle": NAME}, {"certificat_signature": NAME, "cle_signature": NAME})

SERVICES = _document(
    "services/1",
    "services.json : ce qu'un DUI doit connaître des services simulés",
    _object(
        {
            "schema": {"const": "dui-conformance/services/1"},
            "ac": NAME,
            "certificats": {
                "type": "object",
                "properties": {"cps": {"type": "object", "additionalProperties": _CARD}},
                "required": ["auth_cli", "sign", "insi_manu", "insi_auto", "cps"],
                "additionalProperties": _PAIR,
            },
            "ports": {"type": "object", "additionalProperties": {"type": "integer", "minimum": 1, "maximum": 65535}},
            "psc": _object(
                {
                    "emetteur": NAME,
                    "decouverte": NAME,
                    "client_id": NAME,
                    "client_secret": NAME,
                    "redirect_uris": TEXTS,
                    "post_logout_redirect_uris": TEXTS,
                    "ciba": NAME,
                    "cles": NAME,
                }
            ),
            "fi": _object(
                {
                    "emetteur": NAME,
                    "decouverte": NAME,
                    "client_id": NAME,
                    "client_secret": NAME,
                    "redirect_uris": TEXTS,
                    "post_logout_redirect_uris": TEXTS,
                }
            ),
            "edc": _object({"as": NAME, "api": NAME, "proxy": NAME, "client_id_as": NAME, "scopes": TEXTS}),
            "sidoba": _object({"base": NAME, "jeton": NAME, "client_id": NAME, "client_secret": NAME, "fichier_cadre": NAME}),
            "insi": _object({"url": NAME}),
            "dmp": _object({"base": NAME, "mode": {"enum": list(MODES_DMP)}}),
            "logiciel": _object(
                {
                    "nom": TEXT,
                    "version": TEXT,
                    "nil": TEXT,
                    "lps_nom": TEXT,
                    "lps_version": TEXT,
                    "id_homologation": TEXT,
                    "idam": TEXT,
                }
            ),
            "structure": _object({"finess_ej": TEXT, "finess_eg": TEXT, "nom": TEXT, "secteur_activite": TEXT}),
        }
    ),
)

REJUGER = _document(
    "rejuger/1",
    "rejuger --format json : les verdicts qui changent",
    _object(
        {
            "schema": {"const": "dui-conformance/rejuger/1"},
            "changements": _list(
                _object(
                    {
                        "scenario": NAME,
                        "controle": TEXT,
                        "sujets": TEXTS,
                        "avant": {"enum": [*VERDICT["enum"], "absent"]},
                        "apres": {"enum": [*VERDICT["enum"], "absent"]},
                    }
                )
            ),
        }
    ),
)

CATALOGUE = _document(
    "catalogue-ligne/1",
    "catalogue --format json : un objet du tableau, une exigence",
    _object(
        {
            "id": NAME,
            "enonce": NAME,
            "secteurs": SECTORS,
            "systeme": TEXTS,
            "preuve": {"type": "array", "items": {"enum": ["X", "V", "F", "A"]}},
            "auto": {"enum": ["O", "G", "N"]},
            "officiel": _list(_OFFICIAL_REF),
            "scenarios": TEXTS,
            "attestation": FLAG,
            "voie": {"enum": ["automatique", "guidé", "attesté", "sans objet"]},
            "formulaires": _list(_FORMULAIRE),
            "raison": TEXT,
        }
    ),
)

DEFAUTS = _document(
    "defauts-ligne/1",
    "defauts --format json : un objet du tableau, un défaut nommé du DUI témoin",
    _object(
        {
            "nom": NAME,
            "description": NAME,
            "check": NAME,
            "exigences": TEXTS,
            "secteurs": SECTORS,
            "effet": {"enum": ["non conforme", "avertissement", "information", "non teste", "non concluant"]},
            "document": TEXT,
        }
    ),
)

PANNES = _document(
    "pannes-ligne/1",
    "pannes --format json : un objet du tableau, une panne nommée d'un service",
    _object({"service": NAME, "nom": NAME, "description": NAME, "exigences": TEXTS}),
)

_FILE_RULES = _object(
    {"id": NAME, "version": TEXT, "sha256": {"anyOf": [SHA256, {"const": ""}]}},
    {"valide_du": TEXT, "valide_au": TEXT, "paquet": NAME, "demande": {"enum": ["oui", "contexte", "non"]}},
)
_FILE_FINDING = _object(
    {
        "rule": NAME,
        "verdict": VERDICT,
        "message": NAME,
        "expected": TEXT,
        "received": TEXT,
        "at": TEXT,
        "line": COUNT,
        "hint": TEXT,
        "source": TEXT,
        "confiance": {"enum": [c.value for c in Confidence]},
        "exigences": TEXTS,
        "profil": TEXT,
        "membre": TEXT,
    }
)
_OFFICIAL = {
    "type": "object",
    "properties": {"pack": NAME, "verdict": {"enum": ["accepté", "refusé", "non concluant"]}, "explication": NAME},
    "required": ["pack", "sorte", "version", "sha256", "verdict", "schemas", "constats", "notes", "explication", "differences"],
}

VALIDATE = _document(
    "validate-ligne/1",
    "validate --format jsonl : une ligne, un fichier",
    _object(
        {
            "file": NAME,
            "kind": TEXT,
            "profil": TEXT,
            "verdict": VERDICT,
            "findings": _list(_FILE_FINDING),
            "regles": _object({"jour": NAME, "verifications": COUNT, "jeux": _list(_FILE_RULES), "empreinte": SHA256}),
            "sha256": {"anyOf": [SHA256, {"const": ""}]},
            "taille": COUNT,
        },
        {"officiel": _list(_OFFICIAL)},
    ),
)

SCHEMAS: dict[str, Schema] = {
    "rapport": RAPPORT,
    "services": SERVICES,
    "rejuger": REJUGER,
    "catalogue": CATALOGUE,
    "defauts": DEFAUTS,
    "pannes": PANNES,
    "validate": VALIDATE,
}
