"""Rules of bundles that definitions do not write: fullUrl, verbs and addresses of transactions, search sets, answers."""

from __future__ import annotations

import re
from collections.abc import Callable

from .issues import Rule, Sink
from .items import Item

_STATUS = re.compile(r"[1-5]\d\d(\s.*)?")
SOURCE = "FHIR R4, Bundle"
_WITH_RESOURCE = frozenset({"POST", "PUT", "PATCH"})


def check(root: Item, sink: Sink) -> None:
    """The rules of a bundle and of its entries."""
    entries = root.kids.get("entry", [])
    _unique(entries, sink)
    _links(root, sink)
    kind = root.value.get("type")
    judge = _BY_KIND.get(kind) if isinstance(kind, str) else None
    for entry in entries:
        _full_url(entry, sink)
        if judge is not None:
            judge(entry, sink)


def _value(entry: Item, *names: str) -> str:
    held = entry.first(*names)
    return held if isinstance(held, str) else ""


def _unique(entries: list[Item], sink: Sink) -> None:
    seen: dict[tuple[str, str], int] = {}
    for rank, entry in enumerate(entries):
        url = _value(entry, "fullUrl")
        key = (url, _value(entry, "resource", "meta", "versionId"))
        if url and key in seen:
            _say(
                entry,
                "fullUrl",
                "fullUrl déjà porté par une autre entrée",
                "un fullUrl par entrée",
                f"{url} (entrée {seen[key]})",
                sink,
            )
        seen.setdefault(key, rank)


def _links(root: Item, sink: Sink) -> None:
    relations = [_value(link, "relation") for link in root.kids.get("link", ())]
    twice = next((r for r in relations if relations.count(r) > 1), "")
    if twice:
        _say(root, "link", "Lien de même relation répété", "un lien par relation", twice, sink, soft=True)


def _full_url(entry: Item, sink: Sink) -> None:
    url, id_ = _value(entry, "fullUrl"), _value(entry, "resource", "id")
    held = entry.kids.get("resource")
    if not url or not held:
        return
    if not url.startswith(("http://", "https://", "urn:uuid:", "urn:oid:", "urn:")):
        _say(entry, "fullUrl", "fullUrl relatif", "une URL absolue, ou urn:uuid:…", url, sink)
    elif url.startswith("http") and id_ and not url.endswith(f"/{held[0].type.code}/{id_}"):
        _say(
            entry,
            "fullUrl",
            "fullUrl et id ne disent pas la même ressource",
            f"…/{held[0].type.code}/{id_}",
            url,
            sink,
            soft=True,
        )


def _request(entry: Item, sink: Sink) -> None:
    request = entry.kids.get("request")
    if not request:
        return
    method, url = _value(request[0], "method"), _value(request[0], "url")
    held = entry.kids.get("resource")
    if method in _WITH_RESOURCE and not held:
        _say(entry, "resource", f"{method} sans ressource", "une ressource à envoyer", "aucune", sink)
    if method in ("GET", "HEAD", "DELETE") and held:
        _say(entry, "resource", f"{method} avec une ressource", "aucune ressource", held[0].type.code, sink)
    if not held or not url:
        return
    kind = held[0].type.code
    first = url.split("?")[0].strip("/").split("/")
    if method == "POST" and first != [kind]:
        _say(
            request[0],
            "url",
            "Adresse de création différente du type de la ressource",
            kind,
            url,
            sink,
            soft=True,
            hint=f"Pour POST, request.url est le type seul : {kind}.",
        )
    if method == "PUT" and "?" not in url:
        id_ = _value(held[0], "id")
        if first[-2:] != [kind, id_] or not id_:
            _say(request[0], "url", "Adresse de mise à jour différente de la ressource", f"{kind}/{id_ or 'id'}", url, sink)


def _search(entry: Item, sink: Sink) -> None:
    if "resource" not in entry.kids:
        _say(entry, "resource", "Résultat de recherche sans ressource", "une ressource", "aucune", sink)
    elif "fullUrl" not in entry.kids and _value(entry, "search", "mode") != "outcome":
        _say(entry, "fullUrl", "Résultat de recherche sans fullUrl", "l'URL de la ressource", "aucune", sink, soft=True)


def _response(entry: Item, sink: Sink) -> None:
    status = _value(entry, "response", "status")
    if status and not _STATUS.fullmatch(status):
        _say(entry.kids["response"][0], "status", "Statut de réponse mal formé", "un code HTTP (« 201 Created »)", status, sink)


def _say(
    item: Item, child: str, message: str, wanted: str, received: str, sink: Sink, *, soft: bool = False, hint: str = ""
) -> None:
    present = child in item.kids
    sink.add(
        Rule.LOT_CONSEILLE if soft else Rule.LOT,
        message,
        item,
        child=child,
        prop=child if present else "",
        expected=wanted,
        received=received,
        hint=hint,
        source=SOURCE,
        key=message,
    )


_BY_KIND: dict[str, Callable[[Item, Sink], None]] = {
    "transaction": _request,
    "batch": _request,
    "searchset": _search,
    "transaction-response": _response,
    "batch-response": _response,
}
