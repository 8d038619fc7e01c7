"""From a request to its recorded reply: the one path shared by the sockets and the in-process mounts."""

from __future__ import annotations

from dataclasses import dataclass

from dui_conformance.core.clock import Clock
from dui_conformance.core.exchange import Body, Reply, Request
from dui_conformance.core.service import Recorder, Service

PLAIN = (("Content-Type", "text/plain; charset=utf-8"),)


@dataclass(frozen=True, slots=True)
class Served:
    """A reply ready to be sent, and the id of its exchange."""

    exchange: str
    reply: Reply


def serve_one(service: Service, listener: str, request: Request, recorder: Recorder, clock: Clock) -> Served:
    """Record the request, let the service answer, record its reply: nothing is sent before.

    Raises ``RealDataError`` when the recorder refuses the request; an error of the service itself is not caught here.
    """
    exchange = recorder.received(service, listener, request)
    reply = service.handle(listener, request, clock.now())
    recorder.answered(exchange, reply)
    return Served(exchange, reply)


def refuse(service: Service, listener: str, request: Request, recorder: Recorder, *, status: int, reason: str) -> Served:
    """Record a request that never reaches its service (malformed, too large, cut short) and the refusal that it gets."""
    reply = Reply(status, PLAIN, Body(f"{reason}\n".encode()), facts={"refus": reason})
    exchange = recorder.received(service, listener, request)
    recorder.answered(exchange, reply)
    return Served(exchange, reply)
