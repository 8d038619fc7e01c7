"""What a scenario waits for: predicates on exchanges, with French words, that combine with ``&``, ``|`` and ``~``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from .exchange import Exchange, Key
from .people import Professionnel, Usager


@dataclass(frozen=True, slots=True)
class Matcher:
    """``test`` decides; ``keys`` (any of them) restrict to one usager or professional; ``label`` is shown to testers.

    ``kinds`` are the kinds of exchange that it is about, when it is about some.
    """

    label: str
    test: Callable[[Exchange], bool] = field(repr=False)
    keys: tuple[Key, ...] = ()
    kinds: tuple[str, ...] = ()

    def of(self, person: Usager | Professionnel) -> Matcher:
        """The same, only for exchanges that carry a key of this person."""
        found = usager_keys(person) if isinstance(person, Usager) else professional_keys(person)
        return Matcher(f"{self.label} pour {person.id}", self.test, self.keys + found, self.kinds)

    def __and__(self, other: Matcher) -> Matcher:
        kinds = self.kinds or other.kinds
        return Matcher(f"{self.label} et {other.label}", lambda e: self.test(e) and other.test(e), self.keys + other.keys, kinds)

    def __or__(self, other: Matcher) -> Matcher:
        kinds = self.kinds + other.kinds if self.kinds and other.kinds else ()
        return Matcher(f"{self.label} ou {other.label}", lambda e: self.test(e) or other.test(e), self.keys + other.keys, kinds)

    def __invert__(self) -> Matcher:
        return Matcher(f"pas {self.label}", lambda e: not self.test(e), self.keys)


def kind(*prefixes: str, label: str) -> Matcher:
    """Exchanges whose kind equals a prefix or continues it after a dot."""
    return Matcher(label, lambda e: any(e.kind == p or e.kind.startswith(p + ".") for p in prefixes), kinds=prefixes)


def answered(status: int) -> Matcher:
    """Exchanges answered with this HTTP status."""
    return Matcher(f"réponse HTTP {status}", lambda e: e.reply is not None and e.reply.status == status)


def usager_keys(usager: Usager) -> tuple[Key, ...]:
    """The correlation keys by which an exchange names this usager: matricules (13 characters) and traits."""
    keys = [Key("ins", m) for m in dict.fromkeys((usager.matricule, usager.matricule_insi)) if m]
    keys.append(traits_key(usager.nom_naissance, usager.date_naissance, usager.sexe))
    return tuple(keys)


def traits_key(nom: str, date_naissance: str, sexe: str) -> Key:
    """Birth name, ISO birth date and sex, folded: the key of an exchange that carries traits but no matricule."""
    return Key("traits", f"{nom.strip().upper()}|{date_naissance.replace('-', '')}|{sexe}")


def professional_keys(person: Professionnel) -> tuple[Key, ...]:
    """The correlation keys by which an exchange names this professional."""
    return (Key("ps", person.id_nat or person.id),)
