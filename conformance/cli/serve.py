"""``serve``: every service up until Ctrl-C, each exchange judged as it ends, one French line each."""

from __future__ import annotations

import ipaddress
import signal
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from types import FrameType

from ..core.verdict import Verdict
from ..validation.tls import explain
from .console import Page, prepare
from .house import House, Plan
from .judge import Judge, Judgement
from .terminal import WIDTH, Console


def serve(plan: Plan, console: Console, *, stop: threading.Event | None = None, page: bool = False) -> int:
    """Serve until interrupted, then write the same reports as ``run``; ``page``: with the live console."""
    stop = stop or threading.Event()
    _stop_on_signals(stop)
    seen: Counter[Verdict] = Counter()

    def show(judgement: Judgement) -> None:
        seen[judgement.verdict] += 1
        console.say(line(judgement))

    with nullcontext() if not page else prepare(plan.folder, "exploration libre", console) as live:
        stopped = _listen(plan, console, show, stop, live)
    if stopped is not None:
        raise stopped
    _conclude(plan, seen, console)
    return 0


def _listen(
    plan: Plan, console: Console, show: Callable[[Judgement], None], stop: threading.Event, live: Page | None
) -> BaseException | None:
    """Serve until asked to stop; gives what stopped the recorder, if anything did."""
    with House(plan, None) as house:
        console.mask = house.mask
        if live is not None:
            live.attach(house)
        with Judge(house, show=show):
            admit_everyone(house)
            _announce(house, plan, console)
            while not stop.wait(0.2) and house.recorder.stopped is None:
                continue
        house.journal.append("campagne.fin")
        return house.recorder.stopped


def admit_everyone(house: House) -> None:
    """Make the usagers of ``jeu-d-essai.csv`` known to the services; ViaTrajectoire notifies a decision for the first three."""
    from .init import first_usagers

    usagers = [usager for _, usager in first_usagers()]
    for usager in usagers:
        for service in house.services.values():
            service.admit(usager)
    for usager in usagers[:3]:
        house.services["viatrajectoire"].command("notifier", {"usager": usager.id})


def line(judgement: Judgement) -> str:
    """Verdict, service, exchange, kind, first finding: one line."""
    exchange = judgement.exchange
    head = f"{judgement.verdict.libelle:<{WIDTH}}  {exchange.service:<5} {exchange.id}  {exchange.kind}"
    if exchange.reply is not None and exchange.reply.status >= 400:
        spoken = exchange.request.method if exchange.request is not None else ""
        head += f"  {spoken if spoken in ('SMTP', 'IMAP') else 'HTTP'} {exchange.reply.status}"
    worst = judgement.first
    if worst is None or worst.finding is None:
        head += f"  — {explain(exchange.connection)}" if exchange.request is None else ""
        return head + "".join(f"  — {a.reason}" for a in judgement.applications if a.verdict is Verdict.ERREUR)
    finding = worst.finding
    detail = f"  — {finding.message} (attendu : {finding.expected or '—'} ; reçu : {finding.received or '—'})"
    hint = f" Piste : {finding.hint}" if finding.hint else ""
    more = sum(1 for a in judgement.applications if a.finding is not None) - 1
    return " ".join((head + detail + hint + (f" [+{more}]" if more else "")).split("\n"))


def _announce(house: House, plan: Plan, console: Console) -> None:
    console.say("Services simulés à l'écoute (Ctrl-C pour arrêter et obtenir le rapport) :")
    for service in house.services.values():
        for listener in service.listeners:
            console.say(f"  {listener.nom:<18} {house.runtime.url(listener.nom)}")
    console.say(f"Adresses, identifiants et certificats : {plan.folder / 'services.json'}")
    warn_of_exposure(plan.settings.services.adresse, console)
    console.say("Répétition hors ligne : ce banc simule les plateformes nationales et n'en remplace aucune.\n")


def warn_of_exposure(address: str, console: Console) -> None:
    """Say what others can reach when the services do not listen on the loopback interface alone."""
    if is_loopback(address):
        return
    console.say(
        f"ATTENTION : les services écoutent sur {address} : quiconque atteint cette machine peut les appeler et y lire ce que le "
        "DUI y dépose. N'y envoyez que des données fictives."
    )


def is_loopback(address: str) -> bool:
    """True when only this machine can reach that address."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"


def _conclude(plan: Plan, seen: Counter[Verdict], console: Console) -> None:
    """Write the reports; the summary counts exchanges, since no scenario was played."""
    from ..reports.build import build
    from .run import announce_reports

    paths = build(plan.folder)
    counts = ", ".join(v.counted(seen[v]) for v in Verdict if seen[v])
    console.say(f"\nBilan : {seen.total()} échange{'s' if seen.total() > 1 else ''}" + (f" — {counts}" if counts else ""))
    if seen[Verdict.NON_CONFORME]:
        console.say("À corriger : chaque constat du rapport dit où, ce qui était attendu et une piste.")
    announce_reports(paths, console)


def _stop_on_signals(stop: threading.Event) -> None:
    if threading.current_thread() is not threading.main_thread():
        return

    def handler(number: int, frame: FrameType | None) -> None:
        stop.set()

    for name in ("SIGINT", "SIGTERM", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), handler)
