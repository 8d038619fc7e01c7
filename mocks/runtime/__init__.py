"""The runtime: TLS ports for the services, in one thread, and the one way from a request to a recorded reply."""

from .dispatch import Served, serve_one
from .server import Runtime

__all__ = ["Runtime", "Served", "serve_one"]
