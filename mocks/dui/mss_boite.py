"""What is done in a mailbox: fetch what is new, open, answer, delete, follow what was sent."""

from __future__ import annotations

import imaplib
from dataclasses import dataclass, field
from typing import Any

from .alterations import Couture
from .dossier import Dossier
from .mss_accuses import accuse, demande_un_accuse, nouvelles, reponse
from .mss_envois import Courrier, EnvoiInterdit
from .mss_lettre import Plume
from .mss_operateurs import Boite
from .mss_reception import Lettre, Reception
from .mss_traces import ECHEC, REUSSI
from .mss_transport import MssIndisponible
from .psc_session import SessionPerdue


class MessageInconnu(LookupError):
    """No such message was fetched."""


@dataclass(slots=True)
class Courriels:
    """The mails fetched from each box, oldest first."""

    courrier: Courrier
    reception: Reception
    _lettres: dict[str, list[Lettre]] = field(default_factory=dict)

    def relever(self, boite: Boite) -> list[Lettre]:
        """Fetch what is new; gives all that the box holds. Raises ``MssIndisponible``, ``SessionPerdue``."""
        connues = self._lettres.setdefault(boite.adresse, [])
        deja = {lettre.uid for lettre in connues}
        operateur = self.courrier.operateurs.trouver(boite.operateur)
        garde = self.courrier.poste.regles.reception_mss.garde_le_message

        def lire(imap: imaplib.IMAP4) -> list[tuple[str, bytes]]:
            _sur(imap.select("INBOX"))
            uids = _sur(imap.uid("SEARCH", "ALL"))[0] or b""
            lues = []
            for uid in uids.split():
                if uid.decode() in deja:
                    continue
                for morceau in _sur(imap.uid("FETCH", uid.decode(), "(BODY.PEEK[])")):
                    if isinstance(morceau, tuple):
                        lues.append((uid.decode(), morceau[1]))
                imap.uid("STORE", uid.decode(), "+FLAGS", "(\\Seen)" if garde else "(\\Seen \\Deleted)")
            if not garde:
                imap.expunge()
            return lues

        try:
            lues = self.courrier.acces.lire(operateur, boite, lire)
        except (MssIndisponible, SessionPerdue) as erreur:
            self.courrier.tracer(boite, "relève", "", "SELECT INBOX, SEARCH, FETCH", str(erreur), ECHEC)
            raise
        self.courrier.tracer(boite, "relève", "", "SELECT INBOX, SEARCH, FETCH", f"OK, {len(lues)} message(s)", REUSSI)
        for uid, octets in lues:
            lettre = self.reception.accueillir(uid, octets)
            connues.append(lettre)
            self._rapprocher(lettre)
        return connues

    def trouver(self, message: str) -> Lettre:
        """A message that was fetched, by its Message-ID; raises ``MessageInconnu``."""
        for lettres in self._lettres.values():
            for lettre in reversed(lettres):
                if lettre.id == message:
                    return lettre
        raise MessageInconnu(f"Aucun message relevé ne porte l'identifiant {message}.")

    def copies(self, lettre: Lettre, dossier: Dossier) -> int:
        """How many documents of the series of this message a record holds."""
        return self.reception.copies(lettre, dossier)

    def ouvrir(self, lettre: Lettre, boite: Boite) -> bool:
        """Read a message; true when a receipt left. Raises as a submission."""
        regles = self.courrier.poste.regles.reception_mss
        vers = demande_un_accuse(lettre, regles)
        if not vers:
            return False
        poste = self.courrier.poste
        logiciel = f"{poste.configuration.logiciel.nom} {poste.configuration.logiciel.version}"
        message = accuse(self._plume(boite), lettre, vers, poste.horloge.maintenant(), logiciel)
        message = poste.alterations.passer(Couture.MDN, message)
        operateur = self.courrier.operateurs.trouver(boite.operateur)
        self.courrier.soumettre(operateur, boite, message, [vers], action="accusé")
        return True

    def repondre(self, lettre: Lettre, boite: Boite, texte: str) -> str:
        """Answer a message; gives the Message-ID of the answer. Raises as a submission."""
        if lettre.expediteur == "service":
            raise EnvoiInterdit("On ne répond pas à un accusé.")
        poste = self.courrier.poste
        message = reponse(self._plume(boite), lettre, texte, poste.horloge.maintenant())
        message = poste.alterations.passer(Couture.REPONSE, message)
        operateur = self.courrier.operateurs.trouver(boite.operateur)
        vers = [adresse.addr_spec for adresse in message["To"].addresses]
        self.courrier.soumettre(operateur, boite, message, vers, action="réponse")
        return str(message["Message-ID"])

    def supprimer(self, lettre: Lettre, boite: Boite) -> None:
        """Remove a message from its box; raises ``MssIndisponible``, ``SessionPerdue``."""
        operateur = self.courrier.operateurs.trouver(boite.operateur)

        def retirer(imap: imaplib.IMAP4) -> None:
            _sur(imap.select("INBOX"))
            _sur(imap.uid("STORE", lettre.uid, "+FLAGS", "(\\Deleted)"))
            _sur(imap.expunge())

        demande = f"UID STORE {lettre.uid} \\Deleted, EXPUNGE"
        try:
            self.courrier.acces.lire(operateur, boite, retirer)
        except (MssIndisponible, SessionPerdue) as erreur:
            self.courrier.tracer(boite, "suppression", lettre.id, demande, str(erreur), ECHEC)
            raise
        self.courrier.tracer(boite, "suppression", lettre.id, demande, "OK", REUSSI)
        self._lettres[boite.adresse] = [une for une in self._lettres[boite.adresse] if une is not lettre]

    def _rapprocher(self, lettre: Lettre) -> None:
        """Tell the mails that we sent what this receipt says of them."""
        if not self.courrier.poste.regles.reception_mss.rapproche_les_accuses:
            return
        for message, quoi, comment in nouvelles(lettre):
            for expedition in self.courrier.expeditions:
                if message and message.strip("<>").partition("@")[0] == expedition.message.strip("<>").partition("@")[0]:
                    setattr(expedition, quoi, comment)

    def _plume(self, boite: Boite) -> Plume:
        poste = self.courrier.poste
        return Plume(boite, poste.authentification().utilisateur, poste.configuration.structure, self.courrier.nil)


def _sur(reponse: tuple[str, list[Any]]) -> list[Any]:
    """The data of a command that went well; raises ``IMAP4.error`` otherwise."""
    etat, donnees = reponse
    if etat != "OK":
        raise imaplib.IMAP4.error(f"{etat} {donnees}")
    return donnees
