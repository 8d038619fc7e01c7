"""The queue of orders to the DMP, on a clock that only the test moves, before a DMP that does what the test says."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from dui_conformance.core.people import Usager
from dui_conformance.mocks.dui.comptes import Utilisateur
from dui_conformance.mocks.dui.dmp import DejaDepose, EtatDmp
from dui_conformance.mocks.dui.dmp_appels import DepotRefuse, DmpIndisponible
from dui_conformance.mocks.dui.documents.document import TYPES, Document
from dui_conformance.mocks.dui.dossier import Dossier, Dossiers, Ins
from dui_conformance.mocks.dui.envois import Envoi, EtatEnvoi, FileEnvois
from dui_conformance.mocks.dui.horloge import Horloge
from dui_conformance.mocks.dui.regles import ReglesEnvoi
from dui_conformance.mocks.dui.vihf import Authentification

DEPART = datetime(2026, 4, 1, 8, 0, tzinfo=UTC)
LENTE = ReglesEnvoi(attente_initiale=timedelta(hours=1), attente_maximale=timedelta(hours=4))


class FauxDmp:
    """Answers each deposit with the next planned outcome, then accepts."""

    def __init__(self, *suites: Exception | Callable[[], None], etat: EtatDmp = EtatDmp.OUVERT) -> None:
        self.suites = list(suites)
        self.etat = etat
        self.recus: list[bytes] = []

    def existe(self, ins: Ins, authentification: Authentification) -> EtatDmp:
        return self.etat

    def deposer(self, document: Document, ins: Ins, authentification: Authentification) -> None:
        self.recus.append(document.octets)
        suite = self.suites.pop(0) if self.suites else None
        if isinstance(suite, Exception):
            raise suite
        if suite is not None:
            suite()


class Montage:
    """A queue, its clock, and one usager."""

    def __init__(self, dmp: FauxDmp, regles: ReglesEnvoi = LENTE) -> None:
        self.dmp = dmp
        self.horloge = Horloge(lambda: DEPART)
        self.file = FileEnvois(dmp, self.horloge, regles)  # type: ignore[arg-type]
        usager = Usager(
            "u1", "ESSAI", ("ANNE",), "F", "1960-05-15", "55039", matricule="2600555039001", cle="12", oid="1.2.250.1.213.1.4.10"
        )
        self.dossier: Dossier = Dossiers().creer(usager.as_dict())

    def ordonner(self, etat: EtatEnvoi = EtatEnvoi.PROGRAMME) -> Envoi:
        document = Document("2.25.1", TYPES["note-vaccination"], b"<document/>")
        auteur = Authentification(Utilisateur("c", "899700000001", "TESTEUR", "Camille"), DEPART, "INDIRECTE")
        envoi = Envoi(
            document,
            self.dossier,
            auteur,
            renouvelle=lambda _: document,
            le=self.horloge.maintenant() + timedelta(minutes=10),
            etat=etat,
        )
        self.file.programmer(envoi)
        return envoi

    def passer(self, **duree: float) -> None:
        self.horloge.avancer(timedelta(**duree))
        assert self.file.attendre(delai=5)


@pytest.fixture
def monter() -> Iterator[Callable[..., Montage]]:
    montages: list[Montage] = []

    def faire(*suites: Exception, regles: ReglesEnvoi = LENTE, etat: EtatDmp = EtatDmp.OUVERT) -> Montage:
        montages.append(Montage(FauxDmp(*suites, etat=etat), regles))
        return montages[-1]

    yield faire
    for montage in montages:
        montage.file.fermer()


def test_an_order_leaves_when_its_time_has_come(monter: Callable[..., Montage]) -> None:
    montage = monter()
    envoi = montage.ordonner()
    montage.passer(minutes=9)
    assert (envoi.etat, montage.dmp.recus) == (EtatEnvoi.PROGRAMME, [])
    montage.passer(minutes=2)
    assert (envoi.etat, len(montage.dmp.recus)) == (EtatEnvoi.ENVOYE, 1)


def test_the_same_bytes_are_sent_again_until_the_dmp_answers(monter: Callable[..., Montage]) -> None:
    montage = monter(DmpIndisponible("panne"), DmpIndisponible("panne"))
    envoi = montage.ordonner()
    montage.passer(minutes=11)
    assert envoi.etat is EtatEnvoi.EN_ATTENTE
    montage.passer(hours=2)
    montage.passer(hours=4)
    assert envoi.etat is EtatEnvoi.ENVOYE
    assert montage.dmp.recus == [b"<document/>"] * 3


def test_retries_space_out_up_to_a_bound(monter: Callable[..., Montage]) -> None:
    montage = monter(*[DmpIndisponible("panne")] * 4)
    envoi = montage.ordonner()
    attentes = []
    for _ in range(4):
        montage.passer(hours=5)
        attentes.append(round((envoi.le - montage.horloge.maintenant()) / timedelta(hours=1)))
    assert attentes == [1, 2, 4, 4]


def test_a_duplicate_after_a_lost_answer_is_a_success(monter: Callable[..., Montage]) -> None:
    montage = monter(DmpIndisponible("réponse perdue"), DejaDepose("déjà là"))
    envoi = montage.ordonner()
    montage.passer(minutes=11)
    montage.passer(hours=2)
    assert envoi.etat is EtatEnvoi.ENVOYE


def test_a_duplicate_at_the_first_attempt_is_a_failure(monter: Callable[..., Montage]) -> None:
    montage = monter(DejaDepose("déjà là"))
    envoi = montage.ordonner()
    montage.passer(minutes=11)
    assert (envoi.etat, envoi.motif) == (EtatEnvoi.ECHEC, "déjà là")


def test_a_judged_refusal_is_not_tried_again(monter: Callable[..., Montage]) -> None:
    montage = monter(DepotRefuse("métadonnées"))
    envoi = montage.ordonner()
    montage.passer(minutes=11)
    montage.passer(hours=9)
    assert (envoi.etat, len(montage.dmp.recus)) == (EtatEnvoi.ECHEC, 1)


@pytest.mark.parametrize("etat", [EtatDmp.ABSENT, EtatDmp.FERME])
def test_nothing_is_deposited_without_an_open_dmp(monter: Callable[..., Montage], etat: EtatDmp) -> None:
    montage = monter(etat=etat)
    envoi = montage.ordonner()
    montage.passer(minutes=11)
    assert (envoi.etat, montage.dmp.recus) == (EtatEnvoi.ECHEC, [])


def test_opposition_during_the_delay_blocks_the_order(monter: Callable[..., Montage]) -> None:
    montage = monter()
    envoi = montage.ordonner()
    montage.dossier.opposition = True
    montage.passer(minutes=11)
    assert (envoi.etat, montage.dmp.recus) == (EtatEnvoi.BLOQUE, [])


def test_an_identity_that_is_no_longer_qualified_blocks_the_order(monter: Callable[..., Montage]) -> None:
    montage = monter()
    envoi = montage.ordonner()
    montage.dossier.identite = replace(montage.dossier.identite, ins=None)
    montage.passer(minutes=11)
    assert envoi.etat is EtatEnvoi.BLOQUE


def test_a_held_order_never_leaves(monter: Callable[..., Montage]) -> None:
    montage = monter()
    montage.ordonner(EtatEnvoi.RETENU)
    montage.passer(hours=24)
    assert montage.dmp.recus == []


def test_an_order_can_be_cancelled_until_it_leaves(monter: Callable[..., Montage]) -> None:
    montage = monter()
    annule, parti = montage.ordonner(), montage.ordonner()
    assert montage.file.annuler(annule) is EtatEnvoi.ANNULE
    montage.passer(minutes=11)
    assert montage.file.annuler(parti) is EtatEnvoi.ENVOYE
    assert len(montage.dmp.recus) == 1


def test_an_order_that_is_leaving_can_no_longer_be_cancelled(monter: Callable[..., Montage]) -> None:
    commence, continue_ = threading.Event(), threading.Event()

    def tenir() -> None:
        commence.set()
        assert continue_.wait(5)

    montage = monter(tenir)
    envoi = montage.ordonner()
    montage.horloge.avancer(timedelta(minutes=11))
    assert commence.wait(5)
    assert montage.file.annuler(envoi) is not EtatEnvoi.ANNULE
    continue_.set()
    assert montage.file.attendre(delai=5)
    assert envoi.etat is EtatEnvoi.ENVOYE


def test_a_source_that_moves_by_itself_is_not_moved_twice() -> None:
    decalage = timedelta()
    horloge = Horloge(lambda: DEPART + decalage)
    decalage = timedelta(minutes=11)
    horloge.avancer(timedelta(minutes=11))
    assert timedelta(minutes=11) <= horloge.maintenant() - DEPART < timedelta(minutes=12)
