"""``Content-Type`` and ``Content-Disposition``: a value and its parameters (RFC 2045 §5.1, RFC 2231)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from .headers import CHARSETS, decode_words

MOST_PARAMETERS = 100
_TYPE = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+")
_PARAMETER = re.compile(r';\s*([^\s=;"]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)')
_COMMENT = re.compile(r"\([^()\"]*\)")
_SECTION = re.compile(r"([^*]+)\*(\d{1,2})?(\*)?")


@dataclass(frozen=True, slots=True)
class Parameterised:
    """A lower-case value and its parameters, names in lower case; ``faults`` in French."""

    value: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    faults: tuple[str, ...] = ()

    def get(self, name: str, default: str = "") -> str:
        """A parameter."""
        return self.parameters.get(name, default)


def parse(text: str) -> Parameterised:
    """The value and parameters of an unfolded header."""
    if '"' not in text:
        text = _COMMENT.sub("", text)
    head, _, rest = text.partition(";")
    plain: dict[str, str] = {}
    sections: dict[str, dict[int, tuple[str, bool]]] = {}
    faults: list[str] = []
    rest = ";" + rest
    for count, match in enumerate(_PARAMETER.finditer(rest)):
        if count >= MOST_PARAMETERS:
            faults.append(f"plus de {MOST_PARAMETERS} paramètres")
            break
        name, raw = match[1].lower(), match[2].strip()
        section = _SECTION.fullmatch(name)
        if section is not None:
            sections.setdefault(section[1], {})[int(section[2] or 0)] = (_unquoted(raw), bool(section[3]) or section[2] is None)
            continue
        if name in plain:
            faults.append(f"paramètre {name} répété")
        plain[name] = _plain(name, raw, faults)
    for name, pieces in sections.items():
        plain[name] = _extended(name, pieces, faults)
    return Parameterised(head.strip().lower(), plain, tuple(faults))


def is_media_type(text: str) -> bool:
    """True for ``type/sous-type``."""
    return _TYPE.fullmatch(text) is not None


def _unquoted(raw: str) -> str:
    if len(raw) >= 2 and raw[0] == raw[-1] == '"':
        return re.sub(r"\\(.)", r"\1", raw[1:-1])
    return raw


def _plain(name: str, raw: str, faults: list[str]) -> str:
    value = _unquoted(raw)
    if any(ord(c) > 127 for c in value):
        faults.append(f"paramètre {name} : caractères hors ASCII écrits tels quels")
    if "=?" in value:
        faults.append(f"paramètre {name} : mot encodé RFC 2047 dans un paramètre")
        return decode_words(value)[0]
    return value


def _extended(name: str, pieces: Mapping[int, tuple[str, bool]], faults: list[str]) -> str:
    """A parameter written with ``*`` (charset and percent encoding) or cut into numbered sections."""
    charset, data = "utf-8", b""
    for rank in sorted(pieces):
        text, encoded = pieces[rank]
        if rank == min(pieces) and encoded and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)
        data += unquote_to_bytes(text) if encoded else text.encode("utf-8")
    charset = charset.lower() or "utf-8"
    if charset not in CHARSETS:
        faults.append(f"paramètre {name} : jeu de caractères inconnu ({charset})")
        charset = "latin-1"
    try:
        return data.decode(charset)
    except UnicodeDecodeError:
        faults.append(f"paramètre {name} : octets qui ne sont pas du {charset}")
        return data.decode("latin-1")
