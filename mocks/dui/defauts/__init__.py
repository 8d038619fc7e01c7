"""The named defects of the reference DUI, one module per theme: each registers its own when it is imported."""

from importlib import import_module
from pkgutil import iter_modules

from .registre import FAULTS

__all__ = ["FAULTS"]

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
