"""Sending documents by MSSanté: who may receive them, the mail, its submission, what is kept of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from enum import StrEnum

from .alterations import Couture
from .documents.document import Document
from .dossier import Dossier
from .mss_lettre import PATIENTS, Plume, est_citoyenne, lettre_xdm
from .mss_operateurs import Boite, Operateur, Operateurs
from .mss_traces import ECHEC, REUSSI, TraceMss, TracesMss
from .mss_transport import Acces, Enveloppe, MssIndisponible
from .mss_xdm import Emetteur, archive
from .poste import Poste
from .psc_session import SessionPerdue
from .traces import instant

TAILLE_CITOYEN = 25 * 1024 * 1024


class Canal(StrEnum):
    """By which way a document left."""

    DMP = "DMP"
    PROFESSIONNEL = "MSSanté professionnel"
    USAGER = "MSSanté usager"


class EnvoiInterdit(Exception):
    """The mail must not leave; the message is shown to the user."""


@dataclass(slots=True)
class Expedition:
    """A mail that was sent, or tried. ``remise`` and ``lecture`` are what receipts said of it."""

    message: str
    canal: Canal
    dossier: str
    types: tuple[str, ...]
    le: datetime
    utilisateur: str
    reussi: bool
    ins_qualifiee: bool
    vers: str
    remise: str = ""
    lecture: str = ""


@dataclass(slots=True)
class Courrier:
    """The mail office of the DUI: what it sent, and the traces of all that it did."""

    poste: Poste
    acces: Acces
    operateurs: Operateurs
    traces: TracesMss
    nil: str
    expeditions: list[Expedition] = field(default_factory=list)

    def autoriser(self, dossier: Dossier, vers: str) -> str:
        """The address to write to (``usager``: his own); raises ``EnvoiInterdit``."""
        regles, identite = self.poste.regles.mss, dossier.identite
        if vers != "usager" and not est_citoyenne(vers):
            if dossier.opposition_professionnel and regles.respecte_opposition_professionnel:
                raise EnvoiInterdit("L'usager s'oppose à l'envoi de ses documents aux professionnels par messagerie.")
            return vers
        if dossier.opposition_usager and regles.respecte_opposition_usager:
            raise EnvoiInterdit("L'usager s'oppose à recevoir ses documents dans Mon espace santé.")
        if not identite.diffusable and regles.exige_ins_qualifiee:
            raise EnvoiInterdit("L'identité de l'usager n'est pas qualifiée : il n'a pas d'adresse de messagerie.")
        ins = identite.ins or dossier.carte_vitale
        if ins is None:
            raise EnvoiInterdit("L'usager n'a pas d'INS.")
        sienne = f"{ins.complet}@{PATIENTS}"
        if vers not in ("usager", sienne) and regles.usager_de_la_base:
            raise EnvoiInterdit("Cette adresse n'est pas celle de l'usager.")
        return sienne if vers == "usager" else vers

    def expedier(
        self, dossier: Dossier, documents: Sequence[Document], vers: str, boite: Boite, *, clore: bool = False, remplace: str = ""
    ) -> Expedition:
        """Write the mail and submit it; raises ``EnvoiInterdit``, ``MssIndisponible``, ``SessionPerdue``."""
        poste, le = self.poste, self.poste.horloge.maintenant()
        operateur = self.operateurs.trouver(boite.operateur)
        qui = poste.authentification().utilisateur
        emetteur = Emetteur(qui, poste.configuration.structure, poste.configuration.logiciel)
        contenu = archive(documents, emetteur, le, poste.alterations, remplace=remplace)
        plume = Plume(boite, qui, poste.configuration.structure, self.nil)
        lecture = poste.regles.mss.demande_la_lecture
        message = lettre_xdm(plume, vers, documents, contenu, le, clore=clore, lecture=lecture)
        if dossier.identite.ins is not None and not poste.regles.mss.tait_l_ins_non_qualifiee:
            message["Keywords"] = dossier.identite.ins.complet
        expedition = Expedition(
            message=str(message["Message-ID"]),
            canal=Canal.USAGER if est_citoyenne(vers) else Canal.PROFESSIONNEL,
            dossier=dossier.id,
            types=tuple(document.type.id for document in documents),
            le=le,
            utilisateur=qui.id_nat,
            reussi=False,
            ins_qualifiee=dossier.identite.diffusable,
            vers=vers,
        )
        message = poste.alterations.passer(Couture.COURRIEL, message)
        try:
            self.soumettre(operateur, boite, message, [vers], action="envoi")
        finally:
            self.expeditions.append(expedition)
        expedition.reussi = True
        return expedition

    def soumettre(
        self, operateur: Operateur, boite: Boite, message: EmailMessage, vers: Sequence[str], *, action: str, expediteur: str = ""
    ) -> None:
        """Submit any mail and trace it; raises ``EnvoiInterdit`` for one too large, ``MssIndisponible``, ``SessionPerdue``."""
        octets = message.as_bytes()
        regles = self.poste.regles.mss
        if action != "accusé":
            self._mesurer(operateur, octets, vers)
        remise = ["NOTIFY=SUCCESS,FAILURE,DELAY"] if regles.demande_la_remise and action == "envoi" else []
        options = ["RET=HDRS", f"ENVID={_local(message)}"] if remise else []
        enveloppe = Enveloppe(boite.adresse, list(vers), options, remise)
        try:
            reponse = self.acces.envoyer(operateur, boite, octets, enveloppe)
        except (MssIndisponible, SessionPerdue) as erreur:
            self.tracer(boite, action, str(message["Message-ID"]), f"MAIL FROM, RCPT TO {len(vers)}", str(erreur), ECHEC)
            raise
        contenu = message.get_body(("plain",)) if regles.trace_le_contenu else None
        texte = str(contenu.get_content()) if contenu is not None else ""
        self.tracer(boite, action, str(message["Message-ID"]), f"MAIL FROM, RCPT TO {len(vers)}", reponse, REUSSI, texte)

    def tracer(
        self, boite: Boite, action: str, message: str, demande: str, reponse: str, resultat: str, contenu: str = ""
    ) -> None:
        """Keep a trace, as the rules of this DUI have it."""
        regles = self.poste.regles.mss
        if not regles.trace or (resultat == ECHEC and not regles.trace_les_echecs):
            return
        if action == "suppression" and not regles.trace_les_suppressions:
            return
        qui = self.poste.authentification().utilisateur.id_nat
        date = instant(self.poste.horloge.maintenant())
        self.traces.ajouter(TraceMss(date, qui, boite.adresse, action, message, demande, reponse, resultat, contenu))

    def _mesurer(self, operateur: Operateur, octets: bytes, vers: Sequence[str]) -> None:
        limite = min(operateur.taille_max, TAILLE_CITOYEN) if any(map(est_citoyenne, vers)) else operateur.taille_max
        if len(octets) > limite and self.poste.regles.mss.respecte_la_taille:
            raise EnvoiInterdit(f"Le message ({len(octets)} octets) dépasse la taille permise ({limite}).")


def _local(message: EmailMessage) -> str:
    """The local part of the Message-ID: what a delivery report names the submission by."""
    return str(message["Message-ID"]).strip("<>").partition("@")[0]
