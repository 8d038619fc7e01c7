"""What click says, in French: its messages go through one function, which is given ours."""

from __future__ import annotations

import importlib
from typing import Any

MODULES = ("core", "decorators", "exceptions", "formatting", "parser", "termui", "types")

MESSAGES = {
    "Usage:": "Usage :",
    "Commands": "Commandes",
    "Show this message and exit.": "Montre cette aide.",
    "Show the version and exit.": "Montre la version.",
    "Aborted!": "Abandon.",
    "Error: {message}": "Erreur : {message}",
    "Try '{command} {option}' for help.": "« {command} {option} » montre l'aide.",
    "Missing argument": "Il manque l'argument",
    "Missing option": "Il manque l'option",
    "Missing parameter": "Il manque le paramètre",
    "Missing {param_type}": "Il manque {param_type}",
    "Missing parameter: {param_name}": "Il manque le paramètre {param_name}",
    "Missing command.": "Il manque la commande.",
    "Choose from:\n\t{choices}": "Valeurs possibles :\n\t{choices}",
    "No such option {name!r}.": "Option inconnue : {name}.",
    "No such command {name!r}.": "Commande inconnue : {name}.",
    "Did you mean {possibility}?": "Vouliez-vous dire {possibility} ?",
    "(Did you mean one of: {possibilities}?)": "(Vouliez-vous dire : {possibilities} ?)",
    "Invalid value: {message}": "Valeur refusée : {message}",
    "Invalid value for {param_hint}: {message}": "Valeur refusée pour {param_hint} : {message}",
    "Option {name!r} does not take a value.": "L'option {name} ne prend pas de valeur.",
    "Option {name!r} requires an argument.": "L'option {name} demande une valeur.",
    "Option {name!r} requires {nargs} arguments.": "L'option {name} demande {nargs} valeurs.",
    "Got unexpected extra argument ({args})": "Argument en trop : {args}",
    "Got unexpected extra arguments ({args})": "Arguments en trop : {args}",
    "{name} {filename!r} does not exist.": "{name} introuvable : {filename}.",
    "{name} {filename!r} is a file.": "{name} refusé, c'est un fichier : {filename}.",
    "{name} {filename!r} is a directory.": "{name} refusé, c'est un dossier : {filename}.",
    "{name} {filename!r} is not readable.": "{name} illisible : {filename}.",
    "{name} {filename!r} is not writable.": "{name} non modifiable : {filename}.",
    "Could not open file {filename!r}: {message}": "Le fichier {filename} ne s'ouvre pas : {message}",
    "unknown error": "erreur inconnue",
    "file": "fichier",
    "directory": "dossier",
    "path": "chemin",
    "{value!r} is not {choice}.": "« {value} » n'est pas {choice}.",
    "{value!r} is not one of {choices}.": "« {value} » n'est pas une de ces valeurs : {choices}.",
    "{value!r} is not a valid {number_type}.": "« {value} » n'est pas un nombre.",
    "{value!r} does not match the format {format}.": "« {value} » n'est pas une date AAAA-MM-JJ.",
    "{value} is not in the range {range}.": "{value} n'est pas dans l'intervalle {range}.",
    "default: {default}": "défaut : {default}",
    "required": "obligatoire",
    "Error: The value you entered was invalid.": "Erreur : valeur refusée.",
    "Error: invalid input": "Erreur : réponse refusée",
}


def speak_french() -> None:
    """Give click's modules our function for ``gettext`` and ``ngettext``; a message that we do not know stays as it is."""
    for name in MODULES:
        module: Any = importlib.import_module(f"click.{name}")
        if hasattr(module, "_"):
            module._ = french
        if hasattr(module, "ngettext"):
            module.ngettext = french_plural


def french(message: str) -> str:
    """Click's message in French."""
    return MESSAGES.get(message, message)


def french_plural(one: str, many: str, count: int) -> str:
    """Click's message for a number of things: French says zero in the singular."""
    return french(one if count < 2 else many)
