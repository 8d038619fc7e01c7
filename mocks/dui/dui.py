"""The reference DUI: one method per gesture, named as the gesture is.

What a user does arrives here; :mod:`.psc`, :mod:`.insi` and :mod:`.envois` do the work, :mod:`.dossier` keeps the usagers.
Gestures run one at a time; orders to the DMP leave in the background.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial, wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec

from ...core.gestures import GESTURES, Etat, Gesture, Piece, Resultat
from ...fixtures.professionals import professionals
from .comptes import Comptes, Utilisateur
from .configuration import MODE_AIR, MODE_INDIRECT, Configuration
from .dmp import ClientDmp
from .documents.document import Document
from .documents.entete import nouvel_oid
from .documents_recus import DocumentsRecus
from .dossier import Dossier, Dossiers, UsagerInconnu
from .edc_gestes import AppelsApi
from .envois import Envoi, EtatEnvoi, FileEnvois
from .faults import alterations_de, regles_de
from .horloge import Horloge, temps_systeme
from .inerte import InertDui
from .insi import AppelInterdit, ClientInsi, InsiIndisponible, Moyen
from .jetons import JetonRefuse
from .navigateur import NavigationImpossible
from .psc import ClientPsc
from .psc_session import ConnexionRefusee, Demande, PscIndisponible, RefusDuProfessionnel, SessionPerdue
from .redacteur import Commande, IdentiteNonQualifiee, Redacteur, TypeInconnu
from .traces import Traces
from .transport import Transport
from .vaccins import VaccinInconnu
from .vihf import Authentification

__all__ = ["Dui", "InertDui"]

COMPTE_LOCAL = "infirmiere-ehpad"
"""The account in use when nobody came through Pro Santé Connect."""


P = ParamSpec("P")


def _geste(methode: Callable[Concatenate[Dui, P], Resultat]) -> Callable[Concatenate[Dui, P], Resultat]:
    """A gesture: one at a time, and what it cannot find makes it impossible rather than raise."""

    @wraps(methode)
    def jouer(dui: Dui, /, *args: P.args, **kwargs: P.kwargs) -> Resultat:
        with dui.verrou:
            dui.agir()
            try:
                return methode(dui, *args, **kwargs)
            except (UsagerInconnu, VaccinInconnu, TypeInconnu) as erreur:
                return Resultat(Etat.IMPOSSIBLE, str(erreur))
            except IdentiteNonQualifiee as erreur:
                return Resultat(Etat.REFUSE, str(erreur))

    return jouer


class Dui:
    """A running DUI, configured by the content of ``services.json``.

    ``faults`` are names of :data:`.faults.FAULTS`. ``now`` is the source of time; :meth:`advance` adds to it. ``dossier`` is
    where it writes its traces; without one they stay in memory.
    """

    def __init__(
        self,
        services: Mapping[str, Any],
        *,
        faults: Collection[str] = (),
        now: Callable[[], datetime] = temps_systeme,
        delai_reseau: float = 5.0,
        dossier: Path | None = None,
    ) -> None:
        configuration = Configuration.lire(services)
        self._configuration = configuration
        self._alterations = alterations_de(faults)
        self._regles = regles_de(faults)
        self._horloge = Horloge(now)
        self.verrou = threading.Lock()
        roles = self._regles.certificats
        de_trop = configuration.certificat(roles.autorite_de_trop).certificat if roles.autorite_de_trop else ""
        transport = Transport(configuration.ac, self._alterations, delai_reseau, autorite_de_trop=de_trop)
        comptes = Comptes(
            configuration.structure,
            rapproche_par=self._regles.psc.rapproche_par,
            accepte_sans_rpps=self._regles.psc.accepte_sans_rpps,
        )
        self._traces = Traces(self._alterations, dossier)
        self._compte_local = comptes.local(professionals()[COMPTE_LOCAL])
        self._ouvert_le = self._horloge.maintenant()
        self._dossiers = Dossiers()
        self._psc = ClientPsc(
            configuration,
            transport,
            comptes,
            self._horloge,
            self._regles,
            self._alterations,
            configuration.certificat(roles.psc),
            self._traces,
        )
        self._api = AppelsApi.de(configuration, transport, self._psc, self._horloge, self._regles, self._alterations)
        self._insi = ClientInsi(
            configuration, transport, self._horloge, self._regles.ins, self._alterations, configuration.certificat(roles.insi)
        )
        dmp = ClientDmp(configuration, transport, self._horloge, self._alterations, self._regles)
        self._envois = FileEnvois(dmp, self._horloge, self._regles.envoi)
        self._redacteur = Redacteur(configuration.structure, self._alterations, self._regles.vaccin)
        self._recus = DocumentsRecus(self._regles.reception)

    def capabilities(self) -> dict[str, Any]:
        """The gestures offered (all), and that the clock can be moved."""
        return {"gestes": sorted(GESTURES), "horloge": True}

    def play(self, gesture: Gesture) -> Resultat:
        """Do what the user does; never raises for what a user may do."""
        resultat = getattr(self, gesture.nom)(**gesture.arguments())
        assert isinstance(resultat, Resultat)
        return resultat

    def agir(self) -> None:
        """The user does something: his session, if it is open, is not idle."""
        self._psc.agir()

    def advance(self, delta: timedelta) -> None:
        """Move the DUI's clock forward; orders whose time has come leave at once."""
        self._horloge.avancer(delta)

    def avancer_horloge(self, secondes: float) -> None:
        """The same, in seconds."""
        self.advance(timedelta(seconds=secondes))

    def close(self) -> None:
        """Stop the background sender, and the proxy e-Santé if it listens."""
        self._envois.fermer()
        if self._api is not None:
            self._api.fermer()

    @_geste
    def creer_usager(self, usager: Mapping[str, Any]) -> Resultat:
        """Open the record of a usager."""
        dossier = self._dossiers.creer(usager)
        return _fait(statut=dossier.identite.statut.value)

    @_geste
    def se_connecter(self, professionnel: str, mode: str = "web") -> Resultat:
        """Log in through Pro Santé Connect: by the browser, without it (``ciba``), or through another provider (``fi``)."""
        try:
            session = self._psc.connecter(professionnel, mode)
        except ConnexionRefusee as erreur:
            if self._ouvre_malgre_tout(erreur, mode):
                return _fait("Session locale ouverte.", session=True, compte=self._compte_local.compte)
            return _refus(str(erreur), session=False, compte="", **self._montre(mode))
        bienvenue = f"Bienvenue {session.utilisateur.libelle}."
        return _fait(bienvenue, session=True, compte=session.utilisateur.compte, **self._montre(mode))

    @_geste
    def se_deconnecter(self) -> Resultat:
        """Log out, here, at the proxy e-Santé and at Pro Santé Connect."""
        if self._api is not None:
            self._api.deconnecter()
        try:
            self._psc.deconnecter()
        except (NavigationImpossible, PscIndisponible) as erreur:
            return _fait(f"Session fermée ; {erreur}", session=self._psc.session is not None)
        return _fait("Session fermée.", session=self._psc.session is not None)

    @_geste
    def utiliser_session(self) -> Resultat:
        """Show the professional's profile, read again from Pro Santé Connect."""
        try:
            utilisateur = self._psc.relire_identite()
        except SessionPerdue as erreur:
            return _refus(str(erreur), session=self._psc.session is not None)
        except (PscIndisponible, JetonRefuse) as erreur:
            return _refus(f"Profil indisponible : {erreur}", session=self._psc.session is not None)
        return _fait(utilisateur.libelle, session=True, compte=utilisateur.compte)

    @_geste
    def exporter_traces(self) -> Resultat:
        """Give the extract of the traces of connections."""
        return Resultat(Etat.FAIT, pieces=(Piece("traces.csv", self._traces.csv()),))

    @_geste
    def appeler_api(self, proxy: str = "editeur") -> Resultat:
        """Call the test API of the espace de confiance."""
        if self._api is None:
            return Resultat(Etat.IMPOSSIBLE, "Aucun espace de confiance n'est configuré.")
        return self._api.appeler(proxy)

    @_geste
    def rechercher_ins(self, usager: str, moyen: str = "traits", authentification: str = "certificat") -> Resultat:
        """Search the INS and record what INSi gives, when it may be recorded."""
        dossier = self._dossiers.trouver(usager)
        try:
            utilisateur = self._utilisateur_insi(Moyen(authentification))
            issue = self._insi.rechercher(
                dossier, par_carte=moyen == "vitale", moyen=Moyen(authentification), utilisateur=utilisateur
            )
        except (AppelInterdit, SessionPerdue, InsiIndisponible) as erreur:
            alerte = str(erreur) if self._regles.ins.montre_le_motif else ""
            return _refus(alerte, code="", statut=dossier.identite.statut.value, alerte=alerte)
        return _fait(issue.alerte, code=issue.code, statut=dossier.identite.statut.value, alerte=issue.alerte)

    @_geste
    def verifier_ins(self, usager: str, authentification: str = "certificat") -> Resultat:
        """Ask INSi whether the INS of the record is right."""
        dossier = self._dossiers.trouver(usager)
        try:
            utilisateur = self._utilisateur_insi(Moyen(authentification))
            reponse = self._insi.verifier(dossier, moyen=Moyen(authentification), utilisateur=utilisateur)
        except (AppelInterdit, SessionPerdue, InsiIndisponible) as erreur:
            return _refus(str(erreur), reponse="", statut=dossier.identite.statut.value)
        return _fait(f"INSi a répondu {reponse}.", reponse=reponse, statut=dossier.identite.statut.value)

    @_geste
    def controler_identite(self, usager: str, piece: str = "carte nationale d'identité") -> Resultat:
        """Record that an identity document of high confidence was controlled."""
        dossier = self._dossiers.trouver(usager)
        dossier.identite = dossier.identite.avec_piece(self._regles.ins)
        return _fait(f"Identité contrôlée ({piece}).", statut=dossier.identite.statut.value)

    @_geste
    def marquer_identite(self, usager: str, attribut: str = "douteuse") -> Resultat:
        """Mark the identity as doubtful or fictive."""
        dossier = self._dossiers.trouver(usager)
        dossier.identite = dossier.identite.marquee(attribut, self._regles.ins)
        return _fait(statut=dossier.identite.statut.value)

    @_geste
    def lire_identite(self, usager: str) -> Resultat:
        """Show the identity."""
        identite = self._dossiers.trouver(usager).identite
        traits, ins = identite.traits, identite.ins
        return _fait(
            statut=identite.statut.value,
            matricule=ins.matricule if ins else "",
            oid=ins.oid if ins else "",
            nom_naissance=traits.nom_naissance,
            prenoms=list(traits.prenoms),
            sexe=traits.sexe,
            date_naissance=traits.date_naissance,
            lieu_naissance=traits.lieu_naissance,
        )

    @_geste
    def enregistrer_opposition(self, usager: str, oppose: bool = True) -> Resultat:
        """Record the usager's opposition to feeding the DMP, or its absence."""
        dossier = self._dossiers.trouver(usager)
        if oppose or self._regles.envoi.opposition_reversible:
            dossier.opposition = oppose
        return _fait("Opposition enregistrée." if oppose else "Non-opposition enregistrée.")

    @_geste
    def valider_document(self, usager: str, type: str, retenir: bool = False, cip: str = "", lot: str = "") -> Resultat:
        """Write and validate a document; the order to send it is made without any other gesture."""
        dossier = self._dossiers.trouver(usager)
        auteur = self._authentification()
        commande = Commande(type, dossier, auteur.utilisateur, cip, lot)
        document = self._rediger(commande)
        dossier.documents.append(document.reference)
        etat, motif = self._decider(dossier, document, retenir=retenir)
        envoi = Envoi(
            document,
            dossier,
            auteur,
            renouvelle=partial(self._rediger_encore, document, commande),
            le=self._horloge.maintenant() + self._regles.envoi.delai,
            etat=etat,
            motif=motif,
        )
        self._envois.programmer(envoi)
        annonce = etat.value if self._regles.envoi.annonce_l_envoi else EtatEnvoi.RETENU.value
        return _fait(motif, document=document.reference, etat_envoi=annonce)

    @_geste
    def imprimer_document(self, usager: str, type: str) -> Resultat:
        """Write and validate a document, then give its paper form; nothing leaves for the DMP."""
        dossier = self._dossiers.trouver(usager)
        commande = Commande(type, dossier, self._authentification().utilisateur)
        document = self._rediger(commande)
        dossier.documents.append(document.reference)
        numero = (("prescription", document.prescription),) if document.prescription else ()
        return Resultat(Etat.FAIT, observations=numero, pieces=(Piece("document.pdf", document.imprime()),))

    @_geste
    def importer_document(self, usager: str, nom_fichier: str, contenu: str) -> Resultat:
        """File a received CDA document in this record, unless it is unreadable, of someone else or there already."""
        issue = self._recus.recevoir(self._dossiers.trouver(usager), contenu)
        observations = {"integre": issue.integre, "alerte": issue.alerte, "copies": issue.copies}
        message = issue.alerte or f"{nom_fichier} : rangé dans le dossier."
        return _fait(message, **observations) if issue.integre else _refus(issue.alerte, **observations)

    @_geste
    def annuler_envoi(self, usager: str) -> Resultat:
        """Cancel the last order of this usager, while it has not left."""
        envoi = self._envois.dernier(self._dossiers.trouver(usager))
        if envoi is None or not self._regles.envoi.annulation_offerte:
            return _refus("Aucun envoi à annuler pour cet usager.", etat_envoi="")
        etat = self._envois.annuler(envoi)
        if etat is not EtatEnvoi.ANNULE and self._regles.envoi.respecte_annulation:
            return _refus(f"L'envoi ne peut plus être annulé ({etat.value}).", etat_envoi=etat.value)
        return _fait("Envoi annulé.", etat_envoi=etat.value)

    @_geste
    def attendre_envois(self) -> Resultat:
        """Let the background sender work until nothing is due."""
        if not self._envois.attendre(delai=60.0):
            return Resultat(Etat.ERREUR, "Des envois sont encore en cours.")
        return _fait()

    def _decider(self, dossier: Dossier, document: Document, *, retenir: bool) -> tuple[EtatEnvoi, str]:
        """What becomes of a document that was just validated."""
        regles = self._regles.envoi
        retenu = retenir or (dossier.choix_precedent and not regles.oublie_la_retenue)
        dossier.choix_precedent = retenir
        if not document.type.dmp:
            return EtatEnvoi.RETENU, "Ce type de document ne s'envoie pas au DMP."
        if (retenu and regles.respecte_retenue) or not regles.envoi_automatique:
            return EtatEnvoi.RETENU, "Le document ne sera pas envoyé au DMP."
        if dossier.opposition and regles.respecte_opposition:
            return EtatEnvoi.BLOQUE, "L'usager s'oppose à l'alimentation de son DMP."
        if regles.exige_identite_qualifiee and not dossier.identite.diffusable:
            return EtatEnvoi.BLOQUE, "L'identité de l'usager n'est pas qualifiée : le document reste dans le DUI."
        return EtatEnvoi.PROGRAMME, ""

    def _rediger(self, commande: Commande, uid: str = "") -> Document:
        return self._redacteur.rediger(commande, self._horloge.maintenant().replace(microsecond=0), uid or nouvel_oid())

    def _rediger_encore(self, ancien: Document, commande: Commande, maniere: str) -> Document:
        """The document written again, under another uniqueId (``nouveau``) or under the same (``reecrit``)."""
        return self._rediger(commande, "" if maniere == "nouveau" else ancien.reference)

    def _authentification(self) -> Authentification:
        """Who acts: the user known by Pro Santé Connect, else the local account with the structure's certificate."""
        session = self._psc.session if self._psc.ouverte else None
        if session is not None and session.fournisseur == "psc" and self._configuration.dmp_mode == MODE_AIR:
            utilisateur = session.utilisateur if self._regles.envoi.nomme_l_utilisateur_psc else self._autre_compte()
            return Authentification(utilisateur, session.ouverte_le, MODE_AIR, session.moyen)
        return Authentification(self._compte_local, self._ouvert_le, MODE_INDIRECT)

    def commencer_connexion(self, redirect_uri: str) -> tuple[Demande, str]:
        """For a browser of the user's own: a demand, and where it goes with it."""
        with self.verrou:
            try:
                return self._psc.preparer(redirect_uri=redirect_uri)
            except PscIndisponible as erreur:
                raise ConnexionRefusee(f"Connexion impossible : {erreur}") from erreur

    def finir_connexion(self, demande: Demande, retour: str) -> tuple[bool, str]:
        """Open the session of a browser that came back."""
        with self.verrou:
            try:
                session = self._psc.revenir(demande, retour)
            except ConnexionRefusee as erreur:
                return False, str(erreur)
            return True, f"Bienvenue {session.utilisateur.libelle}."

    def utilisateur_connecte(self) -> Utilisateur | None:
        """Who is logged in, if anyone still is."""
        with self.verrou:
            self._psc.agir()
            return self._psc.session.utilisateur if self._psc.session is not None and self._psc.ouverte else None

    def choisir_situation(self, rang: int) -> None:
        """The user works in another of his situations."""
        with self.verrou:
            session = self._psc.session
            if session is not None and rang < len(session.utilisateur.situations):
                session.utilisateur = session.utilisateur.en_situation(rang)

    def finir_session(self, retour: str) -> str:
        """Close the session; gives where the browser goes to close it at the provider, and come back to ``retour``, or ``""``."""
        with self.verrou:
            return self._psc.fermer(retour)

    def _montre(self, mode: str) -> dict[str, str]:
        """The number that the user compares with the one of his other device."""
        return {"nombre": self._psc.nombre} if mode == "ciba" else {}

    def _ouvre_malgre_tout(self, erreur: ConnexionRefusee, mode: str) -> bool:
        """True for a faulty DUI that opens a session of its own when Pro Santé Connect gave none."""
        regles = self._regles.psc
        if isinstance(erreur, RefusDuProfessionnel):
            return not regles.refus_du_professionnel_respecte or (mode == "ciba" and self._regles.ciba.session_malgre_le_refus)
        if isinstance(erreur.__cause__, SessionPerdue):
            return not regles.refus_du_code_respecte
        return isinstance(erreur.__cause__, PscIndisponible | NavigationImpossible) and not regles.panne_respectee

    def _autre_compte(self) -> Utilisateur:
        """The account of someone else, whom a faulty DUI may name instead of the user."""
        return replace(self._compte_local, id_nat=professionals()["medecin-multi"].id_nat)

    def _utilisateur_insi(self, moyen: Moyen) -> Utilisateur:
        """Pro Santé Connect needs an open session; the other means are those of the local account, or of the session."""
        if moyen is Moyen.PSC:
            return self._psc.active().utilisateur
        return self._psc.session.utilisateur if self._psc.session is not None else self._compte_local


def _fait(message: str = "", **observations: Any) -> Resultat:
    return Resultat(Etat.FAIT, message, tuple(observations.items()))


def _refus(message: str, **observations: Any) -> Resultat:
    return Resultat(Etat.REFUSE, message, tuple(observations.items()))
