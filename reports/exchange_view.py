"""An exchange as rapport.html shows it: request and reply side by side, findings marked, TLS facts, fingerprints."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography import x509
from dui_conformance.core.exchange import Body, Connection, Exchange
from markupsafe import Markup, escape

from .document_view import Excerpt, around, margin
from .masking import Masker
from .message import Block, reply_blocks, request_blocks
from .model import Judged
from .typography import legible, number, plural, size

EMBEDDED = 64_000
SHORT = 2_500
FRAME = 1_200
LONG = 60
AROUND = 12
DOCUMENT = "{urn:hl7-org:v3}ClinicalDocument"
_LONG = re.compile(r"[A-Za-z0-9+/=_%-]{160,}")


@dataclass(frozen=True, slots=True)
class Piece:
    """Recorded bytes: their file relative to the report (``""``: not linked), plain SHA-256 and size."""

    href: str
    sha256: str
    size: str


@dataclass(frozen=True, slots=True)
class ShownBlock:
    """A block as HTML: whole, or an extract; ``cut`` says what is left out, ``whole`` holds it when the page can;
    ``folded`` for a long block beside one where a finding points."""

    title: str
    html: Markup
    cut: str = ""
    whole: Markup | None = None
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Side:
    """A request or a reply."""

    title: str
    blocks: tuple[ShownBlock, ...]
    piece: Piece | None
    same_as: str = ""


@dataclass(frozen=True, slots=True)
class ShownExchange:
    """What the page says of an exchange. ``light``: its messages are not shown, the page being large enough.
    ``unplaced`` are the findings whose place is not a line of a message."""

    id: str
    exchange: Exchange = field(repr=False)
    request: Side | None = None
    reply: Side | None = None
    raw: Piece | None = None
    tls: tuple[tuple[str, str], ...] = ()
    summary: str = ""
    delivery: str = ""
    light: bool = False
    findings: tuple[Judged, ...] = ()
    unplaced: tuple[Judged, ...] = ()

    @property
    def anchor(self) -> str:
        """Its place in the page."""
        return f"echange-{self.id}"


class ExchangeViews:
    """Makes the views of a page. A body already shown is not shown again; past ``budget`` characters,
    only what findings point at is. ``linked``: to the files of recorded bytes, beside the page."""

    def __init__(self, masker: Masker, *, budget: int = 6_000_000, linked: bool = True) -> None:
        self._masker = masker
        self._linked = linked
        self._budget = budget
        self.marks: dict[str, list[tuple[str, str]]] = {}
        self.excerpts: dict[str, Excerpt] = {}
        self._shown: dict[str, str] = {}
        self._kinds: set[str] = set()
        self._subjects: dict[bytes, str] = {}
        self._sums: dict[str, Piece] = {}

    def view(self, exchange: Exchange, findings: Sequence[Judged], *, summary: str = "", delivery: str = "") -> ShownExchange:
        """One exchange; the first of its kind and those with findings are shown whole (64 kB at most a block)."""
        if self._budget <= 0 and not findings:
            return ShownExchange(id=exchange.id, exchange=exchange, summary=summary, delivery=delivery, light=True)
        self._budget -= FRAME
        whole = bool(findings) or exchange.kind not in self._kinds
        self._kinds.add(exchange.kind)
        places = [j for j in findings if j.constat is not None]
        request, placed = self._request(exchange, places, whole=whole)
        reply, placed_there = self._reply(exchange, [j for j in places if j.anchor not in placed], whole=whole)
        asked = exchange.request
        return ShownExchange(
            id=exchange.id,
            exchange=exchange,
            request=request,
            reply=reply,
            raw=self._piece(asked.raw) if asked is not None and asked.raw is not None else None,
            tls=self.tls(exchange.connection),
            summary=summary,
            delivery=delivery,
            findings=tuple(findings),
            unplaced=tuple(j for j in findings if j.anchor not in placed | placed_there),
        )

    def _request(self, exchange: Exchange, findings: Sequence[Judged], *, whole: bool) -> tuple[Side | None, set[str]]:
        if exchange.request is None:
            return None, set()
        request = exchange.request
        return self._side("Requête", exchange.id, request_blocks(request), request.body, findings, whole=whole)

    def _reply(self, exchange: Exchange, findings: Sequence[Judged], *, whole: bool) -> tuple[Side | None, set[str]]:
        if exchange.reply is None:
            return None, set()
        reply = exchange.reply
        return self._side("Réponse", exchange.id, reply_blocks(reply), reply.body, findings, whole=whole)

    def _side(
        self, title: str, name: str, blocks: Sequence[Block], body: Body, findings: Sequence[Judged], *, whole: bool
    ) -> tuple[Side, set[str]]:
        marks, placed = _marks(blocks, findings)
        piece = self._piece(body)
        key = piece.sha256 if piece else ""
        same = self._shown.get(key, "") if key and not marks else ""
        if key:
            self._shown.setdefault(key, name)
        shown = []
        for rank, block in enumerate(blocks):
            if same and not block.head:
                continue
            shown.append(self._block(name, block, marks.get(rank, {}), whole=whole, pointed=bool(marks)))
        return Side(title, tuple(shown), piece, same), placed

    def _block(self, name: str, block: Block, marks: dict[int, list[Judged]], *, whole: bool, pointed: bool) -> ShownBlock:
        text = self._masker.mask("\n".join(block.lines))
        lines = [_elided(line) for line in legible(text).split("\n")]
        self._quote(block, lines, marks)
        roomy = self._budget > 0
        limit = EMBEDDED if (whole or marks or block.head) and roomy else SHORT
        kept, cut = _kept(lines, marks, limit)
        full = None
        if marks and not cut and len(lines) > LONG:
            kept, cut = _kept(lines, marks, 0)
            full = Markup("\n").join(escape(line) for line in lines)
        self._budget -= sum(len(lines[rank]) for rank in kept) + len(full or "")
        html, previous = [], -1
        for rank in kept:
            if rank != previous + 1:
                html.append(Markup('<span class="coupe">⋮</span>'))
            html.append(self._line(name, lines[rank], marks.get(rank, ())))
            previous = rank
        if kept and kept[-1] != len(lines) - 1:
            html.append(Markup('<span class="coupe">⋮</span>'))
        folded = pointed and not marks and len(kept) > LONG
        return ShownBlock(block.title, Markup("\n").join(html), cut, full, folded)

    def _quote(self, block: Block, lines: Sequence[str], marks: dict[int, list[Judged]]) -> None:
        """Keep what surrounds a finding on a document, to be shown with the finding itself."""
        if block.xml is None or block.xml.root.tag != DOCUMENT:
            return
        file_lines = margin(block.xml)
        for rank, findings in marks.items():
            for judged in findings:
                found = block.find(judged.constat.at) if judged.constat is not None else None
                if judged.anchor not in self.excerpts and found is not None:
                    made = around(lines, rank, exact=found[1], note=judged.controle, margin=file_lines)
                    self.excerpts[judged.anchor] = made

    def _line(self, name: str, line: str, findings: Sequence[Judged]) -> Markup:
        if not findings:
            return escape(line)
        notes = []
        for judged in findings:
            place = f"marque-{judged.anchor.rpartition('-')[2]}-{name}"
            self.marks.setdefault(judged.anchor, []).append((place, name))
            note = Markup('<a class="renvoi" id="{}" href="#{}">◀ {} : {}</a>')
            notes.append(note.format(place, judged.anchor, judged.verdict.libelle, judged.controle))
        indent = line[: len(line) - len(line.lstrip())]
        return Markup("{}<mark>{}</mark>{}").format(indent, line[len(indent) :], Markup("").join(notes))

    def _piece(self, body: Body) -> Piece | None:
        if body.path is None or body.size == 0:
            return None
        name = body.path.name
        if name not in self._sums:
            digest = hashlib.sha256()
            with body.open() as stream:
                while chunk := stream.read(1 << 20):
                    digest.update(chunk)
            self._sums[name] = Piece(f"blobs/{name}" if self._linked else "", digest.hexdigest(), size(body.size))
        return self._sums[name]

    def tls(self, connection: Connection) -> tuple[tuple[str, str], ...]:
        """The facts of a connection, in French."""
        if not connection.exercised:
            return (("TLS", "non exercé (appel dans le processus)"),)
        rows = [
            ("Négociation", "aboutie" if connection.established else "échouée"),
            ("Version", connection.version + (", session reprise" if connection.resumed else "")),
            ("Suite", connection.cipher),
            ("Nom demandé (SNI)", connection.server_name),
            ("Certificat présenté par le service", _served(connection.server_certificate)),
            ("Certificat client", self._subject(connection.client_der)),
            ("Cause", connection.detail or connection.error),
            ("Alerte TLS du client", connection.alert),
        ]
        if not connection.established:
            rows.append(("Octets applicatifs reçus", number(connection.application_bytes)))
        return tuple((name, value) for name, value in rows if value)

    def _subject(self, der: bytes | None) -> str:
        if der is None:
            return "aucun"
        if der not in self._subjects:
            try:
                self._subjects[der] = x509.load_der_x509_certificate(der).subject.rfc4514_string()
            except ValueError:
                self._subjects[der] = "illisible"
        return self._subjects[der]


def _served(name: str) -> str:
    return "" if name in ("", "bon") else name


def _marks(blocks: Sequence[Block], findings: Sequence[Judged]) -> tuple[dict[int, dict[int, list[Judged]]], set[str]]:
    """Where findings point: block → line → findings. A node found exactly wins over the ancestor of a missing one."""
    marks: dict[int, dict[int, list[Judged]]] = {}
    placed: set[str] = set()
    for judged in findings:
        assert judged.constat is not None
        best: tuple[bool, int, int] | None = None
        for rank, block in enumerate(blocks):
            found = block.find(judged.constat.at)
            if found is not None and (best is None or (found[1] and not best[0])):
                best = (found[1], rank, found[0])
        if best is not None:
            marks.setdefault(best[1], {}).setdefault(best[2], []).append(judged)
            placed.add(judged.anchor)
    return marks, placed


def _kept(lines: Sequence[str], marks: dict[int, list[Judged]], limit: int) -> tuple[list[int], str]:
    """The lines to show: all within the limit, else the first ones and those around the marks; and what is said of the cut."""
    total = sum(len(line) + 1 for line in lines)
    if total <= limit:
        return list(range(len(lines))), ""
    kept = {near for at in marks for near in range(max(0, at - AROUND), min(len(lines), at + AROUND + 1))}
    room = min(limit, SHORT)
    for rank, line in enumerate(lines):
        room -= len(line) + 1
        if room < 0:
            break
        kept.add(rank)
    return sorted(kept), f"extrait : {plural(len(kept), 'ligne')} sur {number(len(lines))}"


def _elided(line: str) -> str:
    return _LONG.sub(lambda m: f"{m.group()[:40]}… ({number(len(m.group()))} caractères)", line)
