"""What operators remember: boxes, their folders and messages. One network is shared by the two operators, under one lock."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from ...core.errors import InputError
from ...fixtures.boites import ESPACE, OPERATEURS, PATIENTS, Boite, boites
from .magasin import Magasin, Morceau

INBOX = "INBOX"
ENVOYES = "Sent"
CORBEILLE = "Trash"
DOSSIERS = {INBOX: "", ENVOYES: "\\Sent", "Drafts": "\\Drafts", CORBEILLE: "\\Trash"}
"""The folders of a new box, and what each is for (RFC 6154)."""
QUOTA = 2_000_000_000


@dataclass(eq=False, slots=True)
class Message:
    """A message in a folder. ``retire`` is true once expunged: sessions still hold it until they are told."""

    uid: int
    morceau: Morceau
    recu: datetime
    drapeaux: set[str]
    retire: bool = False
    recent: bool = True
    version: int = 0


@dataclass(slots=True)
class Dossier:
    """A folder. ``retraits`` counts what was expunged, ``version`` changes of flags: sessions compare them."""

    nom: str
    uidvalidity: int
    uidnext: int = 1
    messages: list[Message] = field(default_factory=list)
    retraits: int = 0
    version: int = 0
    guetteurs: set[Callable[[], None]] = field(default_factory=set)
    usage: str = ""

    def ajouter(self, morceau: Morceau, recu: datetime, drapeaux: Iterable[str] = ()) -> Message:
        """Add a message at the end."""
        message = Message(self.uidnext, morceau, recu, set(drapeaux))
        self.uidnext += 1
        self.messages.append(message)
        self.prevenir()
        return message

    def marquer(self, message: Message, drapeaux: set[str]) -> None:
        """Replace the flags of a message."""
        if message.drapeaux == drapeaux:
            return
        self.version += 1
        message.drapeaux, message.version = drapeaux, self.version
        self.prevenir()

    def retirer(self, partants: Iterable[Message]) -> None:
        """Expunge these messages."""
        for message in partants:
            message.retire = True
            self.retraits += 1
        self.messages = [m for m in self.messages if not m.retire]
        self.prevenir()

    def prevenir(self) -> None:
        """Wake the sessions that watch it."""
        for guetteur in tuple(self.guetteurs):
            guetteur()


@dataclass(slots=True)
class BoiteOuverte:
    """A box and its folders. ``octets`` is what it holds; ``abonnements`` the folders subscribed to."""

    boite: Boite
    dossiers: dict[str, Dossier]
    pleine: bool = False
    fermee: bool = False
    octets: int = 0
    quota: int = QUOTA
    abonnements: set[str] = field(default_factory=set)

    @property
    def reception(self) -> Dossier:
        """Where messages come in."""
        return self.dossiers[INBOX]

    def a_place(self, taille: int) -> bool:
        """True when that many bytes still fit."""
        return not self.pleine and self.octets + taille <= self.quota


class Reseau:
    """The boxes of the espace de confiance. ``lock`` protects them all, and nothing else is ever locked under it."""

    def __init__(self, supplement: Iterable[Boite] = ()) -> None:
        self.lock = threading.RLock()
        self.magasin = Magasin()
        self.connues = toutes(supplement)
        self.domaines = {b.domaine for b in self.connues.values()}
        self.inconnues: set[str] = set()
        self.patients: dict[str, Boite] = {}
        self._ouvertes: dict[str, BoiteOuverte] = {}
        self._uidvalidity = 1_700_000_000

    def boite(self, adresse: str) -> BoiteOuverte | None:
        """A box by address, case aside; None when there is none."""
        cle = adresse.strip().lower()
        with self.lock:
            ouverte = self._ouvertes.get(cle)
            if ouverte is not None:
                return ouverte
            connue = self.connues.get(cle) or self.patients.get(cle)
            if connue is None or cle in self.inconnues:
                return None
            ouverte = BoiteOuverte(connue, {})
            for nom, usage in DOSSIERS.items():
                self.creer(ouverte, nom, usage)
            ouverte.abonnements.update(ouverte.dossiers)
            self._ouvertes[cle] = ouverte
            return ouverte

    def creer(self, ouverte: BoiteOuverte, nom: str, usage: str = "") -> Dossier:
        """A new folder of a box."""
        with self.lock:
            self._uidvalidity += 1
            dossier = Dossier(nom, self._uidvalidity, usage=usage)
            ouverte.dossiers[nom] = dossier
            return dossier

    def deposer(
        self, ouverte: BoiteOuverte, dossier: Dossier, pieces: Iterable[bytes], recu: datetime, drapeaux: Iterable[str] = ()
    ) -> Message:
        """Put a message in a folder."""
        morceau = self.magasin.ranger(pieces)
        with self.lock:
            ouverte.octets += morceau.taille
            return dossier.ajouter(morceau, recu, drapeaux)

    def ouvrir_patient(self, adresse: str, libelle: str) -> None:
        """Make a citizen's address known."""
        with self.lock:
            self.patients[adresse] = Boite(adresse, "PATIENT", libelle, "mon-espace-sante", adresse.partition("@")[0])

    def de_confiance(self, domaine: str) -> bool:
        """True when that domain is on the list of the espace de confiance."""
        domaine = domaine.lower()
        return domaine in self.domaines or domaine == PATIENTS or domaine.endswith("." + ESPACE)

    def ouvertes(self) -> tuple[BoiteOuverte, ...]:
        """The boxes that hold something, or were looked at."""
        with self.lock:
            return tuple(self._ouvertes.values())

    def fermer(self, adresse: str) -> None:
        """Forget what a box held."""
        with self.lock:
            self._ouvertes.pop(adresse, None)

    def oublier(self) -> None:
        """Empty every box, lift every particular state."""
        with self.lock:
            self._ouvertes.clear()
            self.inconnues.clear()


def toutes(supplement: Iterable[Boite] = ()) -> dict[str, Boite]:
    """The fictional boxes and those declared besides, by address."""
    return {**boites(), **{b.adresse: b for b in supplement}}


def declarees(lignes: Iterable[str], operateur: str, structure: str) -> list[Boite]:
    """The boxes that ``[mssante] boites`` opens at an operator; ``structure`` is the OU of the structure's certificates.

    Raises ``InputError`` for a line that says none.
    """
    if operateur not in OPERATEURS:
        raise InputError(f"[mssante] operateur : « {operateur} » est inconnu (connus : {', '.join(OPERATEURS)})")
    return [_declaree(ligne, operateur, structure) for ligne in lignes]


def _declaree(ligne: str, operateur: str, structure: str) -> Boite:
    match ligne.split():
        case ["PER", adresse, titulaire] if "@" in adresse:
            return Boite(adresse.lower(), "PER", adresse, operateur, titulaire)
        case ["ORG", adresse, titulaire, *delegues] if "@" in adresse:
            return Boite(adresse.lower(), "ORG", adresse, operateur, titulaire, delegues=tuple(delegues))
        case ["APP", adresse, titulaire] if "@" in adresse:
            return Boite(adresse.lower(), "APP", adresse, operateur, titulaire, certificat=structure)
    raise InputError(
        f"[mssante] boites : « {ligne} » ne dit pas une boîte. Écrivez « PER adresse identifiant-national », « ORG adresse "
        "finess identifiant-national… » ou « APP adresse finess »."
    )
