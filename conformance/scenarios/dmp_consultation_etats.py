"""Voir sans clic l'état du DMP et le droit d'y accéder : créé et autorisé, créé et non autorisé, non créé, fermé, interdit."""

from __future__ import annotations

from ..core.campaign import Campaign, Geste
from ..core.formulaire import IMAGE
from ..core.gestures.consultation import OuvrirDossier
from ..core.people import Usager
from .dmp_consultation_appels import EXISTENCE, connecter, consentir, usager_autorisant


def ouvrir(c: Campaign, usager: Usager, *, pour: tuple[str, ...]) -> Geste:
    """Open the record: the gesture, its test of existence judged."""
    ouverture = c.do(OuvrirDossier(usager.id))
    c.expect("DMP-TD0.2", c.dmp.wait_for(EXISTENCE.of(usager), after=ouverture, pour=pour), pour=pour)
    return ouverture


def test_dmp_ouvert_et_autorise(c: Campaign) -> None:
    """DMP créé, accès autorisé : l'écran montre les deux sans clic."""
    pour = ("DMP-CONS-12",)
    _, usager = usager_autorisant(c)
    consentir(c, usager)
    ouverture = ouvrir(c, usager, pour=pour)
    c.observed(ouverture, "dmp", equals="ouvert", pour=pour)
    c.observed(ouverture, "acces", equals="autorise", pour=pour)
    c.observed(ouverture, "ins", equals=True, pour=pour)
    c.observed(ouverture, "consentement", equals=True, pour=pour)
    c.observed(ouverture, "authentification", equals=True, pour=pour)
    c.attest(
        pour=("DMP-CONS-13",),
        constat=("Au survol ou à l'action, une aide « DICA » dit-elle où en sont DMP, INS, consentement et authentification ?"),
        piece="une copie de l'écran",
        formats=IMAGE,
        atteste="un professionnel utilisateur",
    )
    c.attest(
        pour=("DMP-CONS-12",),
        constat=(
            "Dans les quatre états (créé et autorisé, créé et non autorisé, non créé, fermé), l'écran dit-il sans "
            "clic si le DMP est ouvert et l'accès autorisé ?"
        ),
        piece="une copie des quatre écrans",
        formats=IMAGE,
        atteste="un professionnel utilisateur",
    )


def test_dmp_ouvert_et_non_autorise(c: Campaign) -> None:
    """DMP créé, accès non autorisé : l'écran montre les deux sans clic."""
    pour = ("DMP-CONS-12",)
    connecter(c)
    usager = c.usager("qualifie")
    ouverture = ouvrir(c, usager, pour=pour)
    c.observed(ouverture, "dmp", equals="ouvert", pour=pour)
    c.observed(ouverture, "acces", equals="non autorise", pour=pour)
    c.observed(ouverture, "consentement", equals=False, pour=pour)


def test_dmp_absent(c: Campaign) -> None:
    """DMP non créé : l'écran le montre sans clic."""
    pour = ("DMP-CONS-12",)
    connecter(c)
    usager = c.usager("sans-dmp")
    ouverture = ouvrir(c, usager, pour=pour)
    c.observed(ouverture, "dmp", equals="absent", pour=pour)


def test_dmp_ferme(c: Campaign) -> None:
    """DMP fermé : l'écran le montre sans clic."""
    pour = ("DMP-CONS-12",)
    connecter(c)
    usager = c.usager("dmp-ferme")
    ouverture = ouvrir(c, usager, pour=pour)
    c.observed(ouverture, "dmp", equals="ferme", pour=pour)


def test_acces_interdit_par_l_usager(c: Campaign) -> None:
    """Professionnel bloqué par l'usager : l'écran montre sans clic qu'il n'a pas accès."""
    pour = ("DMP-CONS-12",)
    person = connecter(c)
    usager = c.usager("qualifie")
    c.dmp.command("bloquer", matricule=usager.matricule, professionnel=person.id_nat)
    ouverture = ouvrir(c, usager, pour=pour)
    c.observed(ouverture, "acces", equals="non autorise", pour=pour)


def test_identite_du_dmp_sans_effet(c: Campaign) -> None:
    """Les traits d'identité que rend le test d'existence ne changent pas l'état affiché."""
    pour = ("DMP-CONS-12",)
    connecter(c)
    usager = c.usager("qualifie")
    with c.dmp.panne("identite-differente", target="dmp.td0.2"):
        ouverture = ouvrir(c, usager, pour=pour)
    c.observed(ouverture, "dmp", equals="ouvert", pour=pour)
    c.observed(ouverture, "ins", equals=True, pour=pour)
