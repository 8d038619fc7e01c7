"""Les fichiers que le DUI extrait : périmètre d'utilisation (MaturiN), places et dossiers de la protection de l'enfance."""

from __future__ import annotations

from ..checks.fichiers_reporting import (
    archive_holds_every_document,
    archive_is_readable,
    each_function_has_a_value_from_0_to_4,
    extract_speaks_of_every_function,
    places_have_one_row_each,
    places_have_the_nine_columns,
    there_are_as_many_places_as_the_capacity,
    values_of_places_are_those_of_their_column,
)
from ..core.campaign import Campaign
from ..core.gestures.documents import ValiderDocument
from ..core.gestures.fichiers import ArchiverDossier, ExporterMaturin, ExporterPlaces


def test_perimetre_d_utilisation(c: Campaign) -> None:
    """Le DUI extrait son périmètre d'utilisation : chaque fonction, avec une valeur de 0 à 4."""
    extrait = c.do(ExporterMaturin()).piece()
    c.require(extract_speaks_of_every_function, extrait)
    c.require(each_function_has_a_value_from_0_to_4, extrait)


def test_tableau_des_places(c: Campaign) -> None:
    """Le tableau des places : neuf colonnes, des valeurs attendues, une ligne par place, autant de lignes que de places."""
    geste = c.do(ExporterPlaces())
    tableau = geste.piece()
    c.require(places_have_one_row_each, tableau)
    c.require(places_have_the_nine_columns, tableau)
    c.require(values_of_places_are_those_of_their_column, tableau)
    c.require(there_are_as_many_places_as_the_capacity, tableau, geste)


def test_archive_d_un_dossier(c: Campaign) -> None:
    """Le dossier d'un jeune est archivé pour le département : l'archive se relit et tient tous ses documents."""
    jeune = c.usager("qualifie")
    certificat = c.do(ValiderDocument(jeune.id, type="certificat-medical", retenir=True))
    consultation = c.do(ValiderDocument(jeune.id, type="consultation", retenir=True))
    archive = c.do(ArchiverDossier(jeune.id)).piece()
    c.require(archive_is_readable, archive)
    c.require(archive_holds_every_document, archive, certificat, consultation)
