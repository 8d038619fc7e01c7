"""The parameters of MAIL FROM and RCPT TO, kept as sent: aiosmtpd folds their case and refuses those of DSN."""

from __future__ import annotations

from collections.abc import Sequence

_LEFT_TO_AIOSMTPD = ("SIZE", "BODY", "SMTPUTF8")


def separer(arg: str | None, connus: Sequence[str]) -> tuple[str | None, list[tuple[str, str]]]:
    """The argument that aiosmtpd understands, and the known parameters in order, values as sent."""
    if arg is None:
        return None, []
    end = _end_of_path(arg)
    chemin, options = arg[:end], arg[end:].split()
    kept, found = [], []
    for option in options:
        nom, _, valeur = option.partition("=")
        if nom.upper() in connus:
            found.append((nom, valeur))
        if nom.upper() not in connus or nom.upper() in _LEFT_TO_AIOSMTPD:
            kept.append(option)
    return " ".join([chemin, *kept]), found


def _end_of_path(arg: str) -> int:
    """Where the path ends, quotes considered."""
    quoted = False
    for index, char in enumerate(arg):
        if char == '"' and (index == 0 or arg[index - 1] != "\\"):
            quoted = not quoted
        if char == ">" and not quoted:
            return index + 1
    space = arg.find(" ", arg.find(":") + 1)
    return len(arg) if space < 0 else space
