"""Ce que seule une personne voit des documents du dossier : lecture, tri, provenance, schéma vaccinal."""

from __future__ import annotations

from ..core.campaign import Campaign
from ..core.formulaire import IMAGE

_UTILISATEUR = "un professionnel utilisateur"


def test_documents_lisibles(c: Campaign) -> None:
    """Un document stocké s'affiche avec sa feuille de style, en-tête et corps, et ses versions antérieures se consultent."""
    c.attest(
        pour=("CDA-04",),
        constat=(
            "Ouvrez un document structuré reçu, puis un document produit par le DUI et corrigé une fois : l'en-tête "
            "(usager, auteur, dates) et le corps se lisent-ils en entier, avec la feuille de style du document "
            "quand il en porte une, et la version d'avant la correction s'ouvre-t-elle encore ?"
        ),
        piece="une copie des deux écrans, ou une vidéo réduite à quelques images",
        formats=IMAGE,
        atteste=_UTILISATEUR,
    )


def test_documents_tries(c: Campaign) -> None:
    """Les documents se trient par type et par date, valeurs issues du CDA, et leur origine se voit sans clic."""
    c.attest(
        pour=("CDA-05",),
        constat=(
            "Dans un dossier qui tient un document venu du DMP et un autre reçu par MSSanté : la liste se trie-t-"
            "elle par type et par date, avec le type et la date écrits dans le document (et non ceux du fichier), "
            "et l'origine DMP ou MSSanté se voit-elle sans ouvrir le document ?"
        ),
        piece="une copie de la liste",
        formats=IMAGE,
        atteste=_UTILISATEUR,
    )


def test_document_a_deux_formes(c: Campaign) -> None:
    """Un document structuré qui contient son PDF occupe une seule ligne, et c'est le PDF qui s'affiche."""
    c.attest(
        pour=("CDA-06",),
        constat=(
            "Importez un document N3 qui contient aussi un PDF (biologie ou prescription, par exemple) : la liste "
            "ne montre-t-elle qu'une ligne, et l'ouverture montre-t-elle le PDF, la forme structurée restant "
            "accessible ?"
        ),
        piece="une copie de la liste et du document ouvert",
        formats=IMAGE,
        atteste=_UTILISATEUR,
    )


def test_schema_vaccinal(c: Campaign) -> None:
    """Un lien du parcours de vaccination mène au schéma vaccinal du ministère."""
    c.attest(
        pour=("VAC-02",),
        constat=(
            "Depuis l'écran où la vaccination se saisit, un lien ouvre-t-il le calendrier vaccinal en vigueur du "
            "ministère de la santé, sans quitter le dossier ni chercher l'adresse ?"
        ),
        piece="une copie de l'écran où est le lien, et de la page ouverte",
        formats=IMAGE,
        atteste=_UTILISATEUR,
    )
