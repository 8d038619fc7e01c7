"""``dui.toml``: one frozen dataclass tree. An unknown key is an error with its line and the nearest name."""

from __future__ import annotations

import difflib
import re
import tomllib
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any

from .errors import InputError

SECTEURS = {
    "PA": "personnes âgées",
    "PHO": "handicap avec décision d'orientation",
    "PHN": "handicap sans décision d'orientation",
    "DS": "domicile soins",
    "DN": "domicile sans soins",
    "PDS": "personnes à difficultés spécifiques",
    "PDE": "protection de l'enfance",
    "AHI": "accueil, hébergement, insertion",
}
FINESS = r"[0-9][0-9AB][0-9]{7}"
MODES_DMP = ("INDIRECTE_RENFORCEE", "INDIRECTE", "DIRECTE")
PILOTES = ("temoin", "python", "http", "commande", "manuel")


@dataclass(frozen=True, slots=True)
class Produit:
    """The software under test, as its editor declares it."""

    nom: str = "DUI Témoin"
    version: str = "1.0.0"
    nil: str = "TEMOIN-0001"
    editeur: str = "Éditeur fictif"


@dataclass(frozen=True, slots=True)
class StructureDeTest:
    """The fictional structure whose identity the DUI uses; FINESS are 9 characters."""

    finess_ej: str = "990000010"
    finess_eg: str = "990000028"
    nom: str = "EHPAD FICTIF DES TILLEULS"
    secteur_activite: str = "SA17"


@dataclass(frozen=True, slots=True)
class Dmp:
    """The LPS triple declared in each VIHF, and the authentication mode used to feed the DMP."""

    lps_nom: str = "DUI Temoin"
    lps_version: str = "1.0.0"
    id_homologation: str = "HOMOL-TEMOIN-1"
    mode: str = "INDIRECTE_RENFORCEE"


@dataclass(frozen=True, slots=True)
class Insi:
    """INSi: authorisation number, authentication modes offered by the DUI, OID that the simulator returns.

    ``oids_propres``: each person's own OID (.8, .9 for a NIA) instead; ``faute_au_lieu_de_01``: the technical fault by which the
    national test platform answers for an unknown person.
    """

    idam: str = "IDAM-TEMOIN"
    modes: tuple[str, ...] = ("certificat", "cps", "psc")
    oid: str = "1.2.250.1.213.1.4.10"
    oids_propres: bool = False
    faute_au_lieu_de_01: bool = False


@dataclass(frozen=True, slots=True)
class Psc:
    """The OIDC client registered at the simulated Pro Santé Connect. An empty secret is replaced by one made at run time.

    ``certificat_dn`` is the subject (RFC 4514) of its TLS certificate, when that is not the one that the harness gives.
    """

    client_id: str = "dui-temoin"
    client_secret: str = ""
    redirect_uris: tuple[str, ...] = ("https://localhost/psc/retour",)
    post_logout_redirect_uris: tuple[str, ...] = ("https://localhost/psc/fin",)
    modes: tuple[str, ...] = ("web", "ciba")
    certificat_dn: str = ""


@dataclass(frozen=True, slots=True)
class Edc:
    """Espace de confiance: the client registered at the authorization server, the scopes that it asks, and the address of the
    editor's own proxy e-Santé (empty: the example proxy of the harness)."""

    client_id_as: str = "dui-temoin-as"
    scopes: tuple[str, ...] = ("signsessiondata",)
    proxy: str = ""


@dataclass(frozen=True, slots=True)
class Fi:
    """The client registered at a second, ordinary OpenID Connect provider. An empty secret is replaced by one made at run."""

    client_id: str = "dui-temoin-fi"
    client_secret: str = ""
    redirect_uris: tuple[str, ...] = ("https://localhost/fi/retour",)
    post_logout_redirect_uris: tuple[str, ...] = ("https://localhost/fi/fin",)


@dataclass(frozen=True, slots=True)
class Mssante:
    """MSSanté: ``transport`` is true when the DUI has its own mail connector; ``operateur`` is the simulated operator that it
    uses (``mss`` or ``mss-b``). ``boites`` opens more boxes there: ``"PER adresse identifiant-national"``, ``"ORG adresse finess
    identifiant-national…"`` or ``"APP adresse finess"``.
    """

    transport: bool = True
    operateur: str = "mss"
    boites: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ViaTrajectoire:
    """ViaTrajectoire PH: the generic OAuth2 client, the establishment that the DUI serves and its units described in the ROR.

    ``finess_eg`` are the establishments that the token lists. The form, the life (seconds) and the path of tokens are not
    public: they are settings. An empty secret is replaced by one made at run time.
    """

    client_id: str = "dui-temoin-sdo"
    client_secret: str = ""
    finess_eg: tuple[str, ...] = ("990000036",)
    nom: str = "FOYER FICTIF DES ORIENTATIONS"
    unites: tuple[str, ...] = ("990000036-UE-01", "990000036-UE-02")
    chemin_jeton: str = "/token"
    chemin_fhir: str = "/fhir"
    duree_jeton: float = 3600.0
    jeton: str = "jwt"


@dataclass(frozen=True, slots=True)
class Sidoba:
    """SIDOBA, by the provisional contract of the harness: the OAuth2 client, the establishments that its token lists besides the
    structure, the year of the RAMA, and the path, from the folder of ``dui.toml``, of CNSA's frame file (CSV ``cle;libelle;type;
    unite;obligatoire;min;max;regle``; none: our fictional example). An empty secret is replaced by one made at run time.
    """

    client_id: str = "dui-temoin-sidoba"
    client_secret: str = ""
    finess_eg: tuple[str, ...] = ("990000051",)
    exercice: int = 2025
    fichier_cadre: str = ""


@dataclass(frozen=True, slots=True)
class Annuaire:
    """Annuaire Santé: the API key given to the DUI, and how many calls a second the simulator accepts."""

    cle: str = "cle-annuaire-temoin"
    quota: float = 17.0


@dataclass(frozen=True, slots=True)
class Services:
    """Where the services listen. ``ports`` fixes a listener's port (0: chosen by the system); tolerances in seconds."""

    adresse: str = "127.0.0.1"
    noms: tuple[str, ...] = ("localhost",)
    ports: Mapping[str, int] = field(default_factory=dict)
    tolerance_horloge: float = 300.0


@dataclass(frozen=True, slots=True)
class Pki:
    """Extra trust anchors (PEM files) for client certificates, such as the IGC-Santé test chain."""

    ac_clientes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pilote:
    """How gestures happen. ``cible``: ``module:Classe`` (python), URL (http); ``commandes``: gesture → argv (commande)."""

    nom: str = "temoin"
    cible: str = ""
    jeton: str = ""
    commandes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Delais:
    """Waits, in seconds. ``envoi_differe`` is the DUI's own delay between validation and send (logical time)."""

    geste: float = 60.0
    echange: float = 5.0
    alimentation: float = 10.0
    absence: float = 0.3
    envoi_differe: float = 600.0


@dataclass(frozen=True, slots=True)
class Pieces:
    """Files that the DUI gives (traces, dashboards), and the paths, from the folder of ``dui.toml``, of what says how to read
    some of them: ``correspondances.toml`` (columns) and ``ordonnance_qr.toml`` (QR code of a prescription). ``rem`` is the folder
    of the REM and of the choices of a person, when they are not to be kept in ``.dui-conformance``."""

    fichiers: Mapping[str, str] = field(default_factory=dict)
    correspondances: str = ""
    ordonnance_qr: str = ""
    rem: str = ""


@dataclass(frozen=True, slots=True)
class Attestations:
    """What people attest. ``fichier``: path, from the folder of ``dui.toml``, of answers written beforehand; ``par``: who attests
    by default what is answered during the campaign."""

    fichier: str = ""
    par: str = ""


@dataclass(frozen=True, slots=True)
class Fictif:
    """Matricules (15 characters) under a production OID that the user declares fictional."""

    matricules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Vaccin:
    """A vaccine of the DUI's drug base: what the DUI must fill in when it is chosen by its CIP, and the lot to be typed."""

    cip: str = "3400999900102"
    cis: str = "69990011"
    atc: str = "J07BB02"
    denomination: str = "VACCIN GRIPPE FICTIF"
    lot: str = "LOT-FICTIF-0426"


@dataclass(frozen=True, slots=True)
class Settings:
    """The whole of ``dui.toml``. Defaults describe the reference DUI."""

    produit: Produit = Produit()
    secteurs: tuple[str, ...] = tuple(SECTEURS)
    structure: StructureDeTest = StructureDeTest()
    dmp: Dmp = Dmp()
    insi: Insi = Insi()
    psc: Psc = Psc()
    edc: Edc = Edc()
    fi: Fi = Fi()
    mssante: Mssante = Mssante()
    annuaire: Annuaire = Annuaire()
    sidoba: Sidoba = Sidoba()
    viatrajectoire: ViaTrajectoire = ViaTrajectoire()
    services: Services = Services()
    pki: Pki = Pki()
    pilote: Pilote = Pilote()
    delais: Delais = Delais()
    pieces: Pieces = Pieces()
    attestations: Attestations = Attestations()
    fictif: Fictif = Fictif()
    vaccin: Vaccin = Vaccin()


def settings_row(settings: Any) -> Any:
    """The JSON form of settings; :func:`settings_from_row` reads it back."""
    if is_dataclass(settings) and not isinstance(settings, type):
        return {f.name: settings_row(getattr(settings, f.name)) for f in fields(settings)}
    if isinstance(settings, Mapping):
        return {k: settings_row(v) for k, v in settings.items()}
    if isinstance(settings, tuple):
        return [settings_row(v) for v in settings]
    return settings


def settings_from_row(row: Mapping[str, Any]) -> Settings:
    """Settings from their JSON form; raises ``InputError``."""
    built = _build(Settings, row, (), _Source("réglages de la campagne", ""))
    assert isinstance(built, Settings)
    return built


def load_settings(path: Path) -> Settings:
    """Read ``dui.toml``; raises ``InputError`` naming the key, its line and what is accepted."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise InputError(f"{path} : fichier introuvable. Créez-le avec « dui-conformance init ».") from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} : lecture impossible ({error}). Le fichier doit être un texte UTF-8 lisible.") from None
    return parse_settings(text, str(path))


def parse_settings(text: str, name: str = "dui.toml") -> Settings:
    """The settings that a TOML text says; raises ``InputError``."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{name} : syntaxe TOML invalide ({error}).") from None
    settings = _build(Settings, values, (), _Source(name, text))
    assert isinstance(settings, Settings)
    _validate(settings, _Source(name, text))
    return settings


@dataclass(frozen=True, slots=True)
class _Source:
    name: str
    text: str

    def fail(self, keys: tuple[str, ...], why: str) -> InputError:
        dotted = ".".join(keys)
        return InputError(f"{self.name}, ligne {self.line(keys)} : clé « {dotted} » : {why}")

    def line(self, keys: tuple[str, ...]) -> int:
        """The line of a key: its own line under its table, else its table's line, else 1."""
        table: tuple[str, ...] = ()
        best = 1
        for number, line in enumerate(self.text.splitlines(), start=1):
            header = re.match(r"\s*\[+([^\]]+)\]+", line)
            if header:
                table = tuple(part.strip().strip("\"'") for part in header.group(1).split("."))
                if table == keys[: len(table)]:
                    best = number
                continue
            entry = re.match(r"\s*([\w\-\"'.]+)\s*=", line)
            if entry and table + tuple(p.strip("\"'") for p in entry.group(1).split(".")) == keys:
                return number
        return best


def _build(cls: type[Any], values: Mapping[str, Any], at: tuple[str, ...], source: _Source) -> Any:
    hints = typing.get_type_hints(cls)
    known = [f.name for f in fields(cls)]
    for key in values:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
            hint = f" Vouliez-vous dire « {near[0]} » ?" if near else ""
            raise source.fail((*at, key), f"clé inconnue.{hint} Clés acceptées ici : {', '.join(known)}.")
    return cls(**{key: _value(hints[key], value, (*at, key), source) for key, value in values.items()})


def _value(hint: Any, value: Any, at: tuple[str, ...], source: _Source) -> Any:
    if is_dataclass(hint):
        if not isinstance(value, dict):
            raise source.fail(at, f"une table [{'.'.join(at)}] est attendue.")
        return _build(hint, value, at, source)  # type: ignore[arg-type]
    origin = typing.get_origin(hint)
    if origin is tuple:
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
            raise source.fail(at, f'une liste de textes est attendue, par exemple {at[-1]} = ["…"].')
        return tuple(value)
    if origin is not None and issubclass(origin, Mapping):
        if not isinstance(value, dict):
            raise source.fail(at, "une table « nom = valeur » est attendue.")
        item = typing.get_args(hint)[1]
        return types.MappingProxyType({k: _value(item, v, (*at, k), source) for k, v in value.items()})
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, hint) or (hint is int and isinstance(value, bool)):
        names = {str: "un texte entre guillemets", int: "un nombre entier", float: "un nombre", bool: "true ou false"}
        raise source.fail(at, f"{names.get(hint, hint)} est attendu, pas {value!r}.")
    return value


def _validate(settings: Settings, source: _Source) -> None:
    for secteur in settings.secteurs:
        if secteur not in SECTEURS:
            raise source.fail(("secteurs",), f"secteur inconnu « {secteur} ». Acceptés : {', '.join(SECTEURS)}.")
    if settings.dmp.mode not in MODES_DMP:
        raise source.fail(("dmp", "mode"), f"mode inconnu « {settings.dmp.mode} ». Acceptés : {', '.join(MODES_DMP)}.")
    if settings.pilote.nom not in PILOTES:
        raise source.fail(("pilote", "nom"), f"pilote inconnu « {settings.pilote.nom} ». Acceptés : {', '.join(PILOTES)}.")
    for mode in settings.insi.modes:
        if mode not in ("certificat", "cps", "psc"):
            raise source.fail(("insi", "modes"), f"mode inconnu « {mode} ». Acceptés : certificat, cps, psc.")
    for nom in ("finess_ej", "finess_eg"):
        finess = getattr(settings.structure, nom)
        if not re.fullmatch(FINESS, finess):
            raise source.fail(("structure", nom), f"un FINESS a 9 caractères (chiffres, ou 2A/2B en tête), pas « {finess} ».")
    for finess in settings.viatrajectoire.finess_eg:
        if not re.fullmatch(FINESS, finess):
            raise source.fail(
                ("viatrajectoire", "finess_eg"), f"un FINESS a 9 caractères (chiffres, ou 2A/2B en tête), pas « {finess} »."
            )
    if not settings.viatrajectoire.finess_eg:
        raise source.fail(("viatrajectoire", "finess_eg"), "un établissement au moins est attendu.")
    if settings.viatrajectoire.jeton not in ("jwt", "opaque"):
        raise source.fail(
            ("viatrajectoire", "jeton"), f"forme inconnue « {settings.viatrajectoire.jeton} ». Acceptées : jwt, opaque."
        )
    for nom, port in settings.services.ports.items():
        if not 0 <= port <= 65535:
            raise source.fail(("services", "ports", nom), f"un port va de 0 à 65535, pas {port}.")
    for nom in ("geste", "echange", "alimentation", "absence", "envoi_differe"):
        if getattr(settings.delais, nom) < 0:
            raise source.fail(("delais", nom), "un délai est positif ou nul, en secondes.")
