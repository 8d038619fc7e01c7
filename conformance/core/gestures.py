"""The gestures: what a user does in the DUI. The one vocabulary of drivers, OpenAPI, guide and reference DUI.

Each gesture is a frozen dataclass whose fields are plain JSON values; ``nom`` is its wire name, ``phrase`` the French
instruction shown to a tester. An editor who implements a gesture reads its docstring for what must happen, and which
observations (``observe``) the DUI may declare in its result.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any, ClassVar

from .people import Usager


class Etat(StrEnum):
    """How a gesture ended, as its driver says."""

    FAIT = "fait"
    REFUSE = "refuse"
    IMPOSSIBLE = "impossible"
    PASSE = "passe"
    ERREUR = "erreur"


@dataclass(frozen=True, slots=True)
class Piece:
    """A file: given by the DUI at the end of a gesture (a printed document), or handed to it by a scenario."""

    nom: str
    data: bytes = field(repr=False)
    memo: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def id(self) -> str:
        """What findings call it."""
        return self.nom


@dataclass(frozen=True, slots=True)
class Resultat:
    """The end of a gesture: its state, the message that the DUI showed, what it declares to have observed, the files it gave."""

    etat: Etat
    message: str = ""
    observations: tuple[tuple[str, Any], ...] = ()
    pieces: tuple[Piece, ...] = ()

    def observation(self, nom: str) -> Any:
        """The declared observation, or None."""
        return dict(self.observations).get(nom)

    def as_wire(self) -> dict[str, Any]:
        """The JSON form; ``pieces`` is ``{name: base64}``, left out when there is none."""
        row: dict[str, Any] = {"etat": self.etat.value, "message": self.message, "observations": dict(self.observations)}
        if self.pieces:
            row["pieces"] = {piece.nom: base64.b64encode(piece.data).decode("ascii") for piece in self.pieces}
        return row

    @classmethod
    def from_wire(cls, row: Mapping[str, Any]) -> Resultat:
        """The inverse of :meth:`as_wire`; raises ``KeyError`` without a state, ``ValueError`` on a wrong state or base64."""
        pieces = tuple(Piece(nom, _decoded(nom, text)) for nom, text in dict(row.get("pieces") or {}).items())
        observations = tuple(dict(row.get("observations") or {}).items())
        return cls(Etat(row["etat"]), str(row.get("message", "")), observations, pieces)


def _decoded(nom: str, text: Any) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (TypeError, ValueError, binascii.Error):
        raise ValueError(f"la pièce « {nom} » n'est pas du base64") from None


@dataclass(frozen=True, slots=True)
class Gesture:
    """Base of all gestures. ``rend`` names the files that the DUI gives at its end (``pieces``)."""

    nom: ClassVar[str] = ""
    phrase: ClassVar[str] = ""
    observe: ClassVar[tuple[str, ...]] = ()
    rend: ClassVar[tuple[str, ...]] = ()

    def arguments(self) -> dict[str, Any]:
        """The arguments as a JSON object."""
        return asdict(self)

    def consigne(self) -> str:
        """The French instruction, filled with the arguments."""
        words = {True: "oui", False: "non"}
        return self.phrase.format(**{k: words[v] if isinstance(v, bool) else v for k, v in self.arguments().items()})


@dataclass(frozen=True, slots=True)
class CreerUsager(Gesture):
    """Créer dans le DUI l'usager donné, avec le statut d'identité indiqué. Les pilotes automatiques le reçoivent avant
    le premier geste d'un scénario ; un DUI qui ne l'offre pas doit contenir les usagers de ``jeu-d-essai.csv``, et un
    testeur crée à la main ceux d'un scénario rejoué."""

    nom: ClassVar[str] = "creer_usager"
    phrase: ClassVar[str] = (
        "Créez l'usager {usager[id]} : {usager[nom_naissance]}, prénoms {prenoms}, sexe {usager[sexe]}, "
        "naissance {usager[date_naissance]} à {usager[lieu_naissance]}, statut {usager[statut]}, INS {ins}."
    )
    usager: Mapping[str, Any]

    @classmethod
    def de(cls, usager: Usager) -> CreerUsager:
        """The gesture that creates this usager."""
        return cls(usager=usager.as_dict())

    def arguments(self) -> dict[str, Any]:
        return {"usager": dict(self.usager)}

    def consigne(self) -> str:
        usager = self.usager
        ins = f"{usager['matricule']} {usager['cle']} (OID {usager['oid']})" if usager["matricule"] else "aucun"
        return self.phrase.format(usager=usager, prenoms=" ".join(usager["prenoms"]), ins=ins)


@dataclass(frozen=True, slots=True)
class SeConnecter(Gesture):
    """Se connecter au DUI par Pro Santé Connect, avec l'identité choisie sur la page du simulateur. ``mode`` : ``web``,
    ``ciba`` (validation sur le téléphone ou la carte du professionnel, que le simulateur donne à sa place) ou ``fi`` (autre
    fournisseur d'identité OpenID Connect). Observe : ``session`` (vrai si une session est ouverte), ``compte`` (identifiant
    local du compte ouvert), ``nombre`` (en mode ciba, les deux chiffres montrés à l'utilisateur)."""

    nom: ClassVar[str] = "se_connecter"
    phrase: ClassVar[str] = "Connectez-vous au DUI par Pro Santé Connect avec le compte « {professionnel} »."
    observe: ClassVar[tuple[str, ...]] = ("session", "compte", "nombre")
    professionnel: str
    mode: str = "web"

    def arguments(self) -> dict[str, Any]:
        """The mode is left out when it is the usual one."""
        return {k: v for k, v in asdict(self).items() if k != "mode" or v != "web"}

    def consigne(self) -> str:
        ways = {"ciba": " sans navigateur (CIBA)", "fi": " (fournisseur d'identité de l'établissement, et non Pro Santé Connect)"}
        return Gesture.consigne(self).removesuffix(".") + ways.get(self.mode, "") + "."


@dataclass(frozen=True, slots=True)
class SeDeconnecter(Gesture):
    """Se déconnecter explicitement du DUI. Observe : ``session`` (faux une fois déconnecté)."""

    nom: ClassVar[str] = "se_deconnecter"
    phrase: ClassVar[str] = "Déconnectez-vous du DUI (déconnexion explicite)."
    observe: ClassVar[tuple[str, ...]] = ("session",)


@dataclass(frozen=True, slots=True)
class UtiliserSession(Gesture):
    """Agir dans le DUI avec la session ouverte (ouvrir un écran qui relit l'identité auprès de Pro Santé Connect).
    Observe : ``session``."""

    nom: ClassVar[str] = "utiliser_session"
    phrase: ClassVar[str] = "Dans la session ouverte, affichez votre profil professionnel (informations Pro Santé Connect)."
    observe: ClassVar[tuple[str, ...]] = ("session",)


@dataclass(frozen=True, slots=True)
class AppelerApi(Gesture):
    """Appeler l'API d'essai de l'espace de confiance avec la session Pro Santé Connect ouverte. ``proxy`` : ``editeur`` (le
    proxy e-Santé du DUI, qui échange lui-même les jetons) ou ``exemple`` (le proxy d'exemple du simulateur).
    Observe : ``etat`` (``ok``, ``refuse`` ou ``indisponible``), ``signature`` (valeur rendue par l'API), ``adresse_proxy``
    (adresse du proxy e-Santé du DUI, quand il s'offre sous la forme de l'exemple de l'ANS)."""

    nom: ClassVar[str] = "appeler_api"
    phrase: ClassVar[str] = "Dans la session ouverte, appelez l'API d'essai de l'espace de confiance (signature de session)."
    observe: ClassVar[tuple[str, ...]] = ("etat", "signature", "adresse_proxy")
    proxy: str = "editeur"

    def arguments(self) -> dict[str, Any]:
        """The proxy is left out when it is the DUI's own."""
        return {k: v for k, v in asdict(self).items() if v != "editeur"}

    def consigne(self) -> str:
        by = ", par le proxy d'exemple du simulateur." if self.proxy == "exemple" else "."
        return Gesture.consigne(self).removesuffix(".") + by


@dataclass(frozen=True, slots=True)
class ExporterTraces(Gesture):
    """Extraire du journal du DUI les traces des connexions et des comptes (réussies, refusées, déconnexions) : un fichier CSV ou
    une ligne JSON par trace, avec la date, l'utilisateur, la nature, le résultat et, si le DUI les garde, ``acr`` et
    ``auth_mode``. Rend la pièce ``traces.csv``."""

    nom: ClassVar[str] = "exporter_traces"
    phrase: ClassVar[str] = "Extrayez du journal du DUI les traces des connexions (CSV) et enregistrez le fichier."
    rend: ClassVar[tuple[str, ...]] = ("traces.csv",)


@dataclass(frozen=True, slots=True)
class RechercherIns(Gesture):
    """Appeler le téléservice INSi pour cet usager. ``moyen`` : ``traits`` ou ``vitale`` ; ``authentification`` :
    ``certificat``, ``cps`` ou ``psc``. Le DUI enregistre le retour selon ses règles.
    Observe : ``code`` (00, 01, 02 ou vide), ``statut`` (statut d'identité après le geste), ``alerte`` (texte montré)."""

    nom: ClassVar[str] = "rechercher_ins"
    phrase: ClassVar[str] = (
        "Dans le dossier {usager}, lancez la recherche de l'INS (par {moyen}, authentification : {authentification})."
    )
    observe: ClassVar[tuple[str, ...]] = ("code", "statut", "alerte")
    usager: str
    moyen: str = "traits"
    authentification: str = "certificat"


@dataclass(frozen=True, slots=True)
class VerifierIns(Gesture):
    """Vérifier auprès d'INSi l'INS connue de l'usager (opération provisoire). Observe : ``reponse`` (OK ou KO), ``statut``."""

    nom: ClassVar[str] = "verifier_ins"
    phrase: ClassVar[str] = "Dans le dossier {usager}, lancez la vérification de l'INS auprès d'INSi."
    observe: ClassVar[tuple[str, ...]] = ("reponse", "statut")
    usager: str
    authentification: str = "certificat"


@dataclass(frozen=True, slots=True)
class ControlerIdentite(Gesture):
    """Enregistrer le contrôle d'une pièce d'identité à haut niveau de confiance. Observe : ``statut``."""

    nom: ClassVar[str] = "controler_identite"
    phrase: ClassVar[str] = "Dans le dossier {usager}, enregistrez le contrôle d'identité sur pièce ({piece})."
    observe: ClassVar[tuple[str, ...]] = ("statut",)
    usager: str
    piece: str = "carte nationale d'identité"


@dataclass(frozen=True, slots=True)
class MarquerIdentite(Gesture):
    """Poser sur l'identité l'attribut ``douteuse`` ou ``fictive``. Observe : ``statut``."""

    nom: ClassVar[str] = "marquer_identite"
    phrase: ClassVar[str] = "Dans le dossier {usager}, marquez l'identité comme {attribut}."
    observe: ClassVar[tuple[str, ...]] = ("statut",)
    usager: str
    attribut: str = "douteuse"


@dataclass(frozen=True, slots=True)
class LireIdentite(Gesture):
    """Afficher l'identité de l'usager. Observe : ``statut``, ``matricule``, ``oid``, ``nom_naissance``, ``prenoms``, ``sexe``,
    ``date_naissance``, ``lieu_naissance``."""

    nom: ClassVar[str] = "lire_identite"
    phrase: ClassVar[str] = "Affichez l'identité de l'usager {usager}."
    observe: ClassVar[tuple[str, ...]] = (
        "statut",
        "matricule",
        "oid",
        "nom_naissance",
        "prenoms",
        "sexe",
        "date_naissance",
        "lieu_naissance",
    )
    usager: str


@dataclass(frozen=True, slots=True)
class EnregistrerOpposition(Gesture):
    """Tracer l'opposition (``oppose`` vrai) ou la non-opposition de l'usager à l'alimentation de son DMP."""

    nom: ClassVar[str] = "enregistrer_opposition"
    phrase: ClassVar[str] = "Dans le dossier {usager}, enregistrez pour l'alimentation du DMP : opposition = {oppose}."
    usager: str
    oppose: bool = True


@dataclass(frozen=True, slots=True)
class ValiderDocument(Gesture):
    """Rédiger puis valider un document de ce type. ``retenir`` : l'utilisateur choisit « pas d'envoi au DMP » pour ce
    document. ``cip`` et ``lot`` : pour une note de vaccination, le vaccin choisi par son code CIP et le lot lu sur la boîte ;
    vides, au choix. Observe : ``document`` (référence locale), ``etat_envoi`` (programme, retenu, bloque, envoye, en attente)."""

    nom: ClassVar[str] = "valider_document"
    phrase: ClassVar[str] = "Pour l'usager {usager}, rédigez et validez un document « {type} » (pas d'envoi au DMP : {retenir})."
    observe: ClassVar[tuple[str, ...]] = ("document", "etat_envoi")
    usager: str
    type: str
    retenir: bool = False
    cip: str = ""
    lot: str = ""

    def arguments(self) -> dict[str, Any]:
        """The vaccine is left out when it is not imposed: a DUI that writes no note de vaccination need not know of it."""
        return {k: v for k, v in asdict(self).items() if v or k not in ("cip", "lot")}

    def consigne(self) -> str:
        text = Gesture.consigne(self)
        if self.cip:
            text += f" Vaccin : code CIP {self.cip}" + (f", lot {self.lot}." if self.lot else ".")
        return text


@dataclass(frozen=True, slots=True)
class AnnulerEnvoi(Gesture):
    """Annuler, dans le délai, l'envoi programmé du dernier document validé pour cet usager. Observe : ``etat_envoi``."""

    nom: ClassVar[str] = "annuler_envoi"
    phrase: ClassVar[str] = "Annulez l'envoi au DMP du dernier document validé pour l'usager {usager}, avant la fin du délai."
    observe: ClassVar[tuple[str, ...]] = ("etat_envoi",)
    usager: str


@dataclass(frozen=True, slots=True)
class AttendreEnvois(Gesture):
    """Laisser le DUI exécuter ses envois programmés ou en attente (rien à faire dans un DUI qui envoie seul)."""

    nom: ClassVar[str] = "attendre_envois"
    phrase: ClassVar[str] = "Laissez le DUI travailler : ses envois programmés ou en attente doivent partir seuls."


@dataclass(frozen=True, slots=True)
class ImprimerDocument(Gesture):
    """Produire la forme papier (PDF) d'un document de ce type, rédigé et validé pour l'usager. Rend la pièce ``document.pdf``.
    Observe : ``prescription`` (pour une ordonnance, son identifiant unique)."""

    nom: ClassVar[str] = "imprimer_document"
    phrase: ClassVar[str] = "Pour l'usager {usager}, rédigez et validez un document « {type} », puis enregistrez-en le PDF."
    observe: ClassVar[tuple[str, ...]] = ("prescription",)
    rend: ClassVar[tuple[str, ...]] = ("document.pdf",)
    usager: str
    type: str


@dataclass(frozen=True, slots=True)
class ImporterDocument(Gesture):
    """Importer un document CDA reçu dans le dossier de l'usager, comme s'il venait du DMP ou d'un courriel. ``contenu`` : ses
    octets en base64 ; un testeur le trouve sous son nom, dans le dossier ``pieces`` de la campagne. Observe : ``integre``
    (vrai s'il est rangé dans le dossier de cet usager), ``alerte`` (texte montré), ``copies`` (combien le dossier en tient)."""

    nom: ClassVar[str] = "importer_document"
    phrase: ClassVar[str] = (
        "Dans le dossier {usager}, importez le document reçu « {nom_fichier} » (dossier « pieces » de la campagne)."
    )
    observe: ClassVar[tuple[str, ...]] = ("integre", "alerte", "copies")
    usager: str
    nom_fichier: str
    contenu: str

    @classmethod
    def de(cls, usager: Usager, piece: Piece) -> ImporterDocument:
        """The gesture that imports this file."""
        return cls(usager.id, piece.nom, base64.b64encode(piece.data).decode("ascii"))


GESTURES: dict[str, type[Gesture]] = {
    g.nom: g
    for g in (
        CreerUsager,
        SeConnecter,
        SeDeconnecter,
        UtiliserSession,
        AppelerApi,
        ExporterTraces,
        RechercherIns,
        VerifierIns,
        ControlerIdentite,
        MarquerIdentite,
        LireIdentite,
        EnregistrerOpposition,
        ValiderDocument,
        AnnulerEnvoi,
        AttendreEnvois,
        ImprimerDocument,
        ImporterDocument,
    )
}


def from_wire(nom: str, arguments: Mapping[str, Any]) -> Gesture:
    """A gesture from its wire form; raises ``ValueError`` for an unknown name or argument."""
    cls = GESTURES.get(nom)
    if cls is None:
        raise ValueError(f"geste inconnu : {nom!r} ; gestes connus : {', '.join(GESTURES)}")
    known = {f.name for f in fields(cls)}
    unknown = set(arguments) - known
    if unknown:
        raise ValueError(f"argument inconnu pour {nom} : {', '.join(sorted(unknown))} ; acceptés : {', '.join(sorted(known))}")
    return cls(**arguments)
