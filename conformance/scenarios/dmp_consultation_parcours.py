"""L'ordre des appels d'une consultation : test d'existence, autorisation, recherche, document ; un jeton par utilisateur."""

from __future__ import annotations

from ..checks.dmp_parcours import (
    authorisation_precedes_consultation,
    consultation_goes_through_the_api,
    each_call_has_its_token,
    existence_is_tested_first,
    no_search_follows_a_deposit,
    two_users_have_two_tokens,
)
from ..core.campaign import Campaign
from ..core.formulaire import IMAGE, PDF
from ..core.gestures.connexion import SeDeconnecter
from ..core.gestures.consultation import (
    AfficherDocumentDmp,
    EnregistrerConsentement,
    ListerDmpAutorises,
    ListerDocumentsDmp,
    OuvrirDossier,
    RetirerAutorisation,
)
from ..core.matcher import Matcher, kind
from .attestations_pieces import verifier_le_certificat
from .dmp_appels import deposer, laisser_travailler, usager_sans_opposition
from .dmp_consultation_appels import (
    APPEL,
    AUTORISATION,
    DOCUMENT,
    LISTE,
    connecter,
    consentir,
    lister,
    lister_en_vain,
    of_calls,
    temoin,
    usager_autorisant,
    usager_consentant,
    usager_et_document,
)


def test_ordre_des_appels(c: Campaign) -> None:
    """Le test d'existence précède l'autorisation, l'autorisation la recherche, la recherche le document ; un jeton par appel."""
    usager, place = usager_et_document(c)
    _, recherche = lister(c, usager, pour=("DMP-CONS-07",))
    appels = of_calls(c, usager)
    c.require(existence_is_tested_first, *appels, pour=("DMP-CONS-07",))
    c.require(authorisation_precedes_consultation, *appels, pour=("DMP-CONS-08",))
    geste = c.do(AfficherDocumentDmp(usager.id, place.uid, place.titre))
    document = c.dmp.wait_for(DOCUMENT.of(usager), after=geste, pour=("DMP-CONS-17",))
    c.require(each_call_has_its_token, *of_calls(c, usager), pour=("DMP-CONS-10",))
    autorisation = c.dmp.wait_for(AUTORISATION.of(usager), after=geste, pour=("DMP-CONS-08",))
    c.expect("DMP-AUTORISATION", autorisation)
    c.expect("DMP-RECHERCHE", recherche)
    c.expect("DMP-DOCUMENT", document)


def test_premiere_autorisation(c: Campaign) -> None:
    """L'utilisateur qui n'a pas d'autorisation la déclare une fois le consentement recueilli."""
    pour = ("DMP-CONS-08",)
    usager, _ = usager_consentant(c)
    geste = c.do(ListerDocumentsDmp(usager.id))
    c.expect("DMP-TD0.3", c.dmp.wait_for(AUTORISATION.of(usager), after=geste, pour=pour), pour=pour)
    c.dmp.wait_for(LISTE.of(usager), after=geste, pour=pour)
    c.require(authorisation_precedes_consultation, *of_calls(c, usager), pour=pour)


def test_autorisation_valide_non_redemandee(c: Campaign) -> None:
    """Une autorisation valide n'est pas déclarée de nouveau."""
    pour = ("DMP-CONS-08",)
    _, usager = usager_autorisant(c)
    consentir(c, usager)
    geste, recherche = lister(c, usager, pour=pour)
    c.dmp.absent(AUTORISATION.of(usager), control=recherche, during=geste, pour=pour)


def test_autorisation_expiree(c: Campaign) -> None:
    """Une autorisation expirée est déclarée de nouveau avant la recherche."""
    pour = ("DMP-CONS-08",)
    _, usager = usager_autorisant(c, "EXPIRE")
    consentir(c, usager)
    c.do(ListerDocumentsDmp(usager.id))
    c.require(authorisation_precedes_consultation, *of_calls(c, usager), pour=pour)


def test_autorisation_refusee(c: Campaign) -> None:
    """Le DUI à qui le DMP refuse l'autorisation ne cherche rien."""
    pour = ("DMP-CONS-08",)
    connecter(c)
    _, controle = temoin(c, pour=pour)
    usager = c.usager("qualifie")
    consentir(c, usager)
    with c.dmp.panne("autorisation-refusee", target="dmp.td0.3"):
        lister_en_vain(c, usager, LISTE, controle=controle, pour=pour)


def test_autorisation_retiree(c: Campaign) -> None:
    """L'utilisateur retire son autorisation : le DMP en est averti."""
    pour = ("DMP-CONS-02",)
    usager, _ = usager_consentant(c)
    geste, _ = lister(c, usager, pour=pour)
    c.dmp.wait_for(AUTORISATION.of(usager), after=geste, pour=pour)
    retrait = c.do(RetirerAutorisation(usager.id))
    c.expect("DMP-TD0.3", c.dmp.wait_for(AUTORISATION.of(usager), after=retrait, pour=pour), pour=pour)


def lister_sans_droit(c: Campaign, profil: str, appels: Matcher, *, pour: tuple[str, ...]) -> None:
    """Ask for the list of a usager of this profile, who consents: none of these calls follows."""
    connecter(c)
    _, controle = temoin(c, pour=pour)
    usager = c.usager(profil)
    c.do(EnregistrerConsentement(usager.id, accord=True))
    lister_en_vain(c, usager, appels, controle=controle, pour=pour)


def test_sans_dmp_rien_n_est_cherche(c: Campaign) -> None:
    """Pour un usager sans DMP, le DUI ne fait ni autorisation, ni recherche."""
    lister_sans_droit(c, "sans-dmp", AUTORISATION | LISTE, pour=("DMP-CONS-06",))


def test_dmp_ferme_rien_n_est_cherche(c: Campaign) -> None:
    """Pour un usager dont le DMP est fermé, le DUI ne fait ni autorisation, ni recherche."""
    lister_sans_droit(c, "dmp-ferme", AUTORISATION | LISTE, pour=("DMP-CONS-06",))


def test_ins_non_qualifiee_rien_n_est_demande(c: Campaign) -> None:
    """Pour un usager dont l'identité n'est pas qualifiée, le DUI n'appelle pas le DMP."""
    lister_sans_droit(c, "recupere", APPEL, pour=("DMP-CONS-06",))


def test_sans_authentification_rien_n_est_consulte(c: Campaign) -> None:
    """Sans authentification par carte ou Pro Santé Connect, le DUI ne consulte pas."""
    pour = ("DMP-CONS-09",)
    usager, _ = usager_consentant(c)
    _, controle = lister(c, usager, pour=pour)
    c.expect("DMP-CONSULTANT", controle)
    c.do(SeDeconnecter())
    lister_en_vain(c, usager, LISTE, controle=controle, pour=pour)
    connecter(c)
    c.attest(
        pour=("DMP-CONS-25",),
        constat="Les documents intégrés suivent-ils les règles de conservation et d'archivage du DUI ?",
        piece="la page du manuel",
        formats=(*PDF, ".txt"),
        atteste="l'éditeur",
    )


def test_deux_utilisateurs_deux_jetons(c: Campaign) -> None:
    """Deux professionnels qui consultent l'un après l'autre ont chacun leur test d'existence et leur jeton."""
    connecter(c, "infirmiere-ehpad")
    usager = c.usager("qualifie")
    consentir(c, usager)
    _, premiere = lister(c, usager, pour=("DMP-CONS-10",))
    c.do(SeDeconnecter())
    connecter(c, "medecin-multi")
    _, seconde = lister(c, usager, pour=("DMP-CONS-10",))
    c.require(two_users_have_two_tokens, premiere, seconde, pour=("DMP-CONS-10",))
    c.require(existence_is_tested_first, *of_calls(c, usager), pour=("DMP-CONS-07",))
    c.attest(
        pour=("DMP-CONS-11",),
        constat=(
            "L'utilisateur est-il informé que son identifiant national est transmis au DMP : manuel, case à cocher à "
            "la première connexion, écran d'accueil ?"
        ),
        piece="la page du manuel ou une copie de l'écran",
        formats=IMAGE,
        atteste="un professionnel utilisateur",
    )


def test_dmp_ferme_entre_deux_consultations(c: Campaign) -> None:
    """Un DMP fermé depuis la dernière consultation n'est plus interrogé : l'existence est testée à chaque ouverture."""
    pour = ("DMP-CONS-07",)
    usager, _ = usager_consentant(c)
    _, controle = lister(c, usager, pour=pour)
    c.dmp.command("fermer-dmp", matricule=usager.matricule)
    c.do(OuvrirDossier(usager.id))
    lister_en_vain(c, usager, LISTE, controle=controle, pour=pour)


def test_un_depot_n_est_pas_suivi_d_une_recherche(c: Campaign) -> None:
    """Le dépôt d'un document n'entraîne pas de recherche automatique."""
    pour = ("DMP-CONS-16",)
    connecter(c)
    usager = usager_sans_opposition(c)
    consentir(c, usager)
    deposer(c, usager, pour=pour)
    laisser_travailler(c)
    c.require(no_search_follows_a_deposit, *of_calls(c, usager), pour=pour)


def test_consultation_par_l_api(c: Campaign) -> None:
    """La liste des documents vient du DMP par l'API, pas d'une page du WebPS."""
    pour = ("DMP-CONS-24",)
    usager, _ = usager_consentant(c)
    c.do(ListerDocumentsDmp(usager.id))
    vus = c.dmp.seen((LISTE | kind("dmp.webps", label="page du WebPS")).of(usager), least=1)
    c.require(consultation_goes_through_the_api, *vus, pour=pour)
    attestation = c.attest(
        pour=("DMP-CONS-26",),
        constat=("L'homologation CNDA du DMP (profil consultation, mode AIR) porte-t-elle sur ce logiciel et cette version ?"),
        piece="l'attestation du CNDA",
        formats=PDF,
        obligatoire=True,
        atteste="l'éditeur",
    )
    verifier_le_certificat(c, attestation, ("DMP-CONS-26",))


def test_liste_des_dmp_autorises(c: Campaign) -> None:
    """La liste des DMP que l'utilisateur peut consulter se demande depuis une date, et compte ce que le DMP rend."""
    pour = ("DMP-CONS-07",)
    person = connecter(c)
    usager = c.usager("qualifie")
    c.dmp.command(
        "autorisation", matricule=usager.matricule, professionnel=person.id_nat, valeur="VALIDE", depuis="20260101000000"
    )
    geste = c.do(ListerDmpAutorises("2025-01-01"))
    liste = c.dmp.wait_for(kind("dmp.td0.4", label="liste des DMP (TD0.4)").of(person), after=geste, pour=pour)
    c.expect("DMP-TD0.4", liste, pour=pour)
