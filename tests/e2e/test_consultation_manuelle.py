"""A tester with no driver plays the consultation by hand: the instructions say enough, and the verdicts are the same."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from e2e.commands import Running
from e2e.test_drivers import Bench, verdicts

SCENARIOS = (
    "dmp_consultation_consentement.hors_equipe_un_consentement_par_consultation",
    "dmp_consultation_documents.document_integre",
    "dmp_consultation_droits.document_invisible_a_l_usager",
    "dmp_consultation_etats.dmp_ouvert_et_autorise",
    "dmp_consultation_gestion.document_rendu_visible",
    "dmp_consultation_liste.filtre_par_dates",
    "dmp_consultation_parcours.ordre_des_appels",
    "dmp_consultation_urgence.urgence_sans_motif",
    "dmp_consultation_veille.nouveaux_documents_comptes",
)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench.make(tmp_path_factory.mktemp("testeur"))


@pytest.fixture
def daemon(bench: Bench) -> Iterator[Running]:
    with bench.daemon() as running:
        yield running


def test_a_tester_plays_the_consultation_by_hand(bench: Bench, daemon: Running) -> None:
    assert bench.campaign("manuel", SCENARIOS, daemon, "manuel") == verdicts(bench.temoin(SCENARIOS))
