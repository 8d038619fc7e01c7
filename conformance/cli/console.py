"""``--console``: opens the live page of a campaign, or of ``serve``, beside the terminal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from ..core.archive import Archive
from ..core.errors import InputError
from ..core.journal import read_blob
from ..drivers.manuel import Reponse
from .terminal import Console

if TYPE_CHECKING:
    from ..reports.console.commande import Tableau
    from ..reports.console.fil import Fil
    from ..reports.console.serveur import ConsoleServer
    from .house import House

SESSION = "console.json"
DATA = "pv.toml"


@dataclass(slots=True)
class Page:
    """The page of a campaign: what it shows, and what it commands. A context manager, which stops serving it."""

    fil: Fil
    tableau: Tableau
    folder: Path
    console: Console
    _server: ConsoleServer | None = None

    def __enter__(self) -> Page:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.tableau.release()
        if self._server is not None:
            self._server.close()

    def attach(self, house: House) -> None:
        """Serve the page from what the journal of this house says already, and will say."""
        from ..reports.console.acces import Acces
        from ..reports.console.echange import Lecteur
        from ..reports.console.serveur import ConsoleServer

        self.fil.replay(Archive(self.folder).events)
        house.journal.observers.append(self.fil.feed)
        if house.plays:
            house.stage.looking = self.fil.awaited
            self.tableau.holds = house.driver.capabilities().attend_personne
        else:
            listeners = (listener.nom for service in house.services.values() for listener in service.listeners)
            self.fil.turn(mode="exploration", services=tuple((nom, house.runtime.url(nom)) for nom in listeners))
        access = Acces.of(self.folder / SESSION)
        reader = Lecteur(self.folder)
        self._server = ConsoleServer(self.fil, access, self.tableau, self.folder, reader.page, port=access.port)
        access.keep(self.folder / SESSION)
        self._server.start()
        self.console.say(f"Console : {self._server.url}\n(cette adresse ne sert qu'une fois, sur cette machine)\n")

    def linger(self) -> None:
        """Leave the page open on the reports until the tester ends it, there or by Ctrl-C."""
        from ..reports.console.entretien import Entretien

        self.tableau.interview = Entretien(self.fil, self._write_pv)
        self.fil.say("La campagne est finie, son rapport est écrit.")
        self.fil.turn(rapport=True)
        self.console.say("La console reste ouverte : « Terminer » sur la page, ou Ctrl-C ici.")
        try:
            self.tableau.finished.wait()
        except KeyboardInterrupt:
            self.console.say("")
        self.fil.turn(fermee=True)

    def _write_pv(self, answers: Mapping[str, Any]) -> str:
        """Keep the answers beside the campaign and write its PV anew; says what it lacks."""
        from ..reports.masking import Masker
        from ..reports.model import load_campaign
        from ..reports.pv import composed, pv_content
        from ..reports.pv_data import load_pv_data
        from ..reports.pv_questions import toml_of

        data = self.folder / DATA
        data.write_text(toml_of(answers), encoding="utf-8")
        try:
            model = load_campaign(self.folder)
            content = pv_content(model, Masker.of(model.archive), "pilote", load_pv_data(data))
            (self.folder / "pv.pdf").write_bytes(composed(model, content))
        except InputError as error:
            return f"Vos réponses sont dans {DATA}, mais le PV n'a pas pu être écrit : {error}"
        left = [name for name, _, etat, _ in content["controles"] if etat != "respectée"]
        told = f"Reste à compléter : {', '.join(left)}." if left else "Toutes ses règles sont respectées."
        return f"Le PV est écrit, avec vos réponses gardées dans {DATA}. {told}"


def prepare(folder: Path, product: str, console: Console) -> Page:
    """The page of a campaign that is about to be opened in ``folder``."""
    from ..reports.console.commande import Tableau
    from ..reports.console.fil import Fil

    fil = Fil(product, lambda blob: json.loads(read_blob(folder, blob)), lambda text: console.mask(text))
    return Page(fil, Tableau(fil, Reponse), folder, console)
