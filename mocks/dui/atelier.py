"""The workshop: a document is written, validated, changed; each time an order to send it is made, or not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import TYPE_CHECKING

from .documents.document import Document
from .documents.entete import nouvel_oid
from .dossier import Dossier
from .envois import Envoi, EtatEnvoi
from .redacteur import Commande, Redacteur
from .vihf import Authentification
from .xds import VISIBILITES

if TYPE_CHECKING:
    from .poste import Poste

_HEURE = time(9, 0, tzinfo=UTC)
"""When documents of the past were written."""


class Atelier:
    """Writes what the user validates, and hands the orders to the sender of the DUI."""

    def __init__(self, poste: Poste) -> None:
        self._poste = poste
        self._redacteur = Redacteur(poste.configuration.structure, poste.alterations, poste.regles.vaccin)
        self._commandes: dict[str, Commande] = {}
        self._visibilite = ""

    def rediger(self, commande: Commande, *, uid: str = "", set_id: str = "") -> Document:
        """The document, written now unless the order says when; kept in the record."""
        maintenant = self._poste.horloge.maintenant().replace(microsecond=0)
        document = self._redacteur.rediger(commande, commande.ecrit_le or maintenant, uid or nouvel_oid(), set_id)
        self._commandes[document.reference] = commande
        commande.dossier.documents.append(document.reference)
        commande.dossier.contenus[document.reference] = document.octets
        return document

    def valider(self, commande: Commande, *, retenir: bool) -> Envoi:
        """Write a document and decide what becomes of it."""
        commande = replace(commande, visibilite=self._visible(commande.visibilite))
        document = self.rediger(commande)
        return self._programmer(document, commande, *self._decider(commande.dossier, document, retenir=retenir))

    def modifier(self, envoi: Envoi) -> Envoi:
        """A new version of the document of an order: it replaces what was sent, or takes the place of what was not."""
        regles, ancien = self._poste.regles.alimentation, envoi.document
        depose = envoi.etat is EtatEnvoi.ENVOYE
        if not depose and regles.retire_l_envoi_depasse:
            self._poste.envois.annuler(envoi)
        acte = ancien.acte_le - regles.correction if regles.reporte_le_changement else ancien.acte_le
        commande = replace(
            self._commandes[ancien.reference],
            auteur=self._poste.authentification().utilisateur,
            version=ancien.version + (regles.pas if depose else 0),
            remplace=ancien.reference if depose and regles.cite_l_ancien else "",
            acte_le=acte,
        )
        uid = "" if regles.renouvelle_l_id else ancien.reference
        document = self.rediger(commande, uid=uid, set_id=ancien.set_id if regles.garde_le_set_id else "")
        document = replace(document, remplace=self._vise(commande.dossier, ancien) if depose and regles.remplace else "")
        return self._programmer(document, commande, *self._decider(commande.dossier, document, retenir=False))

    def historique(self, dossier: Dossier, type: str, date: str, *, avec_rpps: bool) -> Envoi:
        """A document of the past, which is sent because the user asks for it."""
        regles, qui = self._poste.regles.alimentation, self._poste.authentification()
        auteur = qui.utilisateur
        if not avec_rpps:
            interne = f"3{self._poste.configuration.structure.finess_ej}/ancien-12"
            auteur = replace(auteur, id_nat=interne, nom="TESTEUR-PARTI", prenom="Lise", situations=())
        passe = datetime.combine(datetime.fromisoformat(date), _HEURE) if regles.date_de_l_acte else None
        commande = Commande(type, dossier, auteur, ecrit_le=passe)
        document = self.rediger(commande)
        return self._programmer(document, commande, *self._decider(dossier, document, retenir=False), des=timedelta(0))

    def encore(self, envoi: Envoi) -> Envoi:
        """Send by hand the document of an order that did not leave."""
        dossier = envoi.dossier
        etat, motif = self._decider(dossier, envoi.document, retenir=False)
        return self._programmer(envoi.document, self._commandes[envoi.document.reference], etat, motif, des=timedelta(0))

    def _programmer(
        self, document: Document, commande: Commande, etat: EtatEnvoi, motif: str, *, des: timedelta | None = None
    ) -> Envoi:
        qui: Authentification = self._poste.authentification()
        envoi = Envoi(
            document,
            commande.dossier,
            qui,
            renouvelle=partial(self._rediger_encore, document, commande),
            le=self._poste.horloge.maintenant() + (self._poste.regles.envoi.delai if des is None else des),
            etat=etat,
            motif=motif,
        )
        self._poste.envois.programmer(envoi)
        return envoi

    def _decider(self, dossier: Dossier, document: Document, *, retenir: bool) -> tuple[EtatEnvoi, str]:
        """What becomes of a document that was just validated."""
        regles = self._poste.regles.envoi
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

    def _visible(self, demandee: str) -> str:
        """The visibility of a document: what the user chose for it."""
        regles = self._poste.regles.alimentation
        if demandee and demandee not in VISIBILITES:
            raise ValueError(f"visibilité inconnue : {demandee} (connues : {', '.join(VISIBILITES)})")
        choisie = demandee or (self._visibilite if regles.repete_la_visibilite else "")
        self._visibilite = choisie
        if not regles.reporte_la_visibilite:
            return ""
        return "masque-ps" if choisie == "invisible-patient" and regles.masque_au_lieu_de_cacher else choisie

    def _vise(self, dossier: Dossier, ancien: Document) -> str:
        return dossier.documents[0] if self._poste.regles.alimentation.vise == "premiere" else ancien.reference

    def _rediger_encore(self, ancien: Document, commande: Commande, maniere: str) -> Document:
        """The document written again, under another uniqueId (``nouveau``) or under the same (``reecrit``)."""
        return self.rediger(commande, uid="" if maniere == "nouveau" else ancien.reference)
