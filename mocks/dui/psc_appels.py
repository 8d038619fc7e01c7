"""The calls of the DUI's server to an OpenID provider: configuration, keys, tokens, identity. Never through the browser."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import requests
from joserfc import jwe, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey

from .alterations import Alterations, Couture
from .configuration import Certificat, ConfigurationPsc
from .horloge import Horloge
from .jetons import JetonRefuse, Verificateur, lire_sans_verifier
from .psc_session import Appel, PscIndisponible, SessionPerdue
from .regles import ReglesPsc
from .transport import Transport

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class AppelsPsc:
    """One provider as the server of the DUI reaches it. ``certificat`` is that of the structure."""

    def __init__(
        self,
        client: ConfigurationPsc,
        transport: Transport,
        horloge: Horloge,
        regles: ReglesPsc,
        alterations: Alterations,
        certificat: Certificat,
    ) -> None:
        self.client = client
        self._transport = transport
        self._horloge = horloge
        self._regles = regles
        self._alterations = alterations
        self._certificat = certificat
        self._adresses: Mapping[str, Any] = {}
        self._lue_le = horloge.maintenant()
        self.verificateur = Verificateur(
            client.emetteur, client.client_id, self._lire_jwks, regles, secret=client.client_secret, exige_acr=bool(client.acr)
        )

    def adresse(self, nom: str) -> str:
        """An endpoint, from the configuration document, which is read again after some hours, and must be the issuer's own."""
        if not self._adresses or self._horloge.maintenant() - self._lue_le > self._regles.garde_la_configuration:
            adresses: dict[str, Any] = {}
            for url in self._alterations.passer(Couture.PSC_DECOUVERTE, [self.client.decouverte]):
                adresses = objet(reussie(self.appeler(Appel("GET", url, {}))))
            if self._regles.verifie_decouverte and adresses.get("issuer") != self.client.emetteur:
                raise PscIndisponible("le document de configuration est celui d'un autre émetteur.")
            self._adresses, self._lue_le = adresses, self._horloge.maintenant()
        if nom not in self._adresses:
            raise PscIndisponible(f"le document de configuration ne donne pas {nom}.")
        return str(self._adresses[nom])

    def jetons(self, formulaire: Mapping[str, str]) -> Mapping[str, Any]:
        """Tokens for a code, a refresh token or a CIBA request; raises ``SessionPerdue`` when the provider refuses."""
        reponse = self.demander(formulaire)
        if reponse.status_code in (requests.codes.bad_request, requests.codes.unauthorized):
            raise SessionPerdue(f"Pro Santé Connect refuse de donner un jeton ({objet(reponse).get('error', 'sans motif')}).")
        return self.lire_jetons(reponse)

    def demander(self, formulaire: Mapping[str, str]) -> requests.Response:
        """The answer, whatever it is, to a call of the token endpoint."""
        return self._authentifie("token_endpoint", formulaire, Couture.PSC_JETON)

    def lire_jetons(self, reponse: requests.Response) -> Mapping[str, Any]:
        """The tokens of a good answer; raises ``PscIndisponible`` when one is missing."""
        jetons = objet(reussie(reponse))
        manquants = [nom for nom in ("access_token", "expires_in") if nom not in jetons]
        if manquants:
            raise PscIndisponible(f"réponse de Pro Santé Connect sans {', '.join(manquants)}.")
        if self._regles.verifie_type_de_jeton and str(jetons.get("token_type", "")).lower() != "bearer":
            raise JetonRefuse(f"jeton d'un type inconnu (« {jetons.get('token_type', 'absent')} »)")
        return jetons

    def demander_ciba(self, formulaire: Mapping[str, str]) -> requests.Response:
        """The answer to a request to log someone in without browser."""
        return self._authentifie("backchannel_authentication_endpoint", formulaire, Couture.PSC_CIBA)

    def userinfo(self, acces: str) -> requests.Response:
        """The answer of userinfo."""
        appel = Appel("GET", self.adresse("userinfo_endpoint"), {"Authorization": f"Bearer {acces}"})
        return self.appeler(self._alterations.passer(Couture.PSC_USERINFO, appel))

    def lire_userinfo(self, reponse: requests.Response, claims: Mapping[str, Any]) -> Mapping[str, Any]:
        """JSON, a signed JWT, or that JWT encrypted to us; in all cases about the subject of the ID token."""
        reussie(reponse)
        signe = "application/jwt" in reponse.headers.get("Content-Type", "") and self._regles.lit_userinfo_signe
        userinfo = self._ouvrir_userinfo(reponse.text.strip()) if signe else objet(reponse)
        if self._regles.verifie_sub and "sub" in claims and userinfo.get("sub") != claims["sub"]:
            raise JetonRefuse("les informations reçues concernent une autre personne")
        if self._regles.verifie_identifiant_userinfo and _autre_personne(userinfo, claims):
            raise JetonRefuse("l'identifiant national reçu est celui d'une autre personne")
        if not self._regles.accepte_champs_vides and "" in userinfo.values():
            raise JetonRefuse("information professionnelle vide")
        return userinfo

    def appeler(self, appel: Appel) -> requests.Response:
        """A server-to-server call, with the structure's TLS certificate."""
        with self._transport.session(self.client.cible, self._certificat) as session:
            try:
                return session.request(
                    appel.methode, appel.url, headers=appel.entetes, data=appel.formulaire or None, allow_redirects=False
                )
            except requests.RequestException as erreur:
                raise PscIndisponible(f"Pro Santé Connect est injoignable ({type(erreur).__name__}).") from erreur

    def _ouvrir_userinfo(self, jeton: str) -> Mapping[str, Any]:
        if jeton.count(".") == 4:
            jeton = self._dechiffrer(jeton)
        if not self._regles.verifie_userinfo_signe:
            return lire_sans_verifier(jeton)
        userinfo = self.verificateur.signe(jeton, sans_signature=not self._regles.refuse_userinfo_sans_signature)
        if self._regles.verifie_destinataire_userinfo:
            self.verificateur.destination(userinfo, facultative=True)
        if self._regles.verifie_date_userinfo:
            self.verificateur.vivant(userinfo, self._horloge.maintenant())
        return userinfo

    def _dechiffrer(self, jeton: str) -> str:
        if not self._regles.lit_userinfo_chiffre:
            raise JetonRefuse("userinfo chiffré")
        try:
            clair = jwe.decrypt_compact(jeton, self._cle("enc"), algorithms=["RSA-OAEP", "RSA-OAEP-256", "A256GCM", "A128GCM"])
        except (JoseError, ValueError) as erreur:
            raise JetonRefuse(f"userinfo indéchiffrable ({type(erreur).__name__})") from erreur
        return bytes(clair.plaintext or b"").decode("utf-8", "replace")

    def _authentifie(self, point: str, formulaire: Mapping[str, str], couture: Couture) -> requests.Response:
        """A call by which the client proves who it is: by its secret, a signed assertion, or its TLS certificate."""
        adresse, entetes, corps = self.adresse(point), {}, dict(formulaire)
        match self.client.authentification:
            case "private_key_jwt":
                corps |= {"client_assertion_type": ASSERTION, "client_assertion": self._assertion()}
            case "tls_client_auth":
                corps["client_id"] = self.client.client_id
            case _:
                entetes["Authorization"] = self._basic()
        return self.appeler(self._alterations.passer(couture, Appel("POST", adresse, entetes, corps)))

    def _basic(self) -> str:
        couple = f"{self.client.client_id}:{self.client.client_secret}"
        return f"Basic {base64.b64encode(couple.encode()).decode()}"

    def _assertion(self) -> str:
        maintenant, cle = self._horloge.maintenant(), self._cle("sig")
        claims = {
            "iss": self.client.client_id,
            "sub": self.client.client_id,
            "aud": self.client.emetteur,
            "jti": secrets.token_urlsafe(16),
            "iat": int(maintenant.timestamp()),
            "exp": int((maintenant + timedelta(minutes=1)).timestamp()),
        }
        return jwt.encode({"alg": "RS256", "kid": cle.kid}, claims, cle)

    def _cle(self, usage: str) -> RSAKey:
        """Our private key for this use (``sig`` or ``enc``), in the file that ``services.json`` names."""
        if not self.client.cles:
            raise JetonRefuse("aucune clé privée n'est configurée pour ce client")
        cles = KeySet.import_key_set(json.loads(Path(self.client.cles).read_text(encoding="utf-8")))
        cle = next(c for c in cles.keys if c.as_dict(private=False).get("use") == usage)
        assert isinstance(cle, RSAKey)
        return cle

    def _lire_jwks(self) -> Mapping[str, Any]:
        return objet(reussie(self.appeler(Appel("GET", self.adresse("jwks_uri"), {}))))


def reussie(reponse: requests.Response) -> requests.Response:
    """The same answer, when it is a success; else raises ``PscIndisponible``."""
    if reponse.status_code not in (requests.codes.ok, requests.codes.created):
        raise PscIndisponible(f"Pro Santé Connect a répondu {reponse.status_code}.")
    return reponse


def objet(reponse: requests.Response) -> dict[str, Any]:
    """The JSON object of an answer; raises ``PscIndisponible`` when it is something else."""
    try:
        valeur = reponse.json()
    except requests.JSONDecodeError as erreur:
        raise PscIndisponible("réponse de Pro Santé Connect illisible.") from erreur
    if not isinstance(valeur, dict):
        raise PscIndisponible("réponse de Pro Santé Connect inattendue.")
    return valeur


def _autre_personne(userinfo: Mapping[str, Any], claims: Mapping[str, Any]) -> bool:
    """True when both name someone, and not the same."""
    nommes = [str(said.get("SubjectNameID") or said.get("preferred_username") or "") for said in (userinfo, claims)]
    return all(nommes) and nommes[0] != nommes[1]
