"""The three services on real sockets, and the reference DUI in front of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from dui_conformance.core.clock import Clock
from dui_conformance.core.exchange import Connection, Reply, Request
from dui_conformance.core.gestures import Gesture, Resultat
from dui_conformance.core.gestures.identite import CreerUsager
from dui_conformance.core.people import Usager
from dui_conformance.core.service import Service
from dui_conformance.core.settings import Settings, StructureDeTest
from dui_conformance.fixtures.people import usager
from dui_conformance.mocks.dmp.app import Dmp
from dui_conformance.mocks.dui.dui import Dui
from dui_conformance.mocks.insi.app import Insi
from dui_conformance.mocks.pki import Pki
from dui_conformance.mocks.pki.export import certificats
from dui_conformance.mocks.psc.app import ProSanteConnect
from dui_conformance.mocks.runtime.server import Runtime

SECRET = "secret-de-client-de-test"


class Enregistreur:
    """Remembers the kind of each request, in order, and the replies."""

    def __init__(self) -> None:
        self.sortes: list[str] = []
        self.requetes: list[Request] = []
        self.reponses: dict[str, Reply] = {}

    def received(self, service: Service, listener: str, request: Request) -> str:
        self.sortes.append(service.describe(listener, request).kind)
        self.requetes.append(request)
        return f"E{len(self.sortes)}"

    def answered(self, exchange: str, reply: Reply) -> None:
        self.reponses[exchange] = reply

    def delivered(self, exchange: str, outcome: str) -> None:
        """How the reply left does not matter here."""

    def handshake(self, service: str, listener: str, connection: Connection) -> None:
        self.sortes.append(f"tls.{service}")

    def de(self, sorte: str) -> list[Request]:
        """The requests of a kind."""
        return [r for s, r in zip((s for s in self.sortes if not s.startswith("tls.")), self.requetes, strict=True) if s == sorte]


class Banc:
    """Services, runtime and DUI; to be closed."""

    def __init__(self, pki: Pki, faults: Collection[str] = ()) -> None:
        structure = StructureDeTest(finess_ej="990000010", finess_eg="990000028")
        defaut = Settings()
        self.settings = replace(defaut, psc=replace(defaut.psc, client_secret=SECRET), structure=structure)
        self.clock = Clock()
        self.vu = Enregistreur()
        self.psc = ProSanteConnect(self.settings.psc, seed=1)
        self.insi = Insi(self.settings.insi, 1)
        self.dmp = Dmp(seed=1)
        self.runtime = Runtime(self.vu, self.clock, pki)
        self.runtime.start([self.psc, self.insi, self.dmp])
        self.psc.configure({nom: self.runtime.url(nom) for nom in ("psc", "psc-portefeuille")})
        self.services = self._services(pki)
        self.dui = Dui(self.services, faults=faults)

    def close(self) -> None:
        self.dui.close()
        self.runtime.stop()
        assert not self.runtime.failures

    def jouer(self, gesture: Gesture) -> Resultat:
        return self.dui.play(gesture)

    def usager(self, profil: str, graine: str = "1") -> Usager:
        personne = usager(profil, graine)
        self.insi.admit(personne)
        self.dmp.admit(personne)
        self.jouer(CreerUsager.de(personne))
        return personne

    def avancer(self, **duree: float) -> None:
        self.clock.advance(timedelta(**duree))
        self.dui.advance(timedelta(**duree))

    def _services(self, pki: Pki) -> dict[str, Any]:
        emetteur = f"{self.runtime.url('psc')}/auth/realms/esante-wallet"
        s = self.settings
        return {
            "ac": str(Path(pki.ac)),
            "certificats": certificats(pki),
            "psc": {
                "emetteur": emetteur,
                "decouverte": f"{emetteur}/.well-known/wallet-openid-configuration",
                "client_id": s.psc.client_id,
                "client_secret": SECRET,
                "redirect_uris": list(s.psc.redirect_uris),
                "post_logout_redirect_uris": list(s.psc.post_logout_redirect_uris),
            },
            "insi": {"url": f"{self.runtime.url('insi')}/lps"},
            "dmp": {"base": f"{self.runtime.url('dmp')}/si-dmp-server/v2/services"},
            "logiciel": {
                "nom": s.produit.nom,
                "version": s.produit.version,
                "lps_nom": s.dmp.lps_nom,
                "lps_version": s.dmp.lps_version,
                "id_homologation": s.dmp.id_homologation,
                "idam": s.insi.idam,
            },
            "structure": {
                "finess_ej": s.structure.finess_ej,
                "finess_eg": s.structure.finess_eg,
                "nom": s.structure.nom,
                "secteur_activite": s.structure.secteur_activite,
            },
        }
