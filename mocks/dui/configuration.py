"""What a deployed DUI knows of the outside: ``services.json``, read once into typed values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MODE_AIR = "INDIRECTE_RENFORCEE"
MODE_INDIRECT = "INDIRECTE"
MODE_DIRECT = "DIRECTE"


@dataclass(frozen=True, slots=True)
class Certificat:
    """Paths of a PEM certificate (chain included) and of its key."""

    certificat: str
    cle: str


@dataclass(frozen=True, slots=True)
class Logiciel:
    """How the software names itself to the services."""

    nom: str
    version: str
    lps_nom: str
    lps_version: str
    id_homologation: str
    idam: str


@dataclass(frozen=True, slots=True)
class StructureLocale:
    """The structure that uses the DUI. ``struct_id_nat`` is the legal entity, prefixed by 1 as FINESS numbers are."""

    finess_ej: str
    finess_eg: str
    nom: str
    secteur_activite: str

    @property
    def struct_id_nat(self) -> str:
        """National identifier of the legal entity: the OU of its certificates."""
        return f"1{self.finess_ej}"


@dataclass(frozen=True, slots=True)
class ConfigurationPsc:
    """The OIDC client registered at a provider: Pro Santé Connect (``cible`` psc), or an ordinary one (``cible`` fi).

    ``redirect_uris`` are all those registered; ``cles`` is the file of our private keys, if we have some. ``authentification``
    is the OAuth method by which the client proves who it is. ``acr`` is the level asked for, ``""``: none.
    """

    cible: str
    emetteur: str
    decouverte: str
    client_id: str
    client_secret: str
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...] = ()
    portee: str = "openid scope_all"
    acr: str = "eidas1"
    cles: str = ""
    authentification: str = "client_secret_basic"

    @property
    def redirect_uri(self) -> str:
        """Where the browser comes back, when no web page of ours is open."""
        return self.redirect_uris[0]

    @property
    def post_logout_redirect_uri(self) -> str:
        """Where it comes back after a logout, ``""``: nowhere."""
        return self.post_logout_redirect_uris[0] if self.post_logout_redirect_uris else ""


@dataclass(frozen=True, slots=True)
class ConfigurationEdc:
    """The espace de confiance: authorization server, test API, proxy of another; who we are there and what we ask."""

    autorisation: str
    api: str
    proxy: str
    client_id_as: str
    client_id_psc: str
    portees: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConfigurationSidoba:
    """SIDOBA: its addresses, who we are there, and the frame file of the RAMA."""

    base: str
    jeton: str
    client_id: str
    client_secret: str
    fichier_cadre: str


@dataclass(frozen=True, slots=True)
class Configuration:
    """All of it. ``cps`` holds the signature certificate of each professional's card, by national identifier."""

    ac: str
    certificats: Mapping[str, Certificat]
    cps: Mapping[str, Certificat]
    psc: ConfigurationPsc
    fi: ConfigurationPsc | None
    edc: ConfigurationEdc | None
    sidoba: ConfigurationSidoba | None
    insi_url: str
    dmp_base: str
    dmp_mode: str
    logiciel: Logiciel
    structure: StructureLocale

    def certificat(self, nom: str) -> Certificat:
        """A certificate by name; raises ``CertificatAbsent``."""
        if nom not in self.certificats:
            raise CertificatAbsent(f"services.json n'offre pas le certificat « {nom} » (offerts : {', '.join(self.certificats)})")
        return self.certificats[nom]

    @classmethod
    def lire(cls, services: Mapping[str, Any]) -> Configuration:
        """From the content of ``services.json``; ``KeyError`` names what is missing."""
        certificats, psc, logiciel, structure = (services[nom] for nom in ("certificats", "psc", "logiciel", "structure"))
        return cls(
            ac=str(services["ac"]),
            certificats=_certificats(certificats) | _cartes(certificats),
            cps={id_nat: _signature_de_carte(carte) for id_nat, carte in certificats.get("cps", {}).items()},
            psc=_client("psc", psc),
            fi=_client("fi", services["fi"], portee="openid profile", acr="") if "fi" in services else None,
            edc=_edc(services["edc"], psc["client_id"]) if "edc" in services else None,
            sidoba=ConfigurationSidoba(**services["sidoba"]) if "sidoba" in services else None,
            insi_url=services["insi"]["url"],
            dmp_base=services["dmp"]["base"].rstrip("/"),
            dmp_mode=services["dmp"].get("mode", MODE_AIR),
            logiciel=Logiciel(
                **{nom: logiciel[nom] for nom in ("nom", "version", "lps_nom", "lps_version", "id_homologation", "idam")}
            ),
            structure=StructureLocale(**{nom: structure[nom] for nom in ("finess_ej", "finess_eg", "nom", "secteur_activite")}),
        )


class CertificatAbsent(LookupError):
    """``services.json`` does not offer this certificate."""


def _client(cible: str, entrees: Mapping[str, Any], **options: str) -> ConfigurationPsc:
    """A client of an OpenID provider."""
    return ConfigurationPsc(
        cible=cible,
        emetteur=entrees["emetteur"],
        decouverte=entrees["decouverte"],
        client_id=entrees["client_id"],
        client_secret=entrees["client_secret"],
        redirect_uris=tuple(entrees["redirect_uris"]),
        post_logout_redirect_uris=tuple(entrees.get("post_logout_redirect_uris", ())),
        cles=str(entrees.get("cles", "")),
        authentification=str(entrees.get("authentification", "client_secret_basic")),
        **options,
    )


def _edc(entrees: Mapping[str, Any], client_id_psc: str) -> ConfigurationEdc:
    return ConfigurationEdc(
        autorisation=entrees["as"],
        api=entrees["api"],
        proxy=entrees["proxy"],
        client_id_as=entrees["client_id_as"],
        client_id_psc=client_id_psc,
        portees=tuple(entrees["scopes"]),
    )


def _certificats(entrees: Mapping[str, Any]) -> dict[str, Certificat]:
    """The certificates by name: ``sign``; and ``sign:expire`` for a faulty variant, where ``defauts`` offers it."""
    trouves = {nom: _certificat(entrees[nom]) for nom in ("auth_cli", "sign", "insi_manu", "insi_auto")}
    for defaut, roles in entrees.get("defauts", {}).items():
        trouves |= {f"{nom}:{defaut}": _certificat(entree) for nom, entree in roles.items()}
    return trouves


def _certificat(entree: Mapping[str, Any]) -> Certificat:
    return Certificat(str(entree["certificat"]), str(entree["cle"]))


def _cartes(entrees: Mapping[str, Any]) -> dict[str, Certificat]:
    """The authentication certificate of each card, as ``cps:<national identifier>``."""
    return {f"cps:{id_nat}": _certificat(carte) for id_nat, carte in entrees.get("cps", {}).items()}


def _signature_de_carte(carte: Mapping[str, Any]) -> Certificat:
    """A card has two certificates; assertions are signed by the one for signatures."""
    return Certificat(str(carte.get("certificat_signature", carte["certificat"])), str(carte.get("cle_signature", carte["cle"])))
