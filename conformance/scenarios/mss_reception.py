"""MSSanté : recevoir des messages. Qui ils concernent, ce qui se range, ce qui attend l'utilisateur, ce qui est refusé."""

from __future__ import annotations

from dataclasses import replace

from ..checks import mss_reception as regles
from ..checks.mss_reception import Recu, shown
from ..checks.mss_transport import reading_removes_nothing
from ..core.campaign import Campaign
from ..core.formulaire import IMAGE
from ..core.gestures.messagerie import IntegrerMessage, LireMessage
from ..core.people import Usager
from ..validation.mail import Mail
from .mss_courrier import RELEVE, connecte, envoie, recoit, releve


def _arrive(c: Campaign, usager: Usager, variante: str, nombre: int = 1, original: str = "") -> list[Recu]:
    """Les messages d'une variante, relevés puis tels que le DUI les montre."""
    connecte(c)
    identifiants = recoit(c, usager, variante, nombre, original=original)
    geste, _ = releve(c)
    lue = c.mss.wait_for(RELEVE, after=geste, pour=("MSS-16",))
    c.require(reading_removes_nothing, lue)
    return [shown(geste, variante, identifiant) for identifiant in identifiants]


def test_document_recu_et_range(c: Campaign) -> None:
    """Un document d'un usager qualifié arrive : rattaché à lui, nommé par ses traits et son INS, préfixe masqué."""
    usager = c.usager("qualifie")
    (recu,) = _arrive(c, usager, "valide")
    c.require(regles.document_of_a_qualified_usager_is_taken, recu)
    c.require(regles.usager_is_shown_by_name_and_ins, recu, usager)
    c.require(regles.technical_prefix_is_hidden, recu)


def test_document_d_un_inconnu(c: Campaign) -> None:
    """Un document d'une personne que le DUI ne connaît pas attend dans une liste de travail."""
    (recu,) = _arrive(c, c.usager("qualifie"), "autre-usager")
    c.require(regles.document_without_a_qualified_match_waits, recu)
    c.attest(
        pour=("MSS-19",),
        constat=(
            "Le document d'une personne inconnue reste-t-il dans une liste de travail où ses traits se comparent à "
            "ceux des dossiers ?"
        ),
        piece="une copie de l'écran",
        formats=IMAGE,
        atteste="un professionnel utilisateur",
    )


def test_document_d_un_usager_non_qualifie(c: Campaign) -> None:
    """Un document dont l'usager, qualifié ailleurs, ne l'est pas dans le DUI n'est pas rattaché d'office."""
    ailleurs = replace(c.usager("recupere"), statut="qualifiee")
    (recu,) = _arrive(c, ailleurs, "valide")
    c.require(regles.document_without_a_qualified_match_waits, recu)


def test_metadonnees_d_une_autre_personne(c: Campaign) -> None:
    """Les métadonnées nomment une autre personne que le document : rien n'est rangé."""
    (recu,) = _arrive(c, c.usager("qualifie"), "mauvais-usager")
    c.require(regles.patient_is_that_of_the_metadata, recu)
    c.attest(
        pour=("MSS-16",),
        constat=("L'usager proposé est-il celui des métadonnées (METADATA.XML), et non celui que nomme le corps du message ?"),
        piece="une copie de l'écran",
        formats=IMAGE,
        atteste="un professionnel utilisateur",
    )


def test_document_recu_deux_fois(c: Campaign) -> None:
    """Le même document arrive dans deux messages : le second est signalé comme déjà intégré."""
    premier, second = _arrive(c, c.usager("qualifie"), "doublon", 2)
    c.require(regles.document_of_a_qualified_usager_is_taken, premier)
    c.require(regles.duplicate_is_told, second)
    c.attest(
        pour=("MSS-17",),
        constat="Le document reçu une seconde fois est-il signalé comme déjà intégré ?",
        piece="une copie de l'écran",
        formats=IMAGE,
        atteste="un professionnel utilisateur",
    )


def test_nouvelle_version_recue(c: Campaign) -> None:
    """Une nouvelle version arrive : proposée, puis validée par l'utilisateur ; le dossier tient les deux."""
    usager = c.usager("qualifie")
    premier, second = _arrive(c, usager, "nouvelle-version", 2)
    c.require(regles.document_of_a_qualified_usager_is_taken, premier)
    c.require(regles.new_version_is_proposed, second)
    c.observed(c.do(IntegrerMessage(usager.id, second.message)), "integre", equals=True, pour=("MSS-18",))
    c.attest(
        pour=("MSS-18",),
        constat=(
            "La nouvelle version, ou la suppression, reçue est-elle proposée, et n'agit-elle qu'après la validation "
            "de l'utilisateur ?"
        ),
        piece="une copie de l'écran",
        formats=IMAGE,
        atteste="un professionnel utilisateur",
    )


def test_version_ancienne_recue(c: Campaign) -> None:
    """Une version plus ancienne arrive après la plus récente : elle ne la remplace pas."""
    premier, second = _arrive(c, c.usager("qualifie"), "ancienne-version", 2)
    c.require(regles.document_of_a_qualified_usager_is_taken, premier)
    c.require(regles.old_version_does_not_replace, second)


def test_suppression_recue(c: Campaign) -> None:
    """Une suppression arrive : proposée à l'utilisateur, qui la refuse puis l'accepte."""
    usager = c.usager("qualifie")
    premier, second = _arrive(c, usager, "suppression", 2)
    c.require(regles.document_of_a_qualified_usager_is_taken, premier)
    c.require(regles.deletion_is_proposed, second)
    refus = c.do(IntegrerMessage(usager.id, second.message, accepte=False))
    c.observed(refus, "copies", equals=1, pour=("MSS-18",))
    c.observed(c.do(IntegrerMessage(usager.id, second.message)), "copies", equals=0, pour=("MSS-18",))


def test_document_valide_pour_un_autre_usager(c: Campaign) -> None:
    """L'utilisateur veut ranger un document reçu dans le dossier d'un autre usager : le DUI compare les traits et refuse."""
    usager, autre = c.usager("qualifie"), c.usager("qualifie")
    (recu,) = _arrive(c, usager, "valide")
    c.require(regles.document_of_a_qualified_usager_is_taken, recu)
    geste = c.do(IntegrerMessage(autre.id, recu.message))
    c.observed(geste, "integre", equals=False, pour=("MSS-19",))


def test_empreinte_fausse(c: Campaign) -> None:
    """Le document reçu n'a pas l'empreinte annoncée : refusé, et le message gardé."""
    (recu,) = _arrive(c, c.usager("qualifie"), "document-change")
    c.require(regles.damaged_archive_is_refused, recu)


def test_archive_qui_deborde(c: Campaign) -> None:
    """Une archive reçue contient un chemin qui sort du dossier : refusée."""
    (recu,) = _arrive(c, c.usager("qualifie"), "zip-slip")
    c.require(regles.trapped_archive_is_refused, recu)


def test_archive_qui_enfle(c: Campaign) -> None:
    """Une archive reçue enfle démesurément à la décompression : refusée, et la messagerie continue."""
    usager = c.usager("qualifie")
    (recu,) = _arrive(c, usager, "bombe-zip")
    c.require(regles.trapped_archive_is_refused, recu)
    (suivant,) = _arrive(c, c.usager("qualifie"), "valide")
    c.require(regles.document_of_a_qualified_usager_is_taken, suivant)


def test_fichier_dangereux(c: Campaign) -> None:
    """La chaîne d'essai des antivirus (EICAR) arrive en pièce jointe : rejetée ou mise en quarantaine."""
    (recu,) = _arrive(c, c.usager("qualifie"), "eicar")
    c.require(regles.infected_file_is_set_aside, recu)
    c.attest(
        pour=("SSI-08",),
        constat="Le fichier d'essai EICAR reçu a-t-il été rejeté, ou mis en quarantaine, sans pouvoir être ouvert ?",
        piece="une copie de l'écran",
        formats=IMAGE,
        atteste="le testeur",
    )


def test_reponse_de_l_usager(c: Campaign) -> None:
    """L'usager répond depuis Mon espace santé : son message se distingue, et le nomme."""
    usager = c.usager("qualifie")
    connecte(c)
    _, soumis = envoie(c, usager, "usager")
    identifiant = soumis.view(Mail).message_id
    (message,) = recoit(c, usager, "reponse", de=f"{usager.ins}@patient.mssante.fr", original=identifiant)
    geste, _ = releve(c)
    recu = shown(geste, "reponse", message)
    c.require(regles.citizen_is_told_from_professional, recu, usager)
    c.require(regles.usager_is_shown_by_name_and_ins, recu, usager)
    c.do(LireMessage(message))
    c.attest(
        pour=("MSS-20",),
        constat="Le message de l'usager se distingue-t-il de celui d'un professionnel, avec ses nom, prénom et INS ?",
        piece="une copie de l'écran",
        formats=IMAGE,
        atteste="un professionnel utilisateur",
    )
