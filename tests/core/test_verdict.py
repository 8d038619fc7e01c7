"""The roll-up order is part of the product."""

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
