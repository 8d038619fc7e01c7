"""The roll-up order is part of the product."""

import pytest
from dui_conformance.core.verdict import Verdict, roll_up


def test_roll_up_gives_the_worst_verdict() -> None:
    assert roll_up([Verdict.CONFORME, Verdict.AVERTISSEMENT, Verdict.NON_TESTE]) is Verdict.AVERTISSEMENT
    assert roll_up([Verdict.NON_CONCLUANT, Verdict.NON_CONFORME]) is Verdict.NON_CONFORME
    assert roll_up([Verdict.ERREUR, Verdict.NON_CONFORME]) is Verdict.ERREUR


def test_roll_up_says_sans_objet_only_when_nothing_else_applies() -> None:
    assert roll_up([Verdict.SANS_OBJET]) is Verdict.SANS_OBJET
    assert roll_up([Verdict.SANS_OBJET, Verdict.CONFORME]) is Verdict.CONFORME


def test_roll_up_of_nothing_is_not_a_pass() -> None:
    assert roll_up([]) is Verdict.NON_CONCLUANT


@pytest.mark.parametrize(
    ("verdict", "count", "said"),
    [
        (Verdict.CONFORME, 0, "0 conforme"),
        (Verdict.CONFORME, 463, "463 conformes"),
        (Verdict.NON_TESTE, 2, "2 non testés"),
        (Verdict.A_EXAMINER, 27, "27 à examiner"),
        (Verdict.SANS_OBJET, 2, "2 sans objet"),
        (Verdict.ERREUR, 2, "2 erreurs du harnais"),
    ],
)
def test_a_count_agrees_with_its_word(verdict: Verdict, count: int, said: str) -> None:
    assert verdict.counted(count) == said
