"""La liste des documents du DMP : complète, par type, filtrée par le DMP ; l'écran reste utilisable pendant la recherche."""

from __future__ import annotations

from datetime import timedelta

from ..checks.dmp_affichage import list_names_the_document, list_shows_what_came
from ..checks.dmp_demandes import search_applies_the_filters
from ..checks.dmp_requetes import first_search_is_bounded
from ..core.campaign import Campaign
from ..core.formulaire import IMAGE
from ..core.gestures.consultation import ListerDocumentsDmp
from .dmp_consultation_appels import (
    BIOLOGIE,
    COMPTE_RENDU,
    LISTE,
    LOINC,
    PRESCRIPTION,
    lister,
    placer,
    usager_consentant,
    usager_et_document,
)


def test_liste_complete(c: Campaign) -> None:
    """La liste montre chaque document que le DMP a rendu, sous son titre, quel que soit son type."""
    pour = ("DMP-CONS-15",)
    usager, le = usager_consentant(c)
    places = [
        placer(c, usager, le, rang=r, sorte=s, jours=r * 20) for r, s in ((1, COMPTE_RENDU), (2, PRESCRIPTION), (3, BIOLOGIE))
    ]
    geste, recherche = lister(c, usager, pour=pour)
    c.expect("DMP-TD3.1", recherche, pour=("DMP-CONS-16",))
    c.require(first_search_is_bounded, recherche, pour=("DMP-CONS-16",))
    c.require(list_shows_what_came, geste, recherche, pour=pour)
    for place in places:
        c.require(list_names_the_document, geste, place.titre, pour=pour)
    c.attest(
        pour=pour,
        constat=(
            "La liste est-elle dans le dossier de l'usager, sans interface dédiée au DMP, groupée par type et avec "
            "date et auteur ?"
        ),
        piece="une copie de l'écran",
        formats=IMAGE,
        atteste="un professionnel utilisateur",
    )


def test_liste_rendue_en_double(c: Campaign) -> None:
    """Un document que le registre rend deux fois ne s'affiche qu'une fois."""
    pour = ("DMP-CONS-15",)
    usager, place = usager_et_document(c)
    with c.dmp.panne("liste-en-double", target="dmp.td3.1"):
        geste, recherche = lister(c, usager, pour=pour)
    c.require(list_shows_what_came, geste, recherche, pour=pour)
    c.require(list_names_the_document, geste, place.titre, pour=pour)


def test_liste_vide(c: Campaign) -> None:
    """Un DMP sans document donne une liste vide, sans erreur."""
    pour = ("DMP-CONS-15",)
    usager, _ = usager_consentant(c)
    geste, recherche = lister(c, usager, pour=pour)
    c.require(list_shows_what_came, geste, recherche, pour=pour)


def test_filtre_par_type(c: Campaign) -> None:
    """Le type choisi par l'utilisateur est un critère de la recherche, et la liste ne montre que lui."""
    usager, le = usager_consentant(c)
    gardes = [placer(c, usager, le, rang=r, sorte=s, jours=r * 20) for r, s in ((1, COMPTE_RENDU), (2, PRESCRIPTION))]
    geste = c.do(ListerDocumentsDmp(usager.id, type=LOINC[PRESCRIPTION]))
    recherche = c.dmp.wait_for(LISTE.of(usager), after=geste, pour=("DMP-CONS-16",))
    c.expect("DMP-TD3.1", recherche, pour=("DMP-CONS-16",))
    c.require(search_applies_the_filters, geste, recherche, pour=("DMP-CONS-16",))
    c.require(list_shows_what_came, geste, recherche, pour=("DMP-CONS-15",))
    c.require(list_names_the_document, geste, gardes[1].titre, pour=("DMP-CONS-15",))


def test_filtre_par_dates(c: Campaign) -> None:
    """Les dates choisies par l'utilisateur bornent la recherche."""
    usager, le = usager_consentant(c)
    placer(c, usager, le, rang=1, jours=90)
    place = placer(c, usager, le, rang=2, jours=40)
    debut, fin = le - timedelta(days=60), le - timedelta(days=20)
    geste = c.do(ListerDocumentsDmp(usager.id, depuis=f"{debut:%Y-%m-%d}", jusqu_a=f"{fin:%Y-%m-%d}"))
    recherche = c.dmp.wait_for(LISTE.of(usager), after=geste, pour=("DMP-CONS-16",))
    c.expect("DMP-TD3.1", recherche, pour=("DMP-CONS-16",))
    c.require(search_applies_the_filters, geste, recherche, pour=("DMP-CONS-16",))
    c.require(list_names_the_document, geste, place.titre, pour=("DMP-CONS-15",))


def test_filtre_par_auteur(c: Campaign) -> None:
    """L'auteur choisi par l'utilisateur est un critère de la recherche."""
    usager, le = usager_consentant(c)
    placer(c, usager, le, rang=1)
    place = placer(c, usager, le, rang=2, nom_auteur="ESSAI-LIBERAL")
    geste = c.do(ListerDocumentsDmp(usager.id, auteur="ESSAI-LIBERAL"))
    recherche = c.dmp.wait_for(LISTE.of(usager), after=geste, pour=("DMP-CONS-16",))
    c.expect("DMP-TD3.1", recherche, pour=("DMP-CONS-16",))
    c.require(search_applies_the_filters, geste, recherche, pour=("DMP-CONS-16",))
    c.require(list_names_the_document, geste, place.titre, pour=("DMP-CONS-15",))


def test_ecran_utilisable_pendant_la_recherche(c: Campaign) -> None:
    """Pendant une recherche lente, l'écran reste utilisable."""
    pour = ("DMP-CONS-23",)
    usager, _ = usager_consentant(c)
    lenteur = 5.0 if c.settings.pilote.nom == "manuel" else 0.3
    c.dmp.command("reponse-lente", matricule=usager.matricule, transaction="dmp.td3.1", secondes=lenteur)
    try:
        geste, recherche = lister(c, usager, pour=pour)
    finally:
        c.dmp.command("reponse-lente", matricule=usager.matricule, transaction="dmp.td3.1", secondes=0)
    c.expect("DMP-TD3.1", recherche, pour=("DMP-CONS-16",))
    c.observed(geste, "disponible", equals=True, pour=pour)
    c.attest(
        pour=("DMP-CONS-23",),
        constat="Pendant que le DMP tarde à répondre, l'utilisateur peut-il ouvrir un autre dossier et saisir ?",
        piece="une copie de l'écran",
        formats=IMAGE,
        atteste="un professionnel utilisateur",
    )
