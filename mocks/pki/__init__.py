"""A test IGC-Santé made at run time: authorities, organisations, people, servers, CRL, and faulty certificates."""

from .state import Parameters
from .store import Credential, Pki

__all__ = ["Credential", "Parameters", "Pki"]
