"""The follow-up of orientations: polling, reading, sending statuses and consents, resending what could not leave."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .alterations import Alterations, Couture
from .horloge import Horloge
from .regles_sdo import ReglesSdo
from .sdo_carnet import Carnet, Orientation
from .sdo_client import ClientSdo, SdoIndisponible, SdoRefus
from .sdo_codes import AVEC_MOTIF, LIBELLES
from .sdo_documents import lire_decision, lire_evaluation
from .sdo_messages import Changement, consentement, depuis, lire_evenement, tache

ACCEPTE, EN_ATTENTE, REFUSE = "accepte", "en-attente", "refuse"


class SaisieRefusee(Exception):
    """The DUI does not accept what the user enters."""


@dataclass(slots=True)
class _Attente:
    """A message that could not leave: resent as it was, or written again by a DUI that does not keep it."""

    sorte: str
    type_: str
    corps: bytes
    recrire: Callable[[], bytes]


class Suivi:
    """All of it, over one client and one store."""

    def __init__(self, client: ClientSdo, carnet: Carnet, horloge: Horloge, regles: ReglesSdo, alterations: Alterations) -> None:
        self._client = client
        self._carnet = carnet
        self._horloge = horloge
        self._regles = regles
        self._alterations = alterations
        self._derniere: datetime | None = None
        self._attente: list[_Attente] = []

    def relever(self, *, initiale: bool) -> tuple[int, int]:
        """Poll decisions then events; gives how many of each were new. Raises what the client raises."""
        maintenant = self._horloge.maintenant()
        criteres = depuis(self._borne(maintenant, initiale=initiale))
        if self._regles.avance_malgre_la_panne:
            self._derniere = maintenant
        nouvelles = self._nouvelles(criteres)
        evenements = self._evenements(criteres) if self._regles.releve_les_evenements else 0
        self._derniere = maintenant
        return nouvelles, evenements

    def derniere(self, usager: str) -> Orientation | None:
        """The last orientation of a usager."""
        trouvees = self._carnet.de(usager)
        return trouvees[-1] if trouvees else None

    def signaler_lecture(self, orientation: Orientation) -> str:
        """The notification was opened: it is read."""
        if orientation.lue or orientation.statut != "39":
            orientation.lue = True
            return ""
        orientation.lue = True
        if not self._regles.signale_la_lecture:
            orientation.statut = "40"
            return ""
        return self.changer(orientation, Changement("40"))

    def changer(self, orientation: Orientation, changement: Changement) -> str:
        """Change the status here and say it; raises ``SaisieRefusee``."""
        self._verifier(orientation, changement)
        id_nat = orientation.decision.id_nat_decision
        if not id_nat and not self._regles.invente_l_identifiant:
            raise SaisieRefusee("La décision n'a pas d'identifiant national : aucun événement ne peut être envoyé.")
        id_nat = id_nat or f"SDO-{orientation.decision.id_decision}"

        def ecrire() -> bytes:
            ressource = tache(
                self._client.configuration, orientation.decision.id_decision, id_nat, changement, self._horloge.maintenant()
            )
            ressource = self._alterations.passer(Couture.SDO_EVENEMENT, ressource)
            return _json(ressource)

        issue = self._envoyer("evenement", "Task", ecrire)
        if issue != REFUSE:
            orientation.statut = changement.statut
        return issue

    def consentir(self, orientation: Orientation, *, accord: bool) -> str:
        """Record the answer of the user; only an agreement is sent."""
        orientation.accord = accord
        if not accord and not self._regles.envoie_le_refus:
            return ""

        def ecrire() -> bytes:
            ressource = consentement(self._client.configuration, orientation.decision.id_nat_decision, self._horloge.maintenant())
            return _json(self._alterations.passer(Couture.SDO_CONSENTEMENT, ressource))

        if self._regles.precharge_l_evaluation:
            with suppress(SdoRefus, SdoIndisponible):
                self.evaluer(orientation)
        return self._envoyer("consentement", "Consent", ecrire)

    def evaluer(self, orientation: Orientation) -> str:
        """The evaluation, asked for when the user agrees; raises ``SaisieRefusee`` without his agreement."""
        if not orientation.accord and self._regles.consentement_avant and orientation.accord is not False:
            raise SaisieRefusee("L'usager n'a pas encore consenti à la lecture de son évaluation.")
        if orientation.accord is False and self._regles.respecte_le_refus:
            raise SaisieRefusee("L'usager refuse la lecture de son évaluation.")
        criteres = {"identifier": orientation.decision.id_nat_decision, "type": "51848-0"}
        for essai in range(1, self._regles.essais_evaluation + 1):
            try:
                trouvees = self._client.chercher("evaluation", "DocumentReference", criteres)
            except SdoRefus:
                if essai == self._regles.essais_evaluation:
                    raise
                continue
            orientation.evaluation = lire_evaluation(trouvees[-1]) if trouvees else ""
            break
        return orientation.evaluation

    def renvoyer(self) -> int:
        """Send again what waits, once each; gives how many wait still."""
        reste: list[_Attente] = []
        for attente in self._attente if self._regles.reprend else ():
            corps = attente.corps if self._regles.reprend_a_l_identique else attente.recrire()
            try:
                self._client.envoyer(attente.sorte, attente.type_, corps)
            except SdoIndisponible:
                reste.append(attente)
            except SdoRefus:
                continue
        self._attente = reste
        return len(reste)

    def montrer(self, orientation: Orientation, usager: str) -> dict[str, Any]:
        """What the screen shows."""
        return self._carnet.montrer(orientation, usager, self._horloge.maintenant())

    def _borne(self, maintenant: datetime, *, initiale: bool) -> datetime:
        """Since when: a month at the first connection, else a day before the last success."""
        if self._derniere is None or initiale:
            return maintenant - self._regles.recul_initial
        return maintenant if self._regles.repart_de_maintenant else self._derniere - self._regles.recul

    def _nouvelles(self, instant: str) -> int:
        trouvees = self._client.chercher(
            "decisions", "DocumentReference", {"type": "57830-2", "_lastUpdated": instant, "_elements": "id"}
        )
        connues = self._carnet.connait if not self._regles.oublie_ce_qui_est_lu else lambda document: False
        inconnues = [d for d in dict.fromkeys(str(t.get("id", "")) for t in trouvees) if d and not connues(d)]
        nouvelles = 0
        for document in inconnues if self._regles.lit_tout else inconnues[:1]:
            for _ in range(self._regles.lectures):
                reference = self._client.lire("decision", "DocumentReference", document)
            nouvelles += not self._carnet.connait(document)
            self._carnet.ranger(lire_decision(reference))
        return nouvelles

    def _evenements(self, instant: str) -> int:
        taches = self._client.chercher("notifications", "Task", {"_lastUpdated": instant})
        return sum(self._carnet.appliquer(lire_evenement(tache)) for tache in taches)

    def _verifier(self, orientation: Orientation, changement: Changement) -> None:
        if not self._carnet.permet(orientation, changement.statut):
            suivant, courant = (LIBELLES.get(s, s) for s in (changement.statut, orientation.statut))
            raise SaisieRefusee(f"« {suivant} » ne suit pas « {courant} ».")
        manque = changement.statut in AVEC_MOTIF and not changement.motif
        manque = manque or (changement.statut_unite in AVEC_MOTIF and not changement.motif_unite)
        if manque and self._regles.exige_le_motif:
            raise SaisieRefusee("Ce statut demande un motif.")
        if changement.statut_unite and not changement.unite:
            raise SaisieRefusee("Un statut d'unité demande une unité.")

    def _envoyer(self, sorte: str, type_: str, ecrire: Callable[[], bytes]) -> str:
        """Send, and keep what a service in trouble did not take."""
        corps = self._alterations.passer(Couture.SDO_CORPS, ecrire())
        methode = "PUT" if self._regles.modifie_par_put and sorte == "evenement" else "POST"
        cible = f"{type_}/courante" if methode == "PUT" else type_
        for essai in range(1, self._regles.essais + 1):
            try:
                for _ in range(self._regles.envois_par_evenement if sorte == "evenement" else 1):
                    self._client.envoyer(sorte, cible, corps, methode=methode)
            except SdoRefus:
                return REFUSE
            except SdoIndisponible:
                if essai < self._regles.essais:
                    continue
                self._attente.append(_Attente(sorte, type_, corps, ecrire))
                return EN_ATTENTE
            break
        return ACCEPTE


def _json(ressource: dict[str, Any]) -> bytes:
    return json.dumps(ressource, ensure_ascii=False).encode()
