"""What ten thousand exchanges cost the console, in a real Chromium. ``python benchmarks/console.py``

A campaign of 463 scenarios has 10,000 exchanges when the page opens, and 10,000 more while it is open, each with its reply and
its verdict. Aims: first paint under 1 s, memory bounded on both sides, the page as quick after as before.
"""

from __future__ import annotations

import os
import platform
import resource
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dui_conformance.core.journal import Event
from dui_conformance.reports.console.fil import Fil, as_json

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from samples.console import Site
from samples.pictures import chromium

EXCHANGES, SCENARIOS, PAGES = 10_000, 463, 5
NOW = datetime.now(UTC).isoformat()
PAINT = "() => performance.getEntriesByName('first-contentful-paint')[0].startTime"
FULL = (
    "() => document.querySelectorAll('#echanges tr').length === 100 && document.querySelectorAll('#scenarios li').length === 463"
)
HEAP = "() => { if (window.gc) gc(); return performance.memory.usedJSHeapSize; }"


def event(type: str, scenario: str = "", **data: Any) -> Event:
    """An event of the journal."""
    return Event(0, type, {"logique": NOW}, scenario, 1, data, "")


def fill(fil: Fil, first: int, count: int) -> None:
    """Exchanges with their reply and their verdict."""
    for rank in range(first, first + count):
        name, scenario = f"E{rank:06d}", f"essai.scenario_{rank % SCENARIOS:03d}"
        fil.feed(event("requete", scenario, echange=name, service="dmp", genre="dmp.td2.1", resume="dépôt d'un document"))
        fil.feed(event("reponse", scenario, echange=name, statut=200))
        verdict = "non conforme" if rank % 10 == 0 else "conforme"
        fil.feed(event("verdict", scenario, sujets=[name], verdict=verdict, detail="x"))


def memory() -> float:
    """The most that this process held, in Mio."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def opened(browser: Any, site: Site) -> tuple[Any, float, float]:
    """A page, the time of its first paint, and that of all its lines; in milliseconds."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.goto(site.server.url)
    begun = time.perf_counter()
    page.reload()
    page.wait_for_function(FULL)
    return page, page.evaluate(PAINT), (time.perf_counter() - begun) * 1000


def main() -> None:
    """Print the figures."""
    fil = Fil("DUI d'essai", lambda blob: {"constat": {"message": "Le rôle n'est pas celui de la nomenclature."}})
    rows = [
        {"id": f"essai.scenario_{n:03d}", "titre": f"Le scénario {n} dit en une phrase ce qu'il attend."}
        for n in range(SCENARIOS)
    ]
    fil.feed(event("plan", joues=rows))
    for row in rows:
        fil.feed(event("scenario.debut", row["id"], titre=row["titre"]))
        fil.feed(event("scenario.fin", row["id"], verdict="conforme", raison=""))
    before = memory()
    fill(fil, 1, EXCHANGES)
    print(f"Python {platform.python_version()}, {os.cpu_count()} cœurs, charge {os.getloadavg()[0]:.1f}")
    print(f"banc : 10 000 échanges en {memory() - before:.0f} Mio de plus ; état entier {len(as_json(fil.page())) / 1000:.0f} ko")
    site = Site(Path(tempfile.mkdtemp()), fil)
    with chromium() as browser:
        pages = [opened(browser, site) for _ in range(PAGES)]
        paints, whole = ([each[rank] for each in pages] for rank in (1, 2))
        print(f"première peinture : médiane {statistics.median(paints):.0f} ms, au plus {max(paints):.0f} ms")
        print(f"100 échanges et 463 scénarios à l'écran : médiane {statistics.median(whole):.0f} ms, au plus {max(whole):.0f} ms")
        page = pages[-1][0]
        for other, _, _ in pages[:-1]:
            other.close()
        heap, begun = page.evaluate(HEAP), time.perf_counter()
        fill(fil, EXCHANGES + 1, EXCHANGES)
        last = f"E{2 * EXCHANGES:06d}"
        page.wait_for_function("(id) => document.querySelector(`#echanges tr[data-id='${id}'] .v`) !== null", arg=last)
        spent = time.perf_counter() - begun
        after = page.evaluate(HEAP)
        print(f"10 000 de plus, la page ouverte : {spent:.1f} s ; tas {heap / 1e6:.1f} Mo avant, {after / 1e6:.1f} Mo après")
        print(f"lignes à l'écran : {page.locator('#echanges tr').count()} ; éléments : {page.evaluate('document.all.length')}")
        delays = []
        for rank in range(20):
            begun = time.perf_counter()
            fill(fil, 2 * EXCHANGES + 1 + rank, 1)
            page.wait_for_function("(id) => document.querySelector(`#echanges tr[data-id='${id}'] .v`) !== null",
                                   arg=f"E{2 * EXCHANGES + 1 + rank:06d}")  # fmt: skip
            delays.append((time.perf_counter() - begun) * 1000)
        print(f"d'un échange à sa ligne : médiane {statistics.median(delays):.0f} ms, au plus {max(delays):.0f} ms")
        begun = time.perf_counter()
        page.click("#anciens")
        page.wait_for_selector("#direct:not([hidden])")
        print(f"les cent précédents : {(time.perf_counter() - begun) * 1000:.0f} ms")
    print(f"banc, au plus haut : {memory():.0f} Mio")
    site.server.close()


if __name__ == "__main__":
    main()
