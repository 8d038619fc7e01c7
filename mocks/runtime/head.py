"""Where HTTP/1.1 request heads begin and end in a stream of bytes, so that each is kept exactly as it was sent."""

from __future__ import annotations

from collections import deque

MAX_HEAD = 256 * 1024
_END = b"\r\n\r\n"


class HeadScanner:
    """Feed it every byte that the client sent; :attr:`heads` receives each request head, in order, byte for byte.

    It only skips bodies (Content-Length, chunked): judging the syntax is the HTTP parser's work. When a head is not
    HTTP at all, its bytes stay in :attr:`pending`. Bounded: past 256 kB a head is cut.
    """

    def __init__(self) -> None:
        self.heads: deque[bytes] = deque()
        self.pending = b""
        self._skip = 0
        self._chunked = False

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the stream."""
        while data:
            if self._skip:
                cut = min(self._skip, len(data))
                self._skip -= cut
                data = data[cut:]
                continue
            self.pending += data[: max(0, MAX_HEAD - len(self.pending))]
            data = self._after_chunk() if self._chunked else self._after_head()

    def _after_head(self) -> bytes:
        head, end, rest = self.pending.lstrip(b"\r\n").partition(_END)
        if not end:
            return b""
        self.pending = b""
        self.heads.append(head + end)
        fields = _fields(head)
        self._chunked = fields.get(b"transfer-encoding", b"").lower().endswith(b"chunked")
        length = fields.get(b"content-length", b"")
        if not self._chunked and length.isdigit() and len(length) < 19:
            self._skip = int(length)
        return rest

    def _after_chunk(self) -> bytes:
        """Past the next chunk: its size line, its data, its CRLF; the last one is followed by trailers."""
        line, end, rest = self.pending.partition(b"\r\n")
        if not end:
            return b""
        size = _chunk_size(line)
        if size:
            self.pending = b""
            self._skip = size + 2
            return rest
        if rest.startswith(b"\r\n"):
            trailer_end, rest = b"\r\n", rest[2:]
        else:
            _, trailer_end, rest = rest.partition(_END)
        if not trailer_end:
            return b""
        self.pending = b""
        self._chunked = False
        return rest


def _fields(head: bytes) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        found[name.strip().lower()] = value.strip()
    return found


def _chunk_size(line: bytes) -> int:
    try:
        return int(line.partition(b";")[0].strip() or b"0", 16)
    except ValueError:
        return 0
