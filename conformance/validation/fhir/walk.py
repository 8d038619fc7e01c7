"""The judgement of a resource: first its base type, once; then each profile, for what it adds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from .base import PREFIX, Invariant, TypeRef, Types
from .base_walk import BaseWalk
from .codes import Bindings
from .extensions import Extensions
from .invariants import EMPTY, Invariants
from .issues import Rule, Sink, shown
from .items import Item
from .matching import covers, said, same
from .profile_tree import Node, Profile, Profiles
from .references import References, base_of
from .slicing import declared, slice_of
from .terminology import Terminology
from .values import less


class Walk:
    """Judges one document. ``sink`` collects; ``absent`` are the profiles and definitions that nobody has."""

    def __init__(self, root: Item, types: Types, profiles: Profiles, terminology: Terminology, sink: Sink) -> None:
        self.root = root
        self.types = types
        self.profiles = profiles
        self.sink = sink
        self.references = References(root)
        self.bindings = Bindings(terminology)
        self.invariants = Invariants(self.references.resolve, self.bindings.member_of)
        self.extensions = Extensions(self)
        self._base = BaseWalk(self)
        self.used: dict[str, Profile] = {}
        self.absent: dict[str, str] = {}
        self._conforming: dict[tuple[int, int], bool] = {}
        self._kept: list[Item] = []
        self.rebound: list[Item] = []

    def resource(self, item: Item, forced: Sequence[str] = ()) -> None:
        """A resource: its base type, the profiles that it declares, and those asked for."""
        self._base.judge(item)
        for canonical in dict.fromkeys((*forced, *declared(item))):
            if canonical.startswith(PREFIX) and canonical.removeprefix(PREFIX).partition("|")[0] in (
                item.type.code,
                *item.type.ancestors,
            ):
                continue
            self.follow(item, canonical)

    def follow(self, item: Item, canonical: str) -> None:
        """One profile of a resource, or the word that nobody has it."""
        profile = self.profiles.get(canonical)
        if profile is None:
            self.missing(item, canonical, "le profil n'est dans aucun paquet chargé")
            return
        self.used[profile.named] = profile
        for needed in profile.missing:
            self.missing(item, needed, f"base de {profile.named}")
        for needed in self.types.definitions.lacking(profile.origin):
            self.missing(item, needed, f"paquet demandé par {profile.origin}, non chargé")
        if not item.type.is_a(profile.type):
            self.sink.add(
                Rule.TYPE,
                "La ressource n'est pas du type de son profil",
                item,
                expected=profile.type,
                received=item.type.code,
                hint="Retirer ce profil de meta.profile, ou envoyer la bonne ressource.",
                source=profile.named,
            )
            return
        must = _Must()
        self.apply(profile.root, item, must)
        must.say(item, profile, self.sink)

    def missing(self, item: Item, canonical: str, why: str) -> None:
        """A profile that nobody has: said once, never an error."""
        if canonical in self.absent:
            return
        self.absent[canonical] = why
        self.sink.add(
            Rule.PROFIL_ABSENT,
            "Profil absent : ce qu'il demande n'est pas vérifié",
            item,
            expected=canonical,
            received=why,
            hint="Ajouter son paquet : dui-conformance packs add PAQUET.tgz",
            source="paquets FHIR chargés",
            key=canonical,
        )

    def invariant(self, item: Item, invariant: Invariant, source: str) -> None:
        """One invariant at an item."""
        if invariant.key in ("txt-1", "txt-2"):
            return
        answer = self.invariants.judge(item, invariant)
        if answer.holds or (answer.reason == EMPTY and invariant.severity == "error"):
            return
        if answer.holds is None and answer.reason != EMPTY:
            self.sink.add(
                Rule.INVARIANT_NON_EVALUE,
                f"Invariant {invariant.key} non évalué",
                item,
                expected=invariant.human,
                received=answer.reason,
                hint="À vérifier à l'œil.",
                source=source,
                key=invariant.key,
            )
            return
        strict = invariant.severity == "error" and answer.holds is False
        soft = Rule.BONNE_PRATIQUE if invariant.best else Rule.INVARIANT_CONSEILLE
        self.sink.add(
            Rule.INVARIANT if strict else soft,
            f"Invariant {invariant.key} non respecté : {invariant.human}",
            item,
            expected=invariant.expression,
            received="faux" if answer.holds is False else answer.reason,
            hint="Corriger l'élément pour que l'expression soit vraie.",
            source=source,
            key=invariant.key,
        )

    def conforms(self, node: Node, item: Item) -> bool:
        """True when an item breaks nothing of what a node adds. Nothing is reported."""
        key = (id(node), id(item))
        if key not in self._conforming:
            self._conforming[key] = True
            self._kept.append(item)
            with self._silently() as sink:
                self.apply(node, item, None)
            self._conforming[key] = not sink.failed
        return self._conforming[key]

    @contextmanager
    def _silently(self) -> Iterator[Sink]:
        loud, self.sink = self.sink, Sink()
        absent = dict(self.absent)
        try:
            yield self.sink
        finally:
            self.sink, self.absent = loud, absent

    def apply(self, node: Node, item: Item, must: _Must | None) -> None:
        """What a node adds at an item, and below it."""
        if node.types is not None:
            self._types(node, item)
        if node.fixed is not None and not same(node.fixed, item.value):
            self._imposed(item, node, "Valeur différente de celle imposée", node.fixed)
        if node.pattern is not None and not covers(node.pattern, item.value):
            self._imposed(item, node, "Valeur qui ne suit pas le modèle imposé", node.pattern)
        if node.binding is not None:
            self.rebound.append(item)
            self.bindings.check(item, node.binding, node.source, self.sink)
        for invariant, source in node.invariants:
            self.invariant(item, invariant, source)
        if node.max_length is not None or node.least is not None or node.most is not None:
            self._bounds(item, node)
        if node.children:
            kids = item.kids
            for name, below in node.children.items():
                self._group(below, kids.get(name, ()), item, must)

    def _group(self, node: Node, group: Sequence[Item], parent: Item, must: _Must | None) -> None:
        self._count(node, group, parent)
        if must is not None and node.must:
            must.note(node, bool(group))
        for item in group:
            self.apply(node, item, must)
        if node.slices:
            self._sliced(node, group, parent, must)

    def _count(self, node: Node, group: Sequence[Item], parent: Item) -> None:
        count = len(group)
        if node.min is not None and count < node.min:
            self._number(
                node, parent, group, f"{node.min} au moins", "Élément obligatoire absent" if not count else "Trop peu d'éléments"
            )
        elif node.max is not None and count > node.max:
            message = "Élément interdit par le profil" if node.max == 0 else "Trop d'éléments"
            self._number(node, parent, group, f"{int(node.max)} au plus", message)

    def _number(self, node: Node, parent: Item, group: Sequence[Item], wanted: str, message: str) -> None:
        named = f"{node.name} (tranche {node.slice})" if node.slice else node.name
        self.sink.add(
            Rule.CARDINALITE,
            f"{message} : {named}",
            parent,
            child=node.name,
            prop=group[0].prop if group else "",
            expected=wanted,
            received=str(len(group)),
            hint=f"Renseigner {named}." if "moins" in wanted else f"Retirer ce qui dépasse : {named}.",
            source=node.source,
            key=node.slice,
        )

    def _sliced(self, node: Node, group: Sequence[Item], parent: Item, must: _Must | None) -> None:
        found: dict[str, list[Item]] = {name: [] for name in node.slices}
        order = list(node.slices)
        last, outside = -1, False
        slicing = node.slicing
        for item in group:
            each = slice_of(self, node, item)
            if each is None:
                outside = True
                if slicing is not None and slicing.rules == "closed":
                    self._unsliced(node, item)
                continue
            found[each.slice].append(item)
            rank = order.index(each.slice)
            if slicing is not None and ((slicing.ordered and rank < last) or (slicing.rules == "openAtEnd" and outside)):
                self.sink.add(
                    Rule.DECOUPAGE,
                    f"{node.name} n'est pas à son rang",
                    item,
                    expected=f"l'ordre {', '.join(order)}",
                    received=each.slice,
                    hint="Remettre les éléments dans l'ordre du profil.",
                    source=node.source,
                    key="ordre",
                )
            last = max(last, rank)
        for name, below in node.slices.items():
            self._group(below, found[name], parent, must)

    def _unsliced(self, node: Node, item: Item) -> None:
        self.sink.add(
            Rule.DECOUPAGE,
            f"{node.name} n'entre dans aucune tranche du profil",
            item,
            expected=" ou ".join(node.slices),
            received=said(item.value) if not isinstance(item.value, dict) or "coding" in item.value else shown(item.value),
            hint="Le découpage est fermé : retirer l'élément, ou corriger ce qui le classe.",
            source=node.source,
        )

    def _types(self, node: Node, item: Item) -> None:
        refs = [t for t in node.types or () if item.type.is_a(t.code)]
        if not refs:
            allowed = " ou ".join(dict.fromkeys(t.code for t in node.types or ()))
            self.sink.add(
                Rule.TYPE,
                f"{item.name} n'est pas du type permis",
                item,
                expected=allowed,
                received=item.type.code,
                hint=f"Écrire {item.name} avec le type {allowed}.",
                source=node.source,
            )
            return
        if item.type.code == "Reference":
            self.references.check_type(item, refs, node.source, self.sink)
            self._target_profiles(item, refs, node)
        for ref in refs:
            if ref.profiles:
                self.of_profiles(item, ref, node.source)

    def of_profiles(self, item: Item, ref: TypeRef, source: str) -> None:
        """An item that must follow one of the profiles of its type."""
        profiles = [(c, self.profiles.get(c)) for c in ref.profiles if not self._bare(c)]
        for canonical, profile in profiles:
            if profile is None:
                self.missing(item, canonical, f"demandé par {source}")
        known = [p for _, p in profiles if p is not None]
        if not known or len(known) < len(ref.profiles):
            return
        if len(known) == 1:
            self.used[known[0].named] = known[0]
            self.apply(known[0].root, item, None)
            return
        if not any(self.conforms(p.root, item) for p in known):
            self.sink.add(
                Rule.TYPE,
                f"{item.name} ne suit aucun des profils permis",
                item,
                expected=" ou ".join(p.named for p in known),
                received=", ".join(declared(item)) or item.type.code,
                hint="Suivre l'un de ces profils.",
                source=source,
            )

    def _bare(self, canonical: str) -> bool:
        return canonical.startswith(PREFIX) and self.profiles.get(canonical) is None

    def _target_profiles(self, item: Item, refs: Iterable[TypeRef], node: Node) -> None:
        target = self.references.resolve(item)
        wanted = [t for ref in refs for t in ref.targets]
        if target is None or not wanted:
            return
        profiles = []
        for canonical in wanted:
            if self._bare(canonical):
                if target.type.is_a(base_of(canonical, item)):
                    return
                continue
            profile = self.profiles.get(canonical)
            if profile is None:
                self.missing(item, canonical, f"demandé par {node.source}")
                return
            if target.type.is_a(profile.type):
                profiles.append(profile)
        if profiles and not any(
            p.url in {d.partition("|")[0] for d in declared(target)} or self.conforms(p.root, target) for p in profiles
        ):
            self.sink.add(
                Rule.REFERENCE,
                "La ressource référencée ne suit pas le profil attendu",
                item,
                expected=" ou ".join(p.named for p in profiles),
                received=f"{target.path} ({', '.join(declared(target)) or 'aucun profil déclaré'})",
                hint="Corriger la ressource référencée, ou en référencer une autre.",
                source=node.source,
            )

    def _imposed(self, item: Item, node: Node, message: str, wanted: Any) -> None:
        self.sink.add(
            Rule.FIXE,
            f"{message} : {item.name}",
            item,
            expected=said(wanted),
            received=said(item.value),
            hint="Écrire la valeur imposée par le profil.",
            source=node.source,
        )

    def _bounds(self, item: Item, node: Node) -> None:
        value = item.value
        wanted = ""
        if node.max_length is not None and isinstance(value, str) and len(value) > node.max_length:
            wanted = f"{node.max_length} caractères au plus"
        elif node.least is not None and less(item, node.least):
            wanted = f"au moins {said(node.least)}"
        elif node.most is not None and less(node.most, item):
            wanted = f"au plus {said(node.most)}"
        if wanted:
            self.sink.add(
                Rule.FIXE,
                f"{item.name} hors des bornes du profil",
                item,
                expected=wanted,
                received=shown(value),
                source=node.source,
                key="borne",
            )


class _Must:
    """The elements that a profile marks mustSupport, and that a resource does not have."""

    def __init__(self) -> None:
        self._present: dict[str, bool] = {}

    def note(self, node: Node, present: bool) -> None:
        """An element marked so was looked for."""
        self._present[node.id] = self._present.get(node.id, False) or present

    def say(self, item: Item, profile: Profile, sink: Sink) -> None:
        """One information for all of them."""
        absent = [name for name, present in self._present.items() if not present]
        if absent:
            sink.add(
                Rule.ATTENDU,
                "Éléments mustSupport sans valeur dans cette ressource",
                item,
                expected="à renseigner quand l'information existe",
                received=", ".join(absent),
                source=profile.named,
                key=profile.named,
            )
