"""Mail as rules read it: headers, MIME tree, attachments, receipts. Bounded against hostile input; nothing is ever extracted."""

from __future__ import annotations

from .message import Mail, RawMail
from .mime import Part

__all__ = ["Mail", "Part", "RawMail"]
