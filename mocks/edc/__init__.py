"""The espace de confiance of Pro Santé Connect: authorization server, protected test API, example proxy e-Santé."""

from __future__ import annotations

from .app import EspaceDeConfiance

__all__ = ["EspaceDeConfiance"]
