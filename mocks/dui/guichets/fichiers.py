"""Files extracted from the DUI: use of its functions, places, archived records."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable, Sequence

from openpyxl import Workbook

from ....core.gestures import Etat, Piece, Resultat, fichiers
from .guichet import Guichet

CAPACITE = 6


class GuichetFichiers(Guichet):
    """The gestures of :mod:`core.gestures.fichiers`."""

    gestes = fichiers.GESTES

    def exporter_maturin(self) -> Resultat:
        """How far each function is used, from 0 to 4."""
        regles = self.poste.regles.fichiers
        rows = [(fonction, rang % (regles.echelle + 1)) for rang, fonction in enumerate(regles.fonctions)]
        return _rendu("maturin.xlsx", _tableur("MaturiN", ("Fonction", "Valeur"), rows))

    def exporter_places(self) -> Resultat:
        """The places of the structure, free or not."""
        regles = self.poste.regles.fichiers
        places = [_place(rang, regles.libre, regles.ages) for rang in range(1, CAPACITE + 1)]
        if not regles.extrait_les_places_occupees:
            places = [place for place in places if place["Disponible"] != "Non disponible"]
        if regles.repete_une_place:
            places = [*places[:-1], places[0]]
        rows = [tuple(place[colonne] for colonne in regles.colonnes) for place in places]
        piece = Piece("places.xlsx", _tableur("Places", regles.colonnes, rows))
        return Resultat(Etat.FAIT, "", (("capacite", CAPACITE),), (piece,))

    def archiver_dossier(self, usager: str) -> Resultat:
        """The identity and every document of a record, in a zip."""
        regles = self.poste.regles.fichiers
        dossier = self.poste.dossiers.trouver(usager)
        contenus = dict(list(dossier.contenus.items())[: None if regles.archive_tout else 1])
        traits = dossier.identite.traits
        identite = {"nom": traits.nom_naissance, "prenoms": traits.prenoms, "naissance": traits.date_naissance}
        flux = io.BytesIO()
        with zipfile.ZipFile(flux, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("identite.json", json.dumps(identite, ensure_ascii=False))
            for reference, octets in contenus.items():
                archive.writestr(f"documents/{reference}.xml", octets)
        data = flux.getvalue()
        return _rendu("archive.zip", data if regles.archive_lisible else data[: len(data) // 2])


def _place(rang: int, libre: str, ages: str) -> dict[str, str]:
    return {
        "Place n°": str(rang),
        "Disponible": libre if rang % 2 else "Non disponible",
        "Type de place": "Internat",
        "Tranche d'âge": ages,
        "Sexe": "F" if rang % 2 else "M",
        "Accueil PH": "Non",
        "Accueil MNA": "Oui" if rang == CAPACITE else "Non",
        "Autres modalités d'accueils renforcés": "",
        "Commentaires": "",
    }


def _tableur(titre: str, colonnes: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    classeur = Workbook()
    feuille = classeur.active
    assert feuille is not None
    feuille.title = titre
    feuille.append(list(colonnes))
    for row in rows:
        feuille.append(list(row))
    flux = io.BytesIO()
    classeur.save(flux)
    return flux.getvalue()


def _rendu(nom: str, data: bytes) -> Resultat:
    return Resultat(Etat.FAIT, pieces=(Piece(nom, data),))
