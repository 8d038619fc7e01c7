"""The named misbehaviours of the simulated provider. A correct DUI refuses, or goes on, and stays conforme under each."""

from __future__ import annotations

from ...core.service import Panne
from . import faults_answers as answers
from . import faults_return as back
from . import faults_userinfo as identity
from .forgeries import FALSE_TOKENS, TOKEN_PREFIX, TRUE_TOKENS

__all__ = ["PANNES", "TOKEN_PREFIX"]

PANNES: tuple[Panne, ...] = (*FALSE_TOKENS, *TRUE_TOKENS, *back.PANNES, *answers.PANNES, *identity.PANNES)
