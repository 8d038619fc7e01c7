"""TLS entre le serveur du DUI et Pro Santé Connect : version, et refus d'un mauvais certificat de serveur.

The bad certificate is served once the user is logged in: what then calls the issuer is the server of the DUI, not a browser.
"""

from __future__ import annotations

from ..checks.tls import no_obsolete_version_is_offered, nothing_is_sent_after_a_bad_certificate, version_is_1_2_or_later
from ..core.campaign import Campaign
from ..core.gestures.connexion import SeConnecter, UtiliserSession
from ..core.matcher import kind
from .psc_appels import CODE, connecter

CONNEXIONS = kind("psc", "tls.psc", label="connexion à Pro Santé Connect")


def test_version_de_tls(c: Campaign) -> None:
    """Le serveur du DUI négocie TLS 1.2 ou plus avec Pro Santé Connect et ne propose rien d'antérieur."""
    person = c.professionnel("infirmiere-ehpad")
    geste = c.do(SeConnecter(person.id))
    jeton = c.psc.wait_for(CODE, after=geste, pour=("PSC-01",))
    if not jeton.connection.exercised:
        c.skip("TLS non exercé dans ce mode")
    c.require(version_is_1_2_or_later, jeton, pour=("PSC-01",))
    c.require(no_obsolete_version_is_offered, jeton)


def test_certificat_expire(c: Campaign) -> None:
    """Le certificat de Pro Santé Connect a expiré : le serveur du DUI ne lui envoie aucun octet."""
    _mauvais_certificat(c, "certificat-expire")


def test_certificat_d_une_autre_autorite(c: Campaign) -> None:
    """Le certificat de Pro Santé Connect vient d'une autorité inconnue : le serveur du DUI ne lui envoie aucun octet."""
    _mauvais_certificat(c, "certificat-autre-ac")


def test_certificat_d_un_autre_hote(c: Campaign) -> None:
    """Le certificat de Pro Santé Connect est au nom d'un autre hôte : le serveur du DUI ne lui envoie aucun octet."""
    _mauvais_certificat(c, "certificat-mauvais-hote")


def test_version_de_tls_abaissee(c: Campaign) -> None:
    """Pro Santé Connect ne sait plus parler que TLS 1.1 : le serveur du DUI ne lui envoie aucun octet."""
    _mauvais_certificat(c, "tls-1-1")


def _mauvais_certificat(c: Campaign, panne: str) -> None:
    connecter(c, c.professionnel("infirmiere-ehpad"))
    avant = len(c.psc.seen(CONNEXIONS))
    with c.psc.panne(panne):
        usage = c.do(UtiliserSession())
        vues = c.psc.seen(CONNEXIONS, least=avant + 1)
    if len(vues) == avant and usage.fait:
        c.skip("le DUI ne rappelle pas Pro Santé Connect en cours de session : son serveur n'a pas eu de certificat à vérifier")
    c.require(nothing_is_sent_after_a_bad_certificate, *vues, pour=("PSC-01",))
