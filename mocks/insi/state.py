"""The persons that the simulated INSi knows, and how it finds them: published test persons and a campaign's usagers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from ...core.people import Usager
from ...fixtures.ins import COMMUNES_SANS_NAISSANCE, compose_matricule, ins_key
from ...fixtures.test_persons import Ins, TestPerson, published_test_persons
from ...validation.ins.traits import COG_INCONNU, folded


class Comportement(StrEnum):
    """What INSi answers for a person, as ``Usager.insi`` says it."""

    TROUVE = "trouve"
    INCONNU = "inconnu"
    PLUSIEURS = "plusieurs"
    LUNAIRE = "lunaire"
    INCOMPLET = "incomplet"
    KO = "ko"
    PANNE = "panne"


@dataclass(frozen=True, slots=True)
class Identite:
    """A person as the national bases hold them. ``usager`` is the DUI's own record, for correlation keys."""

    nom: str
    prenoms: tuple[str, ...]
    sexe: str
    date: str
    lieu: str
    ins: Ins | None
    historique: tuple[Ins, ...] = ()
    comportement: Comportement = Comportement.TROUVE
    prenoms_inconnus: tuple[str, ...] = ()
    usager: Usager | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """Name, date and sex, folded: what every search must give."""
        return (folded(self.nom), self.date, self.sexe)

    def answers_to(self, prenoms: Sequence[str], lieu: str) -> bool:
        """True when these first names (one of the person's, or their list) and this place, when known, are the person's."""
        if lieu and lieu != COG_INCONNU and self.lieu and lieu != self.lieu:
            return False
        known = [folded(p) for p in self.prenoms]
        asked = folded(" ".join(prenoms))
        if asked in {folded(p) for p in self.prenoms_inconnus}:
            return False
        every = " ".join(known)
        return bool(asked) and (asked in known or every == asked or every.startswith(asked + " "))


@dataclass(slots=True)
class Registre:
    """The searchable base. ``oid`` replaces the OID of every answer; None answers with each person's own."""

    oid: str | None
    forme_lunaire: str = "mois"
    _by_traits: dict[tuple[str, str, str], list[Identite]] = field(default_factory=dict)
    _by_matricule: dict[str, Identite] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for person in published_test_persons():
            self._add(_published(person))

    def admit(self, usager: Usager) -> None:
        """Know a fictional usager; admitting him again replaces what was known of him."""
        previous = next((i for i in self._every() if i.usager is not None and i.usager.id == usager.id), None)
        if previous is not None:
            self._by_traits[previous.key].remove(previous)
        self._add(_admitted(usager))

    def find(self, nom: str, prenoms: Sequence[str], sexe: str, date: str, lieu: str) -> list[Identite]:
        """The persons whom these traits designate."""
        return [i for i in self.like(nom, sexe, date) if i.answers_to(prenoms, lieu)]

    def like(self, nom: str, sexe: str, date: str) -> list[Identite]:
        """The persons of that name, sex and birth date, whatever their first names."""
        return list(self._by_traits.get((folded(nom), date, sexe), ()))

    def resembling(self, nom: str, prenoms: Sequence[str], date: str) -> list[Usager]:
        """The admitted usagers whom a search means, even when one of its traits is wrong: what attributes a faulty call.

        Those of that name (and that date when several bear it); else those of that date and one of these first names.
        """
        usagers = [i.usager for i in self._every() if i.usager is not None]
        named = [u for u in usagers if nom and folded(u.nom_naissance) == folded(nom)]
        if len(named) > 1:
            named = [u for u in named if u.date_naissance == date]
        asked = {folded(p) for p in prenoms}
        return named or [u for u in usagers if u.date_naissance == date and asked & {folded(p) for p in u.prenoms}]

    def qualify(self, usager: str, **traits: Any) -> bool:
        """Make the national bases hold these first names, this place or these past matricules for an admitted usager; False
        when he is not known."""
        known = self.of(usager)
        if known is None:
            return False
        self._by_traits[known.key].remove(known)
        self._add(replace(known, **traits))
        return True

    def of(self, usager: str) -> Identite | None:
        """What the bases hold of an admitted usager."""
        return next((i for i in self._every() if i.usager is not None and i.usager.id == usager), None)

    def double(self, usager: str) -> bool:
        """Add someone else of the same name, first names, sex and birth date, born elsewhere."""
        known = self.of(usager)
        if known is None:
            return False
        lieu = next(place for place in COMMUNES_SANS_NAISSANCE if place != known.lieu)
        matricule = compose_matricule(sexe=known.sexe, date_naissance=known.date, cog=lieu, ordre=998)
        self._add(replace(known, lieu=lieu, ins=Ins(matricule, ins_key(matricule)), historique=(), usager=None))
        return True

    def by_matricule(self, matricule: str) -> Identite | None:
        """The person who bears this matricule, active or past."""
        return self._by_matricule.get(matricule)

    def answered_ins(self, ins: Ins) -> Ins:
        """A matricule as this platform states it (its OID in place of the person's)."""
        return ins if self.oid is None else replace(ins, oid=self.oid)

    def _add(self, identite: Identite) -> None:
        self._by_traits.setdefault(identite.key, []).append(identite)
        for ins in _borne(identite):
            self._by_matricule[ins] = identite

    def _every(self) -> Iterator[Identite]:
        for group in self._by_traits.values():
            yield from group


def _borne(identite: Identite) -> Iterable[str]:
    held = [ins.matricule for ins in (identite.ins, *identite.historique) if ins is not None]
    if identite.usager is not None and identite.usager.matricule:
        held.append(identite.usager.matricule)
    return dict.fromkeys(held)


def _published(person: TestPerson) -> Identite:
    comportement = {"00": Comportement.TROUVE, "01": Comportement.INCONNU}.get(person.cr, Comportement.PANNE)
    if comportement is Comportement.TROUVE and person.ins is None:
        comportement = Comportement.INCONNU
    return Identite(
        nom=person.nom_naissance,
        prenoms=person.prenoms,
        sexe=person.sexe,
        date=person.date_naissance,
        lieu=person.lieu_naissance,
        ins=person.ins,
        historique=person.historique,
        comportement=comportement,
        prenoms_inconnus=person.prenoms_inconnus,
    )


def _admitted(usager: Usager) -> Identite:
    ins = Ins(usager.matricule_insi, usager.cle_insi, usager.oid_insi) if usager.matricule_insi else None
    comportement = Comportement(usager.insi)
    if ins is None and comportement in (Comportement.TROUVE, Comportement.LUNAIRE, Comportement.INCOMPLET):
        comportement = Comportement.INCONNU
    return Identite(
        nom=usager.nom_naissance,
        prenoms=usager.prenoms,
        sexe=usager.sexe,
        date=usager.date_naissance,
        lieu=usager.lieu_naissance,
        ins=ins,
        comportement=comportement,
        usager=usager,
    )
