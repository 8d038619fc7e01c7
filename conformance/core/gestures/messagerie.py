"""Mail: MSSanté, its directory, its dashboards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from .base import Gesture

DISPOSITIONS = ("envois", "mois")


class _Messagerie(Gesture):
    """A gesture of mail: an argument left empty is said."""

    __slots__ = ()

    def consigne(self) -> str:
        words = {True: "oui", False: "non", "": "aucun"}
        return self.phrase.format(**{k: words.get(v, v) for k, v in self.arguments().items()})


@dataclass(frozen=True, slots=True)
class ConfigurerBoite(_Messagerie):
    """Ajouter au DUI la boîte MSSanté à cette adresse, sans saisir de serveur : le DUI trouve seul l'opérateur (fichier
    ``config-v1.1.xml`` ou enregistrements DNS SRV), puis essaie la boîte. Observe : ``smtp`` et ``imap`` (hôte:port trouvés),
    ``essai`` (vrai si la boîte s'ouvre)."""

    nom: ClassVar[str] = "configurer_boite"
    phrase: ClassVar[str] = (
        "Ajoutez la boîte MSSanté {adresse} par la configuration automatique, puis essayez-la (opérateur {operateur})."
    )
    observe: ClassVar[tuple[str, ...]] = ("smtp", "imap", "essai")
    adresse: str
    operateur: str = "mss"


@dataclass(frozen=True, slots=True)
class RechercherCorrespondant(_Messagerie):
    """Chercher une adresse MSSanté dans l'Annuaire Santé par les critères donnés (les autres sont vides) : numéro RPPS, nom,
    prénom, code de profession, code de spécialité, ville ou code postal, nom de structure, FINESS. Le DUI montre toutes les
    adresses trouvées et l'utilisateur choisit. Observe : ``adresses`` (liste de celles proposées), ``detail`` (liste d'objets
    ``adresse``, ``titulaire``, ``type``, ``structure``, ``identifiant``, ``preferee``), ``alerte`` (texte montré)."""

    nom: ClassVar[str] = "rechercher_correspondant"
    phrase: ClassVar[str] = (
        "Cherchez une adresse MSSanté dans l'annuaire : RPPS « {rpps} », nom « {famille} », prénom « {prenom} », "
        "profession « {profession} », spécialité « {specialite} », lieu « {lieu} », structure « {structure} », "
        "FINESS « {finess} »."
    )
    observe: ClassVar[tuple[str, ...]] = ("adresses", "detail", "alerte")
    rpps: str = ""
    famille: str = ""
    prenom: str = ""
    profession: str = ""
    specialite: str = ""
    lieu: str = ""
    structure: str = ""
    finess: str = ""


@dataclass(frozen=True, slots=True)
class EnvoyerMessage(_Messagerie):
    """Envoyer par MSSanté un document de ce type (rédigé et validé pour l'usager) à une adresse de professionnel ou de
    structure, ou à l'usager lui-même (``a`` vaut ``usager`` : adresse formée sur son INS). ``autre_type`` : second document
    du même usager dans le même message. ``clore`` : l'usager ne pourra pas répondre. ``remplace`` : le document est une
    nouvelle version du dernier envoyé pour cet usager. Observe : ``message_id`` (Message-ID), ``etat_envoi`` (envoye, refuse,
    bloque, echec), ``alerte`` (texte montré)."""

    nom: ClassVar[str] = "envoyer_message"
    phrase: ClassVar[str] = (
        "Pour l'usager {usager}, envoyez par MSSanté à « {a} » un document « {type} » (second document : « {autre_type} » ; "
        "réponse close : {clore} ; remplace le précédent : {remplace}) "
        "(boîte {boite}, opérateur {operateur})."
    )
    observe: ClassVar[tuple[str, ...]] = ("message_id", "etat_envoi", "alerte")
    usager: str
    a: str
    type: str
    autre_type: str = ""
    boite: str = "personnelle"
    operateur: str = "mss"
    clore: bool = False
    remplace: bool = False


@dataclass(frozen=True, slots=True)
class TransmettrePrelevement(_Messagerie):
    """Transmettre à un laboratoire, par MSSanté, la prescription de biologie et l'attestation d'identité qualifiée d'un
    prélèvement fait par l'utilisateur. Le DUI montre la liste de contrôle avant de générer. Observe : ``message_id``
    (Message-ID), ``etat_envoi``, ``controles`` (objet : ``ins_qualifiee``, ``prescription``, ``rpps``, ``mss_laboratoire``,
    ``mss_medecin_traitant``, ``mss_structure``, vrai ou faux), ``alerte``."""

    nom: ClassVar[str] = "transmettre_prelevement"
    phrase: ClassVar[str] = (
        "Pour l'usager {usager}, transmettez au laboratoire (FINESS {finess}) par MSSanté la prescription de biologie et "
        "l'attestation d'identité qualifiée du prélèvement "
        "(boîte {boite}, opérateur {operateur})."
    )
    observe: ClassVar[tuple[str, ...]] = ("message_id", "etat_envoi", "controles", "alerte")
    usager: str
    finess: str
    boite: str = "personnelle"
    operateur: str = "mss"


@dataclass(frozen=True, slots=True)
class ReleverBoite(_Messagerie):
    """Relever la boîte MSSanté et afficher la liste des messages. Observe : ``messages`` (liste d'objets ``message_id``
    (Message-ID), ``objet`` affiché, ``expediteur`` (professionnel, usager ou service), ``usager`` affiché, ``etat``
    (``range``, ``a rattacher``, ``a valider``, ``rejete``, ``quarantaine`` ou ``lu``), ``documents`` (états : ``nouveau``,
    ``deja integre``, ``nouvelle version``, ``version ancienne``, ``conflit``, ``suppression``), ``alerte``), ``alerte``."""

    nom: ClassVar[str] = "relever_boite"
    phrase: ClassVar[str] = "Relevez la boîte MSSanté et affichez la liste des messages (boîte {boite}, opérateur {operateur})."
    observe: ClassVar[tuple[str, ...]] = ("messages", "alerte")
    boite: str = "personnelle"
    operateur: str = "mss"


@dataclass(frozen=True, slots=True)
class IntegrerMessage(_Messagerie):
    """Valider, pour un message relevé, le rangement de ses documents dans le dossier de l'usager désigné (``accepte`` faux : le
    refuser). Observe : ``integre``, ``copies`` (combien de documents de cette série le dossier tient), ``alerte``."""

    nom: ClassVar[str] = "integrer_message"
    phrase: ClassVar[str] = (
        "Ouvrez le message {message} et validez le rangement de ses documents dans le dossier {usager} (accepter : {accepte})."
    )
    observe: ClassVar[tuple[str, ...]] = ("integre", "copies", "alerte")
    usager: str
    message: str
    accepte: bool = True


@dataclass(frozen=True, slots=True)
class LireMessage(_Messagerie):
    """Ouvrir un message relevé. Le DUI rend l'accusé de lecture s'il est demandé et permis. Observe : ``objet``,
    ``expediteur``, ``usager`` (nom, prénom et INS affichés), ``accuse`` (vrai si un accusé est parti)."""

    nom: ClassVar[str] = "lire_message"
    phrase: ClassVar[str] = (
        "Ouvrez le message {message} et acceptez l'accusé de lecture s'il est demandé (boîte {boite}, opérateur {operateur})."
    )
    observe: ClassVar[tuple[str, ...]] = ("objet", "expediteur", "usager", "accuse")
    message: str
    boite: str = "personnelle"
    operateur: str = "mss"


@dataclass(frozen=True, slots=True)
class RepondreMessage(_Messagerie):
    """Répondre à un message relevé, sans pièce jointe. Observe : ``message_id`` (Message-ID de la réponse), ``etat_envoi``,
    ``alerte``."""

    nom: ClassVar[str] = "repondre_message"
    phrase: ClassVar[str] = "Répondez au message {message} par « {texte} » (boîte {boite}, opérateur {operateur})."
    observe: ClassVar[tuple[str, ...]] = ("message_id", "etat_envoi", "alerte")
    message: str
    texte: str = "Bien reçu."
    boite: str = "personnelle"
    operateur: str = "mss"


@dataclass(frozen=True, slots=True)
class SupprimerMessage(_Messagerie):
    """Supprimer un message relevé. Observe : ``supprime``."""

    nom: ClassVar[str] = "supprimer_message"
    phrase: ClassVar[str] = "Supprimez le message {message} (boîte {boite}, opérateur {operateur})."
    observe: ClassVar[tuple[str, ...]] = ("supprime",)
    message: str
    boite: str = "personnelle"
    operateur: str = "mss"


@dataclass(frozen=True, slots=True)
class SuivreEnvoi(_Messagerie):
    """Afficher ce que le DUI sait d'un message envoyé, après relève des accusés. Observe : ``remise`` (``remis``, ``echec`` ou
    vide), ``lecture`` (``lu``, ``erreur`` ou vide)."""

    nom: ClassVar[str] = "suivre_envoi"
    phrase: ClassVar[str] = (
        "Affichez le suivi du message envoyé {message} (remise, lecture) (boîte {boite}, opérateur {operateur})."
    )
    observe: ClassVar[tuple[str, ...]] = ("remise", "lecture")
    message: str
    boite: str = "personnelle"
    operateur: str = "mss"


@dataclass(frozen=True, slots=True)
class EnregistrerOppositionMessagerie(_Messagerie):
    """Enregistrer l'opposition de l'usager (``oppose``) à l'envoi de ses documents par messagerie : ``a`` vaut
    ``professionnel`` ou ``usager`` (Mon espace santé)."""

    nom: ClassVar[str] = "enregistrer_opposition_messagerie"
    phrase: ClassVar[str] = "Dans le dossier {usager}, enregistrez pour la messagerie ({a}) : opposition = {oppose}."
    usager: str
    a: str = "professionnel"
    oppose: bool = True


@dataclass(frozen=True, slots=True)
class ExporterTracesMessagerie(_Messagerie):
    """Extraire les traces de la messagerie : un fichier (CSV, XLSX, ODS ou une ligne JSON par trace) avec la date, l'utilisateur,
    l'action (envoi, suppression, lecture…), le message, la demande, la réponse du serveur et le résultat. Rend la pièce
    ``traces-messagerie.csv``."""

    nom: ClassVar[str] = "exporter_traces_messagerie"
    phrase: ClassVar[str] = "Extrayez les traces de la messagerie et enregistrez le fichier."
    rend: ClassVar[tuple[str, ...]] = ("traces-messagerie.csv",)


@dataclass(frozen=True, slots=True)
class ExporterTableauDeBord(_Messagerie):
    """Extraire le tableau de bord des envois (DMP, MSSanté professionnel, MSSanté usager). ``disposition`` : ``envois`` (une
    ligne par envoi) ou ``mois`` (une colonne par mois) ; un DUI qui n'en a qu'une ignore ce choix. Rend la pièce
    ``tableau-de-bord.csv``."""

    nom: ClassVar[str] = "exporter_tableau_de_bord"
    phrase: ClassVar[str] = "Extrayez le tableau de bord des envois (disposition : {disposition}) et enregistrez le fichier."
    rend: ClassVar[tuple[str, ...]] = ("tableau-de-bord.csv",)
    disposition: str = "envois"


GESTES: tuple[type[Gesture], ...] = (
    ConfigurerBoite,
    RechercherCorrespondant,
    EnvoyerMessage,
    TransmettrePrelevement,
    ReleverBoite,
    IntegrerMessage,
    LireMessage,
    RepondreMessage,
    SupprimerMessage,
    SuivreEnvoi,
    EnregistrerOppositionMessagerie,
    ExporterTracesMessagerie,
    ExporterTableauDeBord,
)
