"""Se connecter par Pro Santé Connect : le flux par code, et ce qu'un DUI doit accepter."""

from __future__ import annotations

from ..checks.oidc_aleas import nonce_is_not_predictable, pkce_challenge_changes_at_each_request, state_is_not_predictable
from ..checks.oidc_demande import discovery_uses_the_wallet_name, nonce_changes_at_each_request, state_changes_at_each_request
from ..checks.oidc_jeton import code_is_used_once, grant_is_an_allowed_one, pkce_verifier_matches_the_challenge
from ..checks.oidc_session import (
    higher_acr_is_accepted,
    homonyms_do_not_share_an_account,
    login_opens_a_session,
    new_signing_key_is_accepted,
    same_identifier_opens_the_same_account,
    userinfo_as_jwt_is_accepted,
)
from ..checks.oidc_vie import (
    audience_in_a_list_is_accepted,
    encrypted_userinfo_is_accepted,
    keys_of_unknown_sorts_are_ignored,
)
from ..core.campaign import Campaign
from ..core.formulaire import IMAGE, TABLEUR
from ..core.gestures.connexion import SeConnecter, SeDeconnecter
from .psc_appels import AUTORISATION, CODE, DECOUVERTE, JETON, TOUT, USERINFO, connecter, reconnecter, reconnecter_autrement


def test_connexion_par_pro_sante_connect(c: Campaign) -> None:
    """La connexion par Pro Santé Connect suit le flux par code, de la demande d'autorisation à l'ouverture de la session."""
    person = c.professionnel("infirmiere-ehpad")
    geste = c.do(SeConnecter(person.id))
    demande = c.psc.wait_for(AUTORISATION, after=geste, pour=("PSC-01", "PSC-02"))
    for decouverte in c.psc.seen(DECOUVERTE):
        c.require(discovery_uses_the_wallet_name, decouverte)
    c.expect("PSC-AUTORISATION", demande)

    jeton = c.psc.wait_for(JETON, after=geste, pour=("PSC-01",))
    if c.require(grant_is_an_allowed_one, jeton):
        c.expect("PSC-JETON-CODE", jeton)
    if jeton.facts.get("pkce") in ("ok", "ko"):
        c.require(pkce_verifier_matches_the_challenge, jeton)

    for autre in c.psc.seen(CODE):
        if autre.id != jeton.id:
            c.require(code_is_used_once, autre)
    for lecture in c.psc.seen(USERINFO):
        c.expect("PSC-USERINFO", lecture)
    c.require(login_opens_a_session, geste, jeton)


def test_nom_de_la_configuration(c: Campaign) -> None:
    """La configuration de Pro Santé Connect est lue sous son nom propre, aussi quand elle est relue une nuit plus tard."""
    person = c.professionnel("infirmiere-ehpad")
    connecter(c, person)
    c.do(SeDeconnecter())
    c.advance(hours=13)
    connecter(c, person)
    lectures = c.psc.seen(DECOUVERTE)
    if not lectures:
        c.skip("le DUI n'a pas relu la configuration de Pro Santé Connect : la redémarrer pendant le scénario")
    c.require(discovery_uses_the_wallet_name, lectures[-1])


def test_deux_connexions_tirent_des_valeurs_neuves(c: Campaign) -> None:
    """Deux connexions successives emploient un state, un nonce et un code_challenge différents, que rien ne relie."""
    person = c.professionnel("infirmiere-ehpad")
    connecter(c, person)
    reconnecter(c, person)
    demandes = c.psc.seen(AUTORISATION)
    c.require(state_changes_at_each_request, *demandes)
    c.require(nonce_changes_at_each_request, *demandes)
    c.require(state_is_not_predictable, *demandes)
    c.require(nonce_is_not_predictable, *demandes)
    if all("code_challenge" in demande.http.query for demande in demandes):
        c.require(pkce_challenge_changes_at_each_request, *demandes)


def test_niveau_eidas2_accepte(c: Campaign) -> None:
    """Le DUI accepte acr eidas2, que Pro Santé Connect répond à une demande eidas1."""
    person = c.professionnel("infirmiere-ehpad")
    c.psc.command("acr", valeur="eidas2")
    try:
        geste = c.do(SeConnecter(person.id))
        jeton = c.psc.wait_for(CODE, after=geste, pour=("PSC-02",))
    finally:
        c.psc.command("acr", valeur="eidas1")
    c.require(higher_acr_is_accepted, geste, jeton)


def test_nouvelle_cle_de_signature_acceptee(c: Campaign) -> None:
    """Le DUI accepte un id_token signé par une clé publiée depuis sa dernière lecture du JWKS."""
    person = c.professionnel("infirmiere-ehpad")
    avant = c.do(SeConnecter(person.id))
    premier = c.psc.wait_for(CODE, after=avant, pour=("PSC-01",))
    c.do(SeDeconnecter())
    c.psc.command("rotation-cles")
    try:
        apres = c.do(SeConnecter(person.id))
        second = c.psc.wait_for(CODE, after=apres, pour=("PSC-01",))
    finally:
        c.psc.command("cles-precedentes")
    c.require(new_signing_key_is_accepted, apres, premier, second)


def test_userinfo_en_jwt_accepte(c: Campaign) -> None:
    """Le DUI lit un userinfo reçu comme JWT signé au lieu de JSON."""
    person = c.professionnel("medecin-multi")
    connecter(c, person)
    if not c.psc.seen(USERINFO):
        c.skip("le DUI ne lit pas userinfo à la connexion")
    c.do(SeDeconnecter())
    with c.psc.panne("userinfo-jwt"):
        geste = c.do(SeConnecter(person.id))
    c.require(userinfo_as_jwt_is_accepted, geste, *c.psc.seen(TOUT))


def test_userinfo_chiffre_accepte(c: Campaign) -> None:
    """Le DUI qui a donné sa clé publique lit un userinfo signé puis chiffré (JWE)."""
    person = c.professionnel("medecin-multi")
    connecter(c, person)
    if not c.psc.seen(USERINFO):
        c.skip("le DUI ne lit pas userinfo à la connexion")
    c.do(SeDeconnecter())
    with c.psc.panne("userinfo-jwe"):
        geste = c.do(SeConnecter(person.id))
    c.advise(encrypted_userinfo_is_accepted, geste, *c.psc.seen(TOUT))


def test_destinataire_dans_une_liste(c: Campaign) -> None:
    """Le DUI accepte un id_token qui porte son destinataire dans une liste d'un élément."""
    person = c.professionnel("infirmiere-ehpad")
    connecter(c, person)
    geste = reconnecter_autrement(c, person, "jeton-aud-liste")
    jeton = c.psc.wait_for(CODE, after=geste, pour=("PSC-01",))
    c.require(audience_in_a_list_is_accepted, geste, jeton)


def test_cles_de_sortes_inconnues(c: Campaign) -> None:
    """Le DUI ignore, dans le JWKS, les clés qu'il ne sait pas lire."""
    person = c.professionnel("infirmiere-ehpad")
    connecter(c, person)
    c.do(SeDeconnecter())
    c.psc.command("rotation-cles")
    try:
        with c.psc.panne("jwks-cles-inconnues"):
            geste = c.do(SeConnecter(person.id))
            c.psc.wait_for(CODE, after=geste, pour=("PSC-01",))
    finally:
        c.psc.command("cles-precedentes")
    c.require(keys_of_unknown_sorts_are_ignored, geste, *c.psc.seen(TOUT))


def test_comptes_de_deux_homonymes(c: Campaign) -> None:
    """Le compte local est rapproché sur l'identifiant national : deux homonymes ont deux comptes, chacun retrouve le sien."""
    une = connecter(c, c.professionnel("homonyme-1"))
    premier = c.psc.seen(CODE)[-1]
    autre = reconnecter(c, c.professionnel("homonyme-2"))
    second = c.psc.seen(CODE)[-1]
    if une.observation("compte") is None or autre.observation("compte") is None:
        c.attest(
            pour=("PSC-03",),
            constat="Les deux professionnels homonymes ont-ils ouvert deux comptes, et chacun retrouve-t-il le sien ?",
            piece="une copie de l'écran",
            formats=IMAGE,
            atteste="le testeur",
        )
        return
    c.require(homonyms_do_not_share_an_account, une, autre, premier, second)
    encore = reconnecter(c, c.professionnel("homonyme-1"))
    c.require(same_identifier_opens_the_same_account, une, encore, premier, c.psc.seen(CODE)[-1])
    c.attest(
        pour=("PSC-03",),
        constat="Le compte ouvert par Pro Santé Connect est-il celui qu'il ouvre par l'autre moyen de connexion ?",
        piece="une copie de l'écran",
        formats=IMAGE,
        atteste="le testeur",
    )
    c.attest(
        pour=("PSC-15",),
        constat=("L'adresse électronique ou le téléphone sont-ils vérifiés à la création et à la modification d'un compte ?"),
        piece="une copie de l'écran",
        formats=IMAGE,
        atteste="l'administrateur du DUI",
    )
    c.attest(
        pour=("PSC-16",),
        constat="Le numéro RPPS est-il recherché à la création du compte, puis au moins tous les deux ans ?",
        piece="une copie de l'écran ou un extrait de la trace",
        formats=(*TABLEUR, *IMAGE),
        atteste="l'éditeur",
    )
