"""Reading scenarios without playing them."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from dui_conformance.catalogue import load
from dui_conformance.cli.couverture import covered_by
from dui_conformance.cli.scenario_scan import Citation, Found, Profiles, scan
from dui_conformance.core.check import Check, make_check
from dui_conformance.core.errors import HarnessError
from dui_conformance.core.exchange import Exchange
from dui_conformance.core.formulaire import PDF, Formulaire
from dui_conformance.core.gestures.connexion import SeConnecter
from dui_conformance.core.gestures.documents import ValiderDocument
from dui_conformance.core.gestures.identite import RechercherIns
from dui_conformance.core.problem import Evidence
from dui_conformance.core.profile import Applied, Profile

NIL = ("GEN-02",)


def _check(name: str, *covers: str) -> Check:
    def rule(exchange: Exchange) -> Evidence:
        """Une règle."""
        return Evidence()

    return make_check(rule, id=name, covers=covers, source="essai", confidence="vu")


un = _check("essai.un", "DMP-ALIM-17")
deux = _check("essai.deux", "DMP-ALIM-18", "INS-13")
PROFILES = Profiles(
    {"ESSAI": Profile("ESSAI", "essai", (), (Applied(("essai.*",)), Applied(("essai.un",), exigences=("VAC-01",))))},
    lambda globs: (un, deux) if globs == ("essai.*",) else (un,),
)


def depose(c: Any) -> None:
    """Un dépôt."""
    u = c.usager("qualifie")
    p = c.professionnel("infirmiere-ehpad")
    c.do(SeConnecter(p.id))
    g = c.start(ValiderDocument(u.id, type="note-vaccination"))
    e = c.dmp.wait_for(u, after=g, pour=("DMP-ALIM-04",))
    c.require(un, e)
    c.advise(deux, e, pour=("INS-13", *NIL))
    c.expect("ESSAI", e)
    with c.dmp.panne("indisponible", times=2):
        c.dmp.absent(u, control=e, pour=("DMP-ALIM-05",))
    c.attest("Est-ce vrai ?", pour=("DMP-ALIM-07",), piece="une copie", formats=PDF, atteste="l'éditeur")


def boucles(c: Any) -> None:
    """Des boucles et des fonctions."""
    for profil, rule in (("corse", un), ("etranger", deux)):
        _cherche(c, profil, rule)
    _cherche(c, "mineur", pour=("INS-01",))
    assert [c.usager("valide") for _ in range(3)]


def _cherche(c: Any, profil: str, rule: Check = un, pour: tuple[str, ...] | None = None) -> None:
    g = c.do(RechercherIns(c.usager(profil).id))
    c.require(rule, g, pour=pour)
    c.observed(g, "statut", equals="recuperee", pour=("INS-07",))


def controle_calcule(c: Any) -> None:
    """Un contrôle illisible."""
    c.require(PROFILES.by_id.get("x"), None)


def pour_calcule(c: Any) -> None:
    """Un « pour » illisible."""
    c.require(un, pour=tuple(sorted("ab")))


def sans_pour(c: Any) -> None:
    """Un refus sans exigence."""
    c.refused(c.do(SeConnecter("x")), control=None, because="…")


def formulaire_calcule(c: Any) -> None:
    """Un formulaire illisible."""
    c.attest(f"Vu {len('x')} fois ?", pour=NIL)


def profil_inconnu(c: Any) -> None:
    """Un profil inconnu."""
    c.expect("AUTRE", None)


def test_applications_cite_their_exigences() -> None:
    found = scan(depose, PROFILES)
    assert found.citations == [
        Citation(("DMP-ALIM-04",), ("attendu.dmp",), "attente"),
        Citation(("DMP-ALIM-17",), ("essai.un",)),
        Citation(("INS-13", "GEN-02"), ("essai.deux",)),
        Citation(("DMP-ALIM-17", "DMP-ALIM-18", "INS-13", "VAC-01"), ("essai.un", "essai.deux")),
        Citation(("DMP-ALIM-05",), ("absent.dmp",)),
        Citation(("DMP-ALIM-07",), (), "attestation", Formulaire("Est-ce vrai ?", "une copie", PDF, atteste="l'éditeur")),
    ]
    assert found.gestes == Counter(se_connecter=1, valider_document=1)
    assert (found.usagers, found.professionnels) == (["qualifie"], Counter({"infirmiere-ehpad": 1}))
    assert found.pannes == Counter(indisponible=1)


def test_loops_and_functions_that_receive_the_campaign_are_followed() -> None:
    found = scan(boucles, PROFILES)
    assert found.usagers == ["corse", "etranger", "mineur", "valide", "valide", "valide"]
    assert found.gestes == Counter(rechercher_ins=3)
    cited = [c.exigences for c in found.citations]
    assert cited == [("DMP-ALIM-17",), ("INS-07",), ("DMP-ALIM-18", "INS-13"), ("INS-07",), ("INS-01",), ("INS-07",)]


@pytest.mark.parametrize(
    ("function", "says"),
    [
        (controle_calcule, "contrôle non résolu"),
        (pour_calcule, "suite d'exigences lisible"),
        (sans_pour, "« pour » manque"),
        (formulaire_calcule, "formulaire illisible"),
        (profil_inconnu, "profil inconnu : AUTRE"),
    ],
)
def test_a_citation_that_cannot_be_read_is_an_error(function: Any, says: str) -> None:
    with pytest.raises(HarnessError, match=says) as raised:
        scan(function, PROFILES)
    assert f"ligne {function.__code__.co_firstlineno + 2}" in str(raised.value)


WAIT = Citation(("DMP-ALIM-04",), ("attendu.dmp",), "attente")
FORM = Formulaire("Est-ce affiché ?")


def test_a_mere_wait_covers_nothing() -> None:
    class Use:
        id = "essai.scenario"
        found = Found([WAIT, Citation(("INS-10",), (), "attestation", FORM)])

    covered = covered_by([Use()])  # type: ignore[list-item]
    assert not covered["DMP-ALIM-04"]
    assert covered["INS-10"].attestations == ("essai.scenario",)
    assert covered["INS-10"].formulaires == (("essai.scenario", FORM),)
    assert covered.keys() == load().keys()
