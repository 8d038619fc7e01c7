"""The judge of messages: one function for scenarios, ``serve``, ``validate`` and pytest; it applies profiles, no more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ..core.check import Application
from ..core.profile import Profile, best_for
from ..core.verdict import Verdict, roll_up
from ..validation.mail.message import RawMail
from ..validation.mail.pieces import Judged, pieces_of, pieces_of_archive
from ..validation.xdm.media import XdmFile
from .registry import all_profiles, run_profile

_UNSETTLED = frozenset({Verdict.SANS_OBJET, Verdict.NON_TESTE})


@dataclass(frozen=True, slots=True)
class PieceVerdict:
    """What is said of one piece of a message: the message itself, an archive, a document inside."""

    piece: Judged
    profile: str
    applications: tuple[Application, ...]


@dataclass(frozen=True, slots=True)
class MessageVerdict:
    """What is said of a message, piece by piece."""

    pieces: tuple[PieceVerdict, ...]

    @property
    def applications(self) -> tuple[Application, ...]:
        """All the rules that were applied, in order."""
        return tuple(a for piece in self.pieces for a in piece.applications)

    @property
    def findings(self) -> tuple[Application, ...]:
        """Those that do not hold."""
        return tuple(a for a in self.applications if a.finding is not None)

    @property
    def verdict(self) -> Verdict:
        """The worst of what was settled."""
        return roll_up(a.verdict for a in self.applications if a.verdict not in _UNSETTLED)


def check_message(eml: bytes, *, name: str = "", context: Sequence[Any] = (), day: date) -> MessageVerdict:
    """The verdict of a message as bytes (an .eml, what was submitted, what lies in a box): itself and the documents inside.

    ``context`` holds what rules may ask besides (``Settings``, references of the user); ``day`` selects the rules in force.
    """
    return _judged(pieces_of(RawMail(eml, name)), context, day)


def check_archive(data: bytes, *, name: str = "IHE_XDM.ZIP", context: Sequence[Any] = (), day: date) -> MessageVerdict:
    """The same for an IHE_XDM archive alone."""
    return _judged(pieces_of_archive(XdmFile(data, name)), context, day)


def _judged(pieces: Iterable[Judged], context: Sequence[Any], day: date) -> MessageVerdict:
    return MessageVerdict(tuple(_piece(piece, context, day) for piece in pieces))


def _piece(piece: Judged, context: Sequence[Any], day: date) -> PieceVerdict:
    profile = profile_of(piece.kind, day)
    if profile is None:
        return PieceVerdict(piece, "", ())
    return PieceVerdict(piece, profile.id, tuple(run_profile(profile, piece.subjects, context=context, day=day)))


def profile_of(kind: str, day: date) -> Profile | None:
    """The profile in force for a kind."""
    return best_for(kind, tuple(all_profiles().values()), day)
