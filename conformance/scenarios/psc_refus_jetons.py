"""Suite de ce qui ne doit ouvrir aucune session : mensonges plus fins, chacun à côté d'une connexion réussie."""

from __future__ import annotations

from ..checks.oidc_refus import (
    token_for_another_client_opens_no_session,
    token_of_another_issuer_opens_no_session,
    unknown_key_opens_no_session,
    userinfo_of_another_subject_opens_no_session,
    wrong_nonce_opens_no_session,
    wrong_signature_opens_no_session,
)
from ..checks.oidc_refus_jeton import (
    answer_without_id_token_opens_no_session,
    configuration_of_another_issuer_is_not_used,
    expired_userinfo_opens_no_session,
    public_key_used_as_a_secret_opens_no_session,
    refused_code_opens_no_session,
    response_of_another_issuer_opens_no_session,
    token_also_for_a_stranger_opens_no_session,
    token_given_to_another_client_opens_no_session,
    token_of_an_unknown_type_opens_no_session,
    token_of_the_future_opens_no_session,
    token_signed_with_the_client_secret_opens_no_session,
    token_without_expiry_opens_no_session,
    token_without_issue_date_opens_no_session,
    token_without_subject_opens_no_session,
    unsigned_userinfo_opens_no_session,
    userinfo_for_another_client_opens_no_session,
    userinfo_of_another_identity_opens_no_session,
)
from ..core.campaign import Campaign
from ..core.gestures.connexion import SeConnecter
from .psc_appels import DECOUVERTE, TOUT, connecter, reconnecter_autrement, refuser, refuser_userinfo


def test_retour_d_un_autre_emetteur(c: Campaign) -> None:
    """Un retour de connexion qui dit venir d'un autre émetteur (iss) est refusé, sans échange du code."""
    refuser(c, "retour-iss", response_of_another_issuer_opens_no_session)


def test_hs256_avec_la_cle_publique(c: Campaign) -> None:
    """Un id_token signé en HS256, la clé publique servant de secret, n'ouvre pas de session."""
    refuser(c, "jeton-hs256-cle-publique", public_key_used_as_a_secret_opens_no_session)


def test_jeton_du_futur(c: Campaign) -> None:
    """Un id_token daté d'une heure plus tard n'ouvre pas de session."""
    refuser(c, "jeton-futur", token_of_the_future_opens_no_session)


def test_azp_d_un_autre_client(c: Campaign) -> None:
    """Un id_token délivré à un autre client (azp) n'ouvre pas de session."""
    refuser(c, "jeton-azp", token_given_to_another_client_opens_no_session)


def test_audience_partagee(c: Campaign) -> None:
    """Un id_token destiné aussi à un client inconnu n'ouvre pas de session."""
    refuser(c, "jeton-aud-tiers", token_also_for_a_stranger_opens_no_session)


def test_reponse_sans_id_token(c: Campaign) -> None:
    """Une réponse sans id_token n'ouvre pas de session."""
    refuser(c, "jeton-id-token-absent", answer_without_id_token_opens_no_session)


def test_sorte_de_jeton_inconnue(c: Campaign) -> None:
    """Un jeton d'accès d'une sorte inconnue (token_type) n'est pas employé."""
    refuser(c, "jeton-type", token_of_an_unknown_type_opens_no_session)


def test_jeton_sans_sujet(c: Campaign) -> None:
    """Un id_token qui ne dit pas de qui il parle (sub) n'ouvre pas de session."""
    refuser(c, "jeton-sub-absent", token_without_subject_opens_no_session)


def test_jeton_sans_date(c: Campaign) -> None:
    """Un id_token sans date d'émission (iat) n'ouvre pas de session."""
    refuser(c, "jeton-iat-absent", token_without_issue_date_opens_no_session)


def test_jeton_sans_fin(c: Campaign) -> None:
    """Un id_token sans fin de validité (exp) n'ouvre pas de session."""
    refuser(c, "jeton-exp-absent", token_without_expiry_opens_no_session)


def test_jeton_sans_nonce(c: Campaign) -> None:
    """Un id_token sans nonce n'ouvre pas de session."""
    refuser(c, "jeton-nonce-absent", wrong_nonce_opens_no_session)


def test_jeton_sans_destinataire(c: Campaign) -> None:
    """Un id_token sans destinataire (aud) n'ouvre pas de session."""
    refuser(c, "jeton-aud-absent", token_for_another_client_opens_no_session)


def test_jeton_sans_emetteur(c: Campaign) -> None:
    """Un id_token sans émetteur (iss) n'ouvre pas de session."""
    refuser(c, "jeton-iss-absent", token_of_another_issuer_opens_no_session)


def test_signature_videe(c: Campaign) -> None:
    """Un id_token dont la signature a été retirée n'ouvre pas de session."""
    refuser(c, "jeton-signature-absente", wrong_signature_opens_no_session)


def test_jeton_modifie(c: Campaign) -> None:
    """Un id_token modifié après sa signature n'ouvre pas de session."""
    refuser(c, "jeton-altere", wrong_signature_opens_no_session)


def test_code_deja_utilise(c: Campaign) -> None:
    """Un code que Pro Santé Connect refuse parce qu'il a déjà servi n'ouvre pas de session."""
    refuser(c, "code-deja-utilise", refused_code_opens_no_session)


def test_hs256_avec_le_secret_du_client(c: Campaign) -> None:
    """Un id_token signé en HS256 par le secret du client, au lieu de RS256, n'ouvre pas de session."""
    person = c.professionnel("infirmiere-ehpad")
    temoin = connecter(c, person)
    essai = reconnecter_autrement(c, person, "jeton-hs256-secret")
    c.advise(token_signed_with_the_client_secret_opens_no_session, temoin, essai, *c.psc.seen(TOUT))


def test_userinfo_sans_signature(c: Campaign) -> None:
    """Un userinfo reçu comme JWT sans signature n'ouvre pas de session."""
    refuser_userinfo(c, "userinfo-jwt-alg-none", unsigned_userinfo_opens_no_session)


def test_userinfo_d_une_cle_inconnue(c: Campaign) -> None:
    """Un userinfo reçu comme JWT signé par une clé inconnue n'ouvre pas de session."""
    refuser_userinfo(c, "userinfo-jwt-kid-inconnu", unknown_key_opens_no_session)


def test_userinfo_pour_un_autre_client(c: Campaign) -> None:
    """Un userinfo reçu comme JWT destiné à un autre client n'ouvre pas de session."""
    refuser_userinfo(c, "userinfo-jwt-aud", userinfo_for_another_client_opens_no_session)


def test_userinfo_expire(c: Campaign) -> None:
    """Un userinfo reçu comme JWT expiré n'ouvre pas de session."""
    refuser_userinfo(c, "userinfo-jwt-expire", expired_userinfo_opens_no_session)


def test_userinfo_sans_sujet(c: Campaign) -> None:
    """Un userinfo qui ne dit pas de qui il parle n'ouvre pas de session."""
    refuser_userinfo(c, "userinfo-sub-absent", userinfo_of_another_subject_opens_no_session)


def test_userinfo_d_une_autre_personne(c: Campaign) -> None:
    """Un userinfo qui décrit un autre professionnel n'ouvre pas de session."""
    refuser_userinfo(c, "userinfo-autre-personne", userinfo_of_another_subject_opens_no_session)


def test_userinfo_d_une_autre_identite(c: Campaign) -> None:
    """Un userinfo du bon sujet mais d'un autre identifiant national n'ouvre pas de session."""
    refuser_userinfo(c, "userinfo-autre-identite", userinfo_of_another_identity_opens_no_session)


def test_configuration_d_un_autre_emetteur(c: Campaign) -> None:
    """Une configuration qui dit un autre émetteur n'est pas employée."""
    person = c.professionnel("infirmiere-ehpad")
    temoin = connecter(c, person)
    c.advance(hours=13)
    lues = len(c.psc.seen(DECOUVERTE))
    with c.psc.panne("decouverte-emetteur"):
        essai = c.do(SeConnecter(person.id))
    if len(c.psc.seen(DECOUVERTE)) == lues:
        c.skip("le DUI n'a pas relu la configuration de Pro Santé Connect : la redémarrer pendant le scénario")
    c.require(configuration_of_another_issuer_is_not_used, temoin, essai, *c.psc.seen(TOUT))
