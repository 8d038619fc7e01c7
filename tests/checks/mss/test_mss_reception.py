"""Rules on what a DUI shows of the mails that it receives."""

from __future__ import annotations

from typing import Any

import pytest
from dui_conformance.checks import mss_reception as rules
from dui_conformance.checks.mss_reception import Recu, shown
from dui_conformance.core.campaign import Geste
from dui_conformance.core.check import Check
from dui_conformance.core.errors import CheckFailed, NotTested
from dui_conformance.core.gestures import Etat, Resultat
from dui_conformance.core.gestures.messagerie import ReleverBoite
from dui_conformance.fixtures.people import usager

USAGER = usager("qualifie", "reception")
NAMED = f"{USAGER.nom_naissance} {USAGER.prenom} {USAGER.ins}"


def recu(etat: str = "range", *documents: str, **more: Any) -> Recu:
    return Recu("G1", "valide", "<1@x>", {"etat": etat, "documents": list(documents), "objet": "CR", **more})


@pytest.mark.parametrize(
    ("rule", "good", "bad"),
    [
        (rules.document_of_a_qualified_usager_is_taken, recu("range", "nouveau"), recu("rejete")),
        (rules.document_without_a_qualified_match_waits, recu("a rattacher"), recu("range", "nouveau")),
        (rules.patient_is_that_of_the_metadata, recu("rejete"), recu("range", "nouveau")),
        (rules.duplicate_is_told, recu("lu", "deja integre"), recu("range", "nouveau")),
        (rules.new_version_is_proposed, recu("a valider", "nouvelle version"), recu("range", "nouveau")),
        (rules.old_version_does_not_replace, recu("a valider", "version ancienne"), recu("a valider", "nouvelle version")),
        (rules.deletion_is_proposed, recu("a valider", "suppression"), recu("lu", "deja integre")),
        (rules.damaged_archive_is_refused, recu("rejete"), recu("range", "nouveau")),
        (rules.trapped_archive_is_refused, recu("rejete"), recu("range", "nouveau")),
        (rules.infected_file_is_set_aside, recu("quarantaine"), recu("lu")),
        (rules.technical_prefix_is_hidden, recu(objet="CR ESSAI"), recu(objet="XDM/1.0/DDM+CR ESSAI")),
        (rules.receipts_are_not_ordinary_mails, recu(expediteur="service"), recu(expediteur="professionnel")),
    ],
    ids=lambda value: value.id if isinstance(value, Check) else "",
)
def test_state_of_a_mail(rule: Check, good: Recu, bad: Recu) -> None:
    assert rule(good).at == "message « valide »"
    for wrong in (bad, Recu("G1", "valide", "<1@x>")):
        with pytest.raises(CheckFailed) as failure:
            rule(wrong)
        assert failure.value.expected
        assert failure.value.hint


def test_citizen_and_usager_are_named() -> None:
    assert rules.citizen_is_told_from_professional(recu(expediteur="usager"), USAGER).note == "usager"
    assert rules.usager_is_shown_by_name_and_ins(recu(usager=NAMED), USAGER)
    with pytest.raises(CheckFailed):
        rules.citizen_is_told_from_professional(recu(expediteur="professionnel"), USAGER)
    with pytest.raises(CheckFailed):
        rules.usager_is_shown_by_name_and_ins(recu(usager=USAGER.nom_naissance), USAGER)


def test_what_the_dui_does_not_declare_is_not_tested() -> None:
    geste = Geste("G1", ReleverBoite(), Resultat(Etat.FAIT))
    with pytest.raises(NotTested, match="liste des messages"):
        shown(geste, "valide", "<1@x>")
    with pytest.raises(NotTested, match="état"):
        rules.infected_file_is_set_aside(Recu("G1", "eicar", "<1@x>", {"objet": "x"}))
    listed = Resultat(Etat.FAIT, observations=(("messages", [{"message_id": "<1@x>", "etat": "lu"}]),))
    assert shown(Geste("G1", ReleverBoite(), listed), "valide", "<1@x>").etat == "lu"
    assert shown(Geste("G1", ReleverBoite(), listed), "valide", "<2@x>").montre == {}
