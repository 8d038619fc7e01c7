"""The contract of the ``http`` and ``commande`` drivers, generated from the gestures themselves."""

from __future__ import annotations

import inspect
from dataclasses import MISSING, fields
from typing import Any, get_type_hints

from ..core.gestures import GESTURES, Etat, Gesture

_JSON = {str: "string", bool: "boolean", int: "integer", float: "number"}


def result_schema() -> dict[str, Any]:
    """JSON Schema of a gesture's end."""
    return {
        "type": "object",
        "required": ["etat"],
        "additionalProperties": False,
        "properties": {
            "etat": {"type": "string", "enum": [e.value for e in Etat]},
            "message": {"type": "string", "description": "Message montré par le DUI, s'il y en a un."},
            "observations": {"type": "object", "description": "Ce que le DUI déclare avoir constaté."},
            "pieces": {
                "type": "object",
                "description": "Les fichiers que rend le geste, en base64, par nom.",
                "additionalProperties": {"type": "string", "contentEncoding": "base64"},
            },
        },
    }


def arguments_schema(gesture: type[Gesture]) -> dict[str, Any]:
    """JSON Schema of a gesture's arguments."""
    hints = get_type_hints(gesture)
    properties: dict[str, Any] = {}
    required: list[str] = []
    for item in fields(gesture):
        properties[item.name] = (
            {"type": "array", "items": {"type": "string"}}
            if hints[item.name] == tuple[str, ...]
            else {"type": _JSON.get(hints[item.name], "object")}
        )
        if item.default is MISSING and item.default_factory is MISSING:
            required.append(item.name)
        elif item.default is not MISSING:
            properties[item.name]["default"] = item.default
    return {"type": "object", "required": required, "additionalProperties": False, "properties": properties}


def command_schema() -> dict[str, Any]:
    """JSON Schema of what the ``commande`` driver writes on a command's standard input."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Geste demandé à une commande",
        "oneOf": [
            {
                "type": "object",
                "required": ["geste", "arguments"],
                "properties": {"geste": {"const": nom}, "arguments": arguments_schema(cls)},
            }
            for nom, cls in GESTURES.items()
        ],
    }


def openapi() -> dict[str, Any]:
    """The OpenAPI 3.1 document of the endpoint that an editor opens for the ``http`` driver."""
    paths: dict[str, Any] = {
        "/capacites": {"get": _operation("Gestes offerts par le DUI", None, {"$ref": "#/components/schemas/Capacites"})},
        "/horloge": {
            "post": _operation(
                "Avance l'horloge du DUI",
                {
                    "type": "object",
                    "required": ["secondes", "decalage"],
                    "properties": {
                        "secondes": {"type": "number", "description": "De combien avancer."},
                        "decalage": {
                            "type": "number",
                            "description": "L'avance sur l'heure du système qui doit en résulter ; 0 en fin de campagne.",
                        },
                    },
                },
                {"type": "object"},
            )
        },
    }
    for nom, cls in GESTURES.items():
        summary = (inspect.getdoc(cls) or nom).replace("\n", " ")
        paths[f"/gestes/{nom}"] = {"post": _operation(summary, arguments_schema(cls), {"$ref": "#/components/schemas/Resultat"})}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Pilote HTTP d'un DUI pour dui-conformance", "version": "1"},
        "security": [{"jeton": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"jeton": {"type": "http", "scheme": "bearer"}},
            "schemas": {
                "Resultat": result_schema(),
                "Capacites": {
                    "type": "object",
                    "required": ["gestes"],
                    "properties": {
                        "gestes": {"type": "array", "items": {"type": "string", "enum": list(GESTURES)}},
                        "horloge": {"type": "boolean"},
                    },
                },
            },
        },
    }


def _operation(summary: str, body: dict[str, Any] | None, answer: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "summary": summary,
        "responses": {"200": {"description": "Terminé", "content": {"application/json": {"schema": answer}}}},
    }
    if body is not None:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    return operation
