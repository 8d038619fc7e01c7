"""MSSanté : atteindre l'opérateur, ouvrir les boîtes, survivre à ses refus. Ne concerne qu'un DUI qui a son propre connecteur."""

from __future__ import annotations

from ..checks import mss_transport as regles
from ..checks.tls import no_obsolete_version_is_offered, nothing_is_sent_after_a_bad_certificate, version_is_1_2_or_later
from ..core.campaign import Campaign
from ..core.formulaire import IMAGE
from ..core.gestures.connexion import SeDeconnecter, UtiliserSession
from ..core.gestures.identite import LireIdentite
from ..core.gestures.messagerie import ConfigurerBoite, EnvoyerMessage, ReleverBoite
from ..core.matcher import kind
from .mss_courrier import BOITE, CORRESPONDANT, DOCUMENT, ENVOI, MEDECIN, RELEVE, TENTATIVE, connecte, envoie, releve
from .psc_appels import RAFRAICHISSEMENT

DECOUVERTE = kind("mss.autoconfig", "mss.dns", label="une lecture de la configuration de l'opérateur (fichier ou DNS SRV)")
CONNEXIONS = kind("mss.smtp", "mss.imap", "tls.mss", label="une connexion à l'opérateur")
AUTRE_OPERATEUR = kind("mss.smtp.envoi", label="un message soumis au second opérateur")


def _transport(c: Campaign) -> None:
    if not c.settings.mssante.transport:
        c.skip("le DUI n'a pas son propre connecteur de messagerie ([mssante] transport)")


def test_boite_configuree_sans_saisie(c: Campaign) -> None:
    """La boîte se configure seule, par le fichier publié ou par DNS SRV, puis s'ouvre."""
    _transport(c)
    connecte(c)
    geste = c.do(ConfigurerBoite(BOITE))
    c.mss.wait_for(DECOUVERTE, after=geste, pour=("MSS-01",))
    ouverte = c.mss.wait_for(RELEVE, after=geste, pour=("MSS-01",))
    c.require(regles.human_box_is_opened_by_xoauth2, ouverte)
    c.observed(geste, "essai", equals=True, pour=("MSS-01",))


def test_boite_configuree_par_dns(c: Campaign) -> None:
    """Sans fichier de configuration, la boîte se configure par DNS SRV."""
    _transport(c)
    connecte(c)
    with c.mss.panne("autoconfig-absente"):
        geste = c.do(ConfigurerBoite(BOITE))
    c.mss.wait_for(kind("mss.dns", label="une question DNS SRV"), after=geste, pour=("MSS-01",))
    ouverte = c.mss.wait_for(RELEVE, after=geste, pour=("MSS-01",))
    c.require(regles.human_box_is_opened_by_xoauth2, ouverte, pour=("MSS-01",))


def test_ouverture_de_la_boite_nominative(c: Campaign) -> None:
    """Le DUI soumet un message : TLS d'abord, suites admises, XOAUTH2 avec le jeton du professionnel connecté."""
    _transport(c)
    usager = c.usager("qualifie")
    connecte(c)
    person = c.professionnel(MEDECIN)
    geste = c.do(EnvoyerMessage(usager.id, CORRESPONDANT, DOCUMENT))
    soumis = c.mss.wait_for(TENTATIVE, after=geste, pour=("MSS-02", "MSS-05"))
    c.require(regles.nothing_is_said_before_tls, soumis)
    if soumis.connection.exercised:
        c.require(version_is_1_2_or_later, soumis, pour=("MSS-02",))
        c.require(no_obsolete_version_is_offered, soumis, pour=("MSS-03",))
        c.require(regles.only_the_six_suites_are_offered, soumis)
    c.require(regles.human_box_is_opened_by_xoauth2, soumis)
    c.require(regles.frame_of_xoauth2_is_exact, soumis)
    c.require(regles.token_is_valid_when_presented, soumis)
    c.require(regles.token_is_that_of_the_connected_user, soumis, person, pour=("MSS-05", "PSC-05", "MSS-22"))


def test_releve_de_la_boite_nominative(c: Campaign) -> None:
    """Le DUI relève sa boîte en IMAP : TLS d'abord, XOAUTH2, LOGOUT à la fin, aucun message supprimé."""
    _transport(c)
    connecte(c)
    c.mss.command("remplir", boite=BOITE, nombre=3)
    geste, _ = releve(c)
    lue = c.mss.wait_for(RELEVE, after=geste, pour=("MSS-02",))
    c.require(regles.nothing_is_said_before_tls, lue)
    c.require(regles.human_box_is_opened_by_xoauth2, lue)
    c.require(regles.session_of_imap_is_ended, lue)
    c.require(regles.reading_removes_nothing, lue)


def test_boite_organisationnelle(c: Campaign) -> None:
    """Un professionnel délégué envoie depuis la boîte organisationnelle de sa structure."""
    _transport(c)
    usager = c.usager("qualifie")
    connecte(c)
    person = c.professionnel(MEDECIN)
    _, soumis = envoie(c, usager, boite="organisation")
    c.require(regles.human_box_is_opened_by_xoauth2, soumis, pour=("MSS-05", "MSS-22"))
    c.require(regles.token_is_that_of_the_connected_user, soumis, person, pour=("MSS-05", "MSS-22"))
    c.expect("MSS-COURRIEL-XDM", soumis)


def test_boite_applicative(c: Campaign) -> None:
    """Le DUI envoie depuis la boîte applicative : certificat de la structure, sans jeton de professionnel."""
    _transport(c)
    usager = c.usager("qualifie")
    connecte(c)
    geste = c.do(EnvoyerMessage(usager.id, CORRESPONDANT, DOCUMENT, boite="applicative"))
    soumis = c.mss.wait_for(TENTATIVE, after=geste, pour=("MSS-06", "MSS-22"))
    c.require(regles.applicative_box_is_opened_by_certificate, soumis, pour=("MSS-06", "MSS-22"))
    c.require(regles.certificate_is_that_of_the_structure, soumis)


def test_deux_operateurs(c: Campaign) -> None:
    """Le même envoi réussit chez deux opérateurs, de ports et de règles différents."""
    _transport(c)
    usager = c.usager("qualifie")
    connecte(c)
    _, premier = envoie(c, usager)
    c.require(regles.human_box_is_opened_by_xoauth2, premier, pour=("MSS-23",))
    geste = c.do(EnvoyerMessage(usager.id, CORRESPONDANT, DOCUMENT, operateur="mss-b"))
    second = c.mss_b.wait_for(AUTRE_OPERATEUR.of(usager), after=geste, pour=("MSS-23",))
    c.require(regles.human_box_is_opened_by_xoauth2, second, pour=("MSS-23",))
    c.require(regles.nothing_is_said_before_tls, second, pour=("MSS-23",))
    c.expect("MSS-COURRIEL-XDM", second)


def test_operateur_sans_starttls(c: Campaign) -> None:
    """L'opérateur n'offre plus STARTTLS : le DUI n'envoie rien en clair et le dit."""
    _transport(c)
    usager = c.usager("qualifie")
    connecte(c)
    _, temoin = envoie(c, usager)
    with c.mss.panne("starttls-absent"):
        geste = c.do(EnvoyerMessage(usager.id, CORRESPONDANT, DOCUMENT))
        for session in c.mss.seen(kind("mss.smtp.session", "mss.smtp.refus", label="une session sans TLS"), least=1):
            c.require(regles.nothing_is_said_without_starttls, session)
        c.mss.absent(ENVOI.of(usager), control=temoin, during=geste, pour=("MSS-02",))
    c.observed(geste, "etat_envoi", equals="echec", pour=("MSS-07",))


def test_certificat_expire(c: Campaign) -> None:
    """Le certificat de l'opérateur a expiré : le DUI ne lui envoie aucun octet."""
    _mauvais_certificat(c, "certificat-expire")
    c.attest(
        pour=("MSS-07",),
        constat="Pendant que la messagerie est en échec, le reste du DUI fonctionne-t-il, et l'erreur se comprend-elle ?",
        piece="une copie de l'écran",
        formats=IMAGE,
        atteste="un professionnel utilisateur",
    )


def test_certificat_revoque(c: Campaign) -> None:
    """Le certificat de l'opérateur est révoqué : le DUI ne lui envoie aucun octet."""
    _mauvais_certificat(c, "certificat-revoque")


def test_certificat_d_une_autre_autorite(c: Campaign) -> None:
    """Le certificat de l'opérateur vient d'une autre autorité que l'IGC-Santé : le DUI ne lui envoie aucun octet."""
    _mauvais_certificat(c, "certificat-autre-ac")


def test_certificat_d_un_autre_hote(c: Campaign) -> None:
    """Le certificat de l'opérateur est au nom d'un autre hôte : le DUI ne lui envoie aucun octet."""
    _mauvais_certificat(c, "certificat-mauvais-hote")


def test_version_de_tls_abaissee(c: Campaign) -> None:
    """L'opérateur ne sait plus parler que TLS 1.1 : le DUI ne lui envoie aucun octet."""
    _mauvais_certificat(c, "tls-1-1", ("MSS-02",))


def test_suite_faible(c: Campaign) -> None:
    """L'opérateur n'offre qu'une suite sans confidentialité persistante : le DUI refuse la connexion."""
    _mauvais_certificat(c, "suite-faible", ("MSS-03",))


def test_jeton_refuse(c: Campaign) -> None:
    """L'opérateur refuse le jeton une fois : le DUI le rafraîchit, réessaie une fois et envoie."""
    _transport(c)
    usager = c.usager("qualifie")
    connecte(c)
    with c.mss.panne("jeton-refuse", times=1):
        geste = c.do(EnvoyerMessage(usager.id, CORRESPONDANT, DOCUMENT))
    vues = c.mss.seen(TENTATIVE, least=2)
    c.require(regles.retry_presents_a_fresh_token, *vues)
    c.psc.wait_for(RAFRAICHISSEMENT, after=geste, pour=("PSC-05",))
    c.mss.wait_for(ENVOI.of(usager), after=geste, pour=("MSS-05",))


def test_jeton_refuse_toujours(c: Campaign) -> None:
    """L'opérateur refuse tout jeton : le DUI n'insiste pas, le dit, et le reste du DUI fonctionne."""
    _transport(c)
    usager = c.usager("qualifie")
    connecte(c)
    with c.mss.panne("jeton-refuse"):
        geste = c.do(EnvoyerMessage(usager.id, CORRESPONDANT, DOCUMENT))
        vues = c.mss.seen(TENTATIVE, least=1)
    c.require(regles.refusal_is_followed_by_one_retry, *vues)
    c.observed(geste, "etat_envoi", equals="echec", pour=("MSS-07",))


def test_operateur_indisponible(c: Campaign) -> None:
    """L'opérateur est indisponible : l'envoi échoue et se dit ; la session et les dossiers restent utilisables."""
    _transport(c)
    usager = c.usager("qualifie")
    connecte(c)
    with c.mss.panne("accueil-421"):
        geste = c.do(EnvoyerMessage(usager.id, CORRESPONDANT, DOCUMENT))
    c.observed(geste, "etat_envoi", equals="echec", pour=("MSS-07",))
    c.observed(c.do(LireIdentite(usager.id)), "statut", equals="qualifiee", pour=("MSS-07",))
    c.observed(c.do(UtiliserSession()), "session", equals=True, pour=("MSS-07",))
    _, soumis = envoie(c, usager)
    c.require(regles.token_is_valid_when_presented, soumis, pour=("MSS-07",))


def test_messagerie_apres_l_expiration_du_jeton(c: Campaign) -> None:
    """Le jeton a expiré, la session de Pro Santé Connect vaut encore : la boîte se rouvre sans rien demander."""
    _transport(c)
    connecte(c)
    c.do(ReleverBoite())
    c.advance(minutes=3)
    geste = c.do(ReleverBoite())
    vues = c.mss.seen(RELEVE, least=2)
    c.require(regles.token_is_valid_when_presented, *vues[-1:])
    c.observed(geste, "alerte", equals="", pour=("PSC-11",))


def test_messagerie_apres_la_fin_de_session(c: Campaign) -> None:
    """La session de Pro Santé Connect est finie : la messagerie se ferme, aucune boîte ne s'ouvre."""
    _transport(c)
    connecte(c)
    c.do(ReleverBoite())
    temoin = c.mss.wait_for(RELEVE, pour=("PSC-11",))
    c.do(SeDeconnecter())
    geste = c.do(ReleverBoite())
    c.mss.absent(RELEVE, control=temoin, during=geste, pour=("PSC-11",))


def _mauvais_certificat(c: Campaign, panne: str, pour: tuple[str, ...] = ("MSS-04",)) -> None:
    _transport(c)
    usager = c.usager("qualifie")
    connecte(c)
    envoie(c, usager)
    avant = len(c.mss.seen(CONNEXIONS))
    with c.mss.panne(panne):
        geste = c.do(EnvoyerMessage(usager.id, CORRESPONDANT, DOCUMENT))
        vues = c.mss.seen(CONNEXIONS, least=avant + 1)
    c.require(nothing_is_sent_after_a_bad_certificate, *vues, pour=pour)
    c.observed(geste, "etat_envoi", equals="echec", pour=("MSS-07",))
