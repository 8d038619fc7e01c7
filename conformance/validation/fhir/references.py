"""References: what they point to, inside the resource, inside the bundle, or elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .base import PREFIX, TypeRef
from .issues import Rule, Sink
from .items import Item

_RESTFUL = re.compile(
    r"(?:(?P<base>https?://[^?#]*)/)?(?P<type>[A-Z][A-Za-z]+)/(?P<id>[A-Za-z0-9\-.]{1,64})(?:/_history/[A-Za-z0-9\-.]{1,64})?(?:#.*)?"
)


class Index:
    """The resources of a bundle by ``fullUrl`` and by ``Type/id``."""

    def __init__(self, root: Item) -> None:
        self.bundle = root if root.type.code == "Bundle" else None
        self.by_url: dict[str, Item] = {}
        self.by_id: dict[str, Item] = {}
        for entry in root.kids.get("entry", ()) if self.bundle is not None else ():
            if not isinstance(entry.value, dict) or not isinstance(entry.value.get("resource"), dict):
                continue
            held = entry.kids.get("resource", ())
            if not held:
                continue
            url, id_ = entry.value.get("fullUrl"), held[0].value.get("id")
            if isinstance(url, str):
                self.by_url.setdefault(url, held[0])
            if isinstance(id_, str):
                self.by_id.setdefault(f"{held[0].type.code}/{id_}", held[0])

    def find(self, reference: str) -> Item | None:
        """The entry that a reference names: by ``fullUrl``, or by type and id when it is relative."""
        found = self.by_url.get(reference)
        if found is not None:
            return found
        match = _RESTFUL.fullmatch(reference)
        return self.by_id.get(f"{match['type']}/{match['id']}") if match is not None and match["base"] is None else None


class References:
    """Resolves references of the items of one document."""

    def __init__(self, root: Item) -> None:
        self._root = root
        self._index: Index | None = None

    @property
    def index(self) -> Index:
        """The resources of the bundle, indexed when first asked."""
        if self._index is None:
            self._index = Index(self._root)
        return self._index

    def resolve(self, item: Item) -> Item | None:
        """The resource that a Reference (or a canonical, or a URI) names in this document."""
        held = item.value if item.type.primitive else item.first("reference")
        if not isinstance(held, str):
            return None
        if held.startswith("#"):
            outer = item.outermost
            if held == "#":
                return outer
            return next((c for c in outer.kids.get("contained", ()) if c.first("id") == held[1:]), None)
        return self.index.find(held)

    def target_type(self, item: Item) -> str:
        """The type of resource that a Reference names; empty when nothing says it."""
        found = self.resolve(item)
        if found is not None:
            return found.type.code
        held = item.first("reference")
        match = _RESTFUL.fullmatch(held) if isinstance(held, str) else None
        if match is not None and item.reading.types.resource(match["type"]) is not None:
            return match["type"]
        said = item.first("type")
        return said if isinstance(said, str) and said.isalnum() else ""

    def check_type(self, item: Item, refs: Iterable[TypeRef], source: str, sink: Sink) -> None:
        """Report a Reference to a type that is not among those allowed."""
        targets = [t for ref in refs if ref.code == item.type.code for t in ref.targets]
        allowed = {base_of(t, item) for t in targets}
        if not allowed or "Resource" in allowed or "" in allowed:
            return
        found = self.target_type(item)
        if found and found not in allowed:
            sink.add(
                Rule.REFERENCE,
                "Référence vers un autre type de ressource",
                item,
                expected=" ou ".join(sorted(allowed)),
                received=f"{found} ({item.first('reference') or 'type'})",
                hint="Référencer une ressource du type attendu.",
                source=source,
            )

    def check_resolved(self, item: Item, sink: Sink) -> None:
        """In a bundle that must stand alone, report a reference that nothing in it answers."""
        bundle = self.index.bundle
        if bundle is None:
            return
        held = item.first("reference")
        if not isinstance(held, str) or held.startswith("#") or self.index.find(held) is not None:
            return
        kind = bundle.value.get("type")
        alone = held.startswith(("urn:uuid:", "urn:oid:"))
        if not alone and not (kind in ("document", "message") and "/" in held and not held.startswith("http")):
            return
        if kind in ("transaction", "document", "message", "batch", "collection"):
            sink.add(
                Rule.REFERENCE_RESOLUE if alone else Rule.REFERENCE_CONSEILLEE,
                "Référence qui ne mène à aucune entrée du lot",
                item,
                expected="le fullUrl d'une entrée du Bundle",
                received=held,
                hint="Ajouter l'entrée, ou reprendre exactement son fullUrl.",
                source="FHIR R4, Bundle §2.36.4 (résolution des références)",
            )


def base_of(canonical: str, item: Item) -> str:
    """The type of resource of a target profile; empty when its definition is not known."""
    url = canonical.partition("|")[0]
    if url.startswith(PREFIX):
        name = url.removeprefix(PREFIX)
        if item.reading.types.get(name) is not None:
            return name
    found = item.reading.types.definitions.structure(canonical)
    return str(found.content.get("type", "")) if found is not None else ""
