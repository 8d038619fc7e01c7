"""Makes the driver that the user chose; the only place that joins drivers and the reference DUI."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from ..core.clock import Clock
from ..core.driver import Driver
from ..core.errors import InputError
from ..drivers.commande import CommandeDriver
from ..drivers.http import HttpDriver
from ..drivers.manuel import PAR, ManuelDriver, Terminal
from ..drivers.python import PythonDriver, load_target
from .house import Plan


def driver_maker(terminal: Callable[[], Terminal]) -> Callable[[str, Mapping[str, Any], Plan, Clock], Driver]:
    """A function that makes the plan's driver once the services are up."""

    def make(pilote: str, endpoints: Mapping[str, Any], plan: Plan, clock: Clock) -> Driver:
        chosen = plan.settings.pilote
        timeout = plan.settings.delais.geste
        if plan.faults and pilote != "temoin":
            raise InputError("--defaut ne s'emploie qu'avec le DUI témoin (--pilote temoin).")
        match pilote:
            case "temoin":
                return PythonDriver(make_dui(endpoints, plan.faults, clock), nom="temoin")
            case "python":
                return PythonDriver(load_target(chosen.cible, endpoints, folder=plan.project))
            case "http":
                return HttpDriver(chosen.cible, chosen.jeton, timeout=timeout)
            case "commande":
                return CommandeDriver(chosen.commandes, timeout=timeout)
            case "manuel":
                par = plan.settings.attestations.par or PAR
                return ManuelDriver(terminal(), clock=chosen.options.get("horloge") == "oui", patience=timeout, par=par)
            case _:
                raise InputError(f"pilote inconnu : {pilote}")

    return make


def make_dui(endpoints: Mapping[str, Any], faults: tuple[str, ...], clock: Clock) -> Any:
    """The reference DUI, its clock starting as the campaign's (its driver moves it afterwards); with named faults."""
    from ..mocks.dui.dui import Dui

    start = clock.offset
    return Dui(endpoints, faults=faults, now=lambda: datetime.now(UTC) + start)
