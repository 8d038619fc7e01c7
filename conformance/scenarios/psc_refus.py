"""Ce qui ne doit ouvrir aucune session : chaque scénario rejoue une connexion réussie, avec un seul mensonge."""

from __future__ import annotations

from ..checks.oidc_refus import (
    badly_signed_userinfo_opens_no_session,
    denied_access_opens_no_session,
    expired_token_opens_no_session,
    forged_state_opens_no_session,
    missing_state_opens_no_session,
    token_for_another_client_opens_no_session,
    token_of_another_issuer_opens_no_session,
    token_with_another_acr_opens_no_session,
    token_without_acr_opens_no_session,
    unknown_key_opens_no_session,
    unsigned_token_opens_no_session,
    userinfo_of_another_subject_opens_no_session,
    wrong_nonce_opens_no_session,
    wrong_signature_opens_no_session,
)
from ..core.campaign import Campaign
from .psc_appels import refuser, refuser_userinfo


def test_state_falsifie(c: Campaign) -> None:
    """Un retour de connexion dont le state est falsifié est refusé, sans échange du code."""
    refuser(c, "jeton-state", forged_state_opens_no_session)


def test_state_absent_du_retour(c: Campaign) -> None:
    """Un retour de connexion sans state est refusé, sans échange du code."""
    refuser(c, "jeton-state-absent", missing_state_opens_no_session)


def test_nonce_d_une_autre_demande(c: Campaign) -> None:
    """Un id_token portant le nonce d'une autre demande n'ouvre pas de session."""
    refuser(c, "jeton-nonce", wrong_nonce_opens_no_session)


def test_signature_fausse(c: Campaign) -> None:
    """Un id_token mal signé n'ouvre pas de session."""
    refuser(c, "jeton-signature", wrong_signature_opens_no_session)


def test_jeton_sans_signature(c: Campaign) -> None:
    """Un id_token sans signature (alg : none) n'ouvre pas de session."""
    refuser(c, "jeton-alg-none", unsigned_token_opens_no_session)


def test_cle_inconnue(c: Campaign) -> None:
    """Un id_token signé par une clé absente du JWKS n'ouvre pas de session."""
    refuser(c, "jeton-kid-inconnu", unknown_key_opens_no_session)


def test_jeton_destine_a_un_autre_client(c: Campaign) -> None:
    """Un id_token destiné à un autre client n'ouvre pas de session."""
    refuser(c, "jeton-aud", token_for_another_client_opens_no_session)


def test_jeton_d_un_autre_emetteur(c: Campaign) -> None:
    """Un id_token d'un autre émetteur n'ouvre pas de session."""
    refuser(c, "jeton-iss", token_of_another_issuer_opens_no_session)


def test_jeton_expire(c: Campaign) -> None:
    """Un id_token expiré n'ouvre pas de session."""
    refuser(c, "jeton-expire", expired_token_opens_no_session)


def test_acr_absent(c: Campaign) -> None:
    """Un id_token sans acr n'ouvre pas de session."""
    refuser(c, "jeton-acr-absent", token_without_acr_opens_no_session)


def test_acr_inconnu(c: Campaign) -> None:
    """Un id_token dont l'acr n'est pas un niveau eIDAS n'ouvre pas de session."""
    refuser(c, "jeton-acr-inconnu", token_with_another_acr_opens_no_session)


def test_userinfo_mal_signe(c: Campaign) -> None:
    """Un userinfo reçu comme JWT mal signé n'ouvre pas de session."""
    refuser_userinfo(c, "userinfo-jwt-signature", badly_signed_userinfo_opens_no_session)


def test_userinfo_d_un_autre_sujet(c: Campaign) -> None:
    """Un userinfo qui décrit un autre sujet que l'id_token n'ouvre pas de session."""
    refuser_userinfo(c, "userinfo-sub", userinfo_of_another_subject_opens_no_session)


def test_connexion_refusee_par_le_professionnel(c: Campaign) -> None:
    """Quand le professionnel refuse la connexion sur la page de Pro Santé Connect, le DUI n'ouvre pas de session."""
    refuser(c, "acces-refuse", denied_access_opens_no_session)
