"""Sending to the DMP: after a delay in which the user may cancel, in the background, once and only once per document.

An order leaves when its time has come, if the usager does not oppose and the identity is qualified at that moment. When the
DMP cannot answer, the same document (same bytes, same uniqueId) is sent again later, without anyone asking: an answer that
was lost then shows as a duplicate, which means that the document is there.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from .dmp import ClientDmp, DejaDepose, EtatDmp
from .dmp_appels import DepotRefuse, DmpIndisponible
from .documents.document import Document
from .dossier import Dossier
from .horloge import Horloge
from .regles import ReglesEnvoi
from .vihf import Authentification


class EtatEnvoi(StrEnum):
    """Where an order stands."""

    PROGRAMME = "programme"
    RETENU = "retenu"
    BLOQUE = "bloque"
    ANNULE = "annule"
    EN_ATTENTE = "en attente"
    ENVOYE = "envoye"
    ECHEC = "echec"


_A_ENVOYER = frozenset({EtatEnvoi.PROGRAMME, EtatEnvoi.EN_ATTENTE})


@dataclass(slots=True)
class Envoi:
    """One order: the document, who validated it, when it leaves, how many times it was tried.

    ``renouvelle`` writes the document again; a correct DUI never does.
    """

    document: Document
    dossier: Dossier
    authentification: Authentification
    renouvelle: Callable[[str], Document]
    le: datetime
    etat: EtatEnvoi = EtatEnvoi.PROGRAMME
    tentatives: int = 0
    en_cours: bool = False
    motif: str = ""

    @property
    def attend(self) -> bool:
        """True while something remains to be done."""
        return self.etat in _A_ENVOYER


class FileEnvois:
    """The orders and the thread that executes them. Every access is under one lock; the network is used without it."""

    def __init__(self, dmp: ClientDmp, horloge: Horloge, regles: ReglesEnvoi) -> None:
        self._dmp = dmp
        self._horloge = horloge
        self._regles = regles
        self.apres_depot: list[Callable[[Dossier], None]] = []
        self._envois: list[Envoi] = []
        self._change = threading.Condition()
        self._fini = False
        horloge.abonner(self._reveiller)
        self._fil = threading.Thread(target=self._travailler, name="dui-envois", daemon=True)
        self._fil.start()

    def programmer(self, envoi: Envoi) -> None:
        """Take an order; it leaves when its time comes."""
        with self._change:
            self._envois.append(envoi)
            self._change.notify_all()

    def dernier(self, dossier: Dossier) -> Envoi | None:
        """The last order made for this usager."""
        with self._change:
            return next((e for e in reversed(self._envois) if e.dossier is dossier), None)

    def echecs(self, dossier: Dossier) -> int:
        """How many orders of this usager ended in a failure."""
        with self._change:
            return sum(1 for e in self._envois if e.dossier is dossier and e.etat is EtatEnvoi.ECHEC)

    def annuler(self, envoi: Envoi) -> EtatEnvoi:
        """Cancel an order that has not left; gives its state, which is *annule* only if it could be cancelled."""
        with self._change:
            if envoi.attend and not envoi.en_cours and self._regles.respecte_annulation:
                envoi.etat = EtatEnvoi.ANNULE
            return envoi.etat

    def finis(self) -> list[Envoi]:
        """The orders that were carried out, or that failed for good."""
        with self._change:
            return [e for e in self._envois if e.etat in (EtatEnvoi.ENVOYE, EtatEnvoi.ECHEC)]

    def attendre(self, delai: float) -> bool:
        """Let each order that is due, being sent or waiting for the DMP to come back end, or be tried once more.

        False after ``delai`` seconds. What waits is tried at once.
        """
        with self._change:
            maintenant = self._horloge.maintenant()
            suivis = [
                (e, e.tentatives + 1) for e in self._envois if e.attend and (e.en_cours or e.tentatives or e.le <= maintenant)
            ]
            for envoi, _ in suivis:
                envoi.le = min(envoi.le, maintenant)
            self._change.notify_all()
            return self._change.wait_for(lambda: self._fini or all(_abouti(e, essai) for e, essai in suivis), timeout=delai)

    def fermer(self) -> None:
        """Stop the thread; what has not left stays."""
        with self._change:
            self._fini = True
            self._change.notify_all()
        self._fil.join(timeout=10)

    def _reveiller(self) -> None:
        with self._change:
            self._change.notify_all()

    def _prochain(self) -> Envoi | None:
        """The first order whose time has come."""
        maintenant = self._horloge.maintenant()
        return next((e for e in self._envois if e.attend and not e.en_cours and e.le <= maintenant), None)

    def _travailler(self) -> None:
        while True:
            with self._change:
                envoi = self._prochain()
                while envoi is None and not self._fini:
                    self._change.wait(self._duree_avant_le_suivant())
                    envoi = self._prochain()
                if self._fini or envoi is None:
                    return
                envoi.en_cours, envoi.tentatives = True, envoi.tentatives + 1
            etat, motif = self._executer(envoi)
            with self._change:
                envoi.etat, envoi.motif, envoi.en_cours = etat, motif, False
                self._change.notify_all()

    def _duree_avant_le_suivant(self) -> float | None:
        instants = [e.le for e in self._envois if e.attend]
        if not instants:
            return None
        return max(0.0, (min(instants) - self._horloge.maintenant()).total_seconds())

    def _executer(self, envoi: Envoi) -> tuple[EtatEnvoi, str]:
        """One attempt; gives the state that follows it."""
        motif = self._empechement(envoi)
        if motif:
            return EtatEnvoi.BLOQUE, motif
        try:
            self._deposer(envoi)
        except DejaDepose as erreur:
            if envoi.tentatives == 1:
                return EtatEnvoi.ECHEC, str(erreur)
            if self._regles.doublon_vaut_succes:
                return EtatEnvoi.ENVOYE, ""
            envoi.document = envoi.renouvelle("nouveau")
            return self._remettre(envoi, str(erreur))
        except DepotRefuse as erreur:
            return self._remettre(envoi, str(erreur)) if self._regles.retente_un_refus else (EtatEnvoi.ECHEC, str(erreur))
        except DmpIndisponible as erreur:
            return self._remettre(envoi, str(erreur))
        for rappel in self.apres_depot:
            rappel(envoi.dossier)
        return EtatEnvoi.ENVOYE, ""

    def _empechement(self, envoi: Envoi) -> str:
        """Why this order may no longer leave, ``""`` when it may."""
        dossier = envoi.dossier
        if dossier.opposition and self._regles.respecte_opposition_tardive:
            return "l'usager s'oppose à l'alimentation de son DMP"
        if self._regles.exige_identite_qualifiee and not dossier.identite.diffusable:
            return "l'identité de l'usager n'est pas qualifiée"
        return "" if dossier.identite.ins is not None else "l'usager n'a pas d'INS"

    def _deposer(self, envoi: Envoi) -> None:
        ins = envoi.dossier.identite.ins
        assert ins is not None
        if envoi.dossier.dmp_existe is None:
            envoi.dossier.dmp_existe = self._dmp.existe(ins, envoi.authentification) is EtatDmp.OUVERT
        if not envoi.dossier.dmp_existe:
            envoi.dossier.dmp_existe = None
            if self._regles.sans_dmp_vaut_succes:
                return
            raise DepotRefuse("l'usager n'a pas de DMP ouvert")
        if self._regles.demande_autorisation:
            with contextlib.suppress(DepotRefuse, DmpIndisponible):
                self._dmp.declarer_autorisation(ins, envoi.authentification)
        self._dmp.deposer(envoi.document, ins, envoi.authentification)
        if self._regles.renvoie_apres_succes:
            with contextlib.suppress(DepotRefuse):
                self._dmp.deposer(envoi.document, ins, envoi.authentification)

    def _remettre(self, envoi: Envoi, motif: str) -> tuple[EtatEnvoi, str]:
        """Try again later, each time a little later, never more than the bound."""
        if not self._regles.reprend_apres_panne:
            return EtatEnvoi.ECHEC, motif
        if self._regles.a_la_reprise != "identique":
            envoi.document = envoi.renouvelle(self._regles.a_la_reprise)
        attente = self._regles.attente_initiale * 2 ** min(envoi.tentatives - 1, 16)
        envoi.le = self._horloge.maintenant() + min(attente, self._regles.attente_maximale)
        return EtatEnvoi.EN_ATTENTE, motif


def _abouti(envoi: Envoi, essai: int) -> bool:
    """True once an order has nothing left to do, or has made that attempt."""
    return not envoi.en_cours and (not envoi.attend or envoi.tentatives >= essai)
