"""Ce que l'utilisateur choisit et voit : visibilité d'un document, envoi à la main, historique, échecs."""

from __future__ import annotations

from ..checks.dmp_alimentation import deposit_is_stored, deposited_type_is_that_of_the_gesture
from ..checks.dmp_choix import (
    a_final_refusal_is_not_retried,
    author_without_rpps_is_completed,
    failure_is_shown,
    failures_are_counted,
    historical_document_is_dated_of_its_act,
    visibility_is_the_chosen_one,
)
from ..core.campaign import Campaign, Geste
from ..core.formulaire import IMAGE
from ..core.gestures.alimentation import ConsulterEnvois, DeposerDocument
from ..core.gestures.documents import ValiderDocument
from ..core.people import Usager
from .dmp_appels import (
    DEPOT,
    attendre_depot,
    deposer,
    laisser_travailler,
    ouvrir_session,
    temoin,
    type_usuel,
    usager_sans_opposition,
    valider,
)

_VISIBILITE, _MANUEL, _HISTORIQUE = ("DMP-ALIM-10",), ("DMP-ALIM-11",), ("DMP-ALIM-12",)
_DEJA, _ECHEC = ("DMP-ALIM-09",), ("DMP-ALIM-19",)
_HIER = "2024-03-12"


def test_document_invisible_a_l_usager(c: Campaign) -> None:
    """Un document que l'utilisateur rend « Invisible » part avec INVISIBLE_PATIENT, et le suivant est visible."""
    ouvrir_session(c)
    usager = usager_sans_opposition(c)
    _visible(c, usager, "invisible-patient")
    _visible(c, usager, "")


def test_document_masque_aux_professionnels(c: Campaign) -> None:
    """Un document que l'utilisateur masque aux professionnels part avec MASQUE_PS."""
    ouvrir_session(c)
    _visible(c, usager_sans_opposition(c), "masque-ps")


def test_document_d_un_mineur_cache_a_ses_representants(c: Campaign) -> None:
    """Un document d'un mineur, caché à ses représentants légaux, part avec INVISIBLE_REPRESENTANTS_LEGAUX."""
    ouvrir_session(c)
    _visible(c, c.usager("mineur"), "invisible-representants")


def test_document_retenu_puis_envoye_a_la_main(c: Campaign) -> None:
    """Un document retenu à la validation peut être envoyé ensuite, à la main."""
    ouvrir_session(c)
    usager = usager_sans_opposition(c)
    c.do(ValiderDocument(usager.id, type=type_usuel(c), retenir=True))
    geste = c.do(DeposerDocument(usager.id))
    depot = attendre_depot(c, usager, geste, pour=_MANUEL)
    c.require(deposit_is_stored, depot, pour=_MANUEL)


def test_document_de_l_historique(c: Campaign) -> None:
    """Un document de l'historique, envoyé à la main, est daté de l'acte qu'il rapporte."""
    ouvrir_session(c)
    usager = usager_sans_opposition(c)
    geste = c.do(DeposerDocument(usager.id, type="fiche-soins", date=_HIER))
    depot = attendre_depot(c, usager, geste, pour=_MANUEL)
    c.require(deposited_type_is_that_of_the_gesture, geste, depot, pour=_MANUEL)
    c.require(historical_document_is_dated_of_its_act, geste, depot, pour=_HISTORIQUE)
    c.require(deposit_is_stored, depot, pour=_MANUEL)
    c.expect("XDS-DEPOT", depot, pour=("DMP-ALIM-18",))
    c.expect("XDS-CDA", depot)


def test_historique_d_un_auteur_sans_rpps(c: Campaign) -> None:
    """Un document de l'historique dont l'auteur n'est pas au RPPS est complété par la personne morale."""
    ouvrir_session(c)
    usager = usager_sans_opposition(c)
    geste = c.do(DeposerDocument(usager.id, type="fiche-soins", date=_HIER, auteur="sans-rpps"))
    depot = attendre_depot(c, usager, geste, pour=_HISTORIQUE)
    c.require(author_without_rpps_is_completed, depot, pour=_HISTORIQUE)
    c.require(deposit_is_stored, depot, pour=_HISTORIQUE)
    c.expect("XDS-CDA", depot)


def test_document_deja_depose(c: Campaign) -> None:
    """Un document déjà au DMP n'y est pas envoyé une seconde fois, même à la demande."""
    ouvrir_session(c)
    usager = usager_sans_opposition(c)
    depot = deposer(c, usager, pour=_DEJA)
    laisser_travailler(c)
    geste = c.do(DeposerDocument(usager.id))
    c.dmp.absent(DEPOT.of(usager), control=depot, during=geste, pour=_DEJA)
    c.attest(
        pour=("DMP-ALIM-13",),
        constat="Le document déjà déposé est-il signalé comme tel dans le dossier ?",
        piece="une copie de l'écran",
        formats=IMAGE,
        atteste="l'utilisateur qui a déposé le document",
    )


def test_refus_du_dmp_visible_et_compte(c: Campaign) -> None:
    """Un dépôt que le DMP refuse est montré, avec son motif, et compté ; il n'est pas renvoyé tel quel."""
    ouvrir_session(c)
    controle = temoin(c, pour=_ECHEC)
    usager = usager_sans_opposition(c)
    geste = valider(c, usager)
    with c.dmp.panne("metadonnees-refusees", times=1, target="dmp.td2.1"):
        attendre_depot(c, usager, geste, pour=_ECHEC)
        laisser_travailler(c)
    c.dmp.absent(DEPOT.of(usager), control=controle.depot, during=geste, pour=_ECHEC, within=controle.fenetre(c))
    _montre(c, usager)


def test_droits_refuses_visibles_et_comptes(c: Campaign) -> None:
    """Un dépôt que la matrice des droits refuse (DMPAccessDeniedByRightsService) est montré et compté."""
    ouvrir_session(c)
    usager = usager_sans_opposition(c)
    geste = valider(c, usager)
    with c.dmp.panne("acces-refuse", times=1, target="dmp.td2.1"):
        attendre_depot(c, usager, geste, pour=_ECHEC)
        laisser_travailler(c)
    _montre(c, usager)


def _visible(c: Campaign, usager: Usager, choix: str) -> None:
    geste = c.do(ValiderDocument(usager.id, type=type_usuel(c), visibilite=choix))
    depot = attendre_depot(c, usager, geste, pour=_VISIBILITE)
    c.require(visibility_is_the_chosen_one, geste, depot, pour=_VISIBILITE)
    c.require(deposit_is_stored, depot, pour=_VISIBILITE)


def _montre(c: Campaign, usager: Usager) -> None:
    essais = c.dmp.seen(DEPOT.of(usager))
    c.advise(a_final_refusal_is_not_retried, *essais, pour=_ECHEC)
    ecran: Geste = c.do(ConsulterEnvois(usager.id))
    if ecran.observation("etat_envoi") is None:
        c.attest(
            pour=_ECHEC,
            constat="L'échec du dépôt est-il visible, avec son motif, et compté ?",
            piece="une copie de l'écran",
            formats=IMAGE,
            atteste="le testeur",
        )
        return
    c.require(failure_is_shown, ecran, *essais, pour=_ECHEC)
    c.require(failures_are_counted, ecran, *essais, pour=_ECHEC)
