"""Mails received: whom they are about, what their documents are to the record, what may be filed without asking."""

from __future__ import annotations

import email
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from email.message import EmailMessage, Message
from email.policy import default
from email.utils import parseaddr
from enum import StrEnum

from .documents_recus import DocumentIllisible, Recu, ecarts, lire
from .dossier import Dossier, Dossiers
from .mss_archive import Annonce, ArchiveRefusee, annonces, contaminee, fichiers
from .mss_lettre import PATIENTS, PREFIXE, sans_accents
from .regles_messagerie import ReglesReceptionMss

KO = ("[KO", "[Erreur")
"""How the subject begins of a mail that says that one of our documents was refused."""


class Etat(StrEnum):
    """What becomes of a mail."""

    RANGE = "range"
    A_RATTACHER = "a rattacher"
    A_VALIDER = "a valider"
    REJETE = "rejete"
    QUARANTAINE = "quarantaine"
    LU = "lu"


class EtatDocument(StrEnum):
    """What a received document is to the record."""

    NOUVEAU = "nouveau"
    DEJA = "deja integre"
    NOUVELLE = "nouvelle version"
    ANCIENNE = "version ancienne"
    CONFLIT = "conflit"
    SUPPRESSION = "suppression"


@dataclass(frozen=True, slots=True)
class Tenu:
    """A document that a record holds."""

    recu: Recu
    empreinte: str


@dataclass(slots=True)
class Lettre:
    """A mail of the box, as shown."""

    uid: str
    octets: bytes = field(repr=False)
    mail: EmailMessage = field(repr=False)
    objet: str = ""
    expediteur: str = "professionnel"
    usager: str = ""
    etat: Etat = Etat.LU
    alerte: str = ""
    annonces: list[Annonce] = field(default_factory=list, repr=False)
    documents: list[EtatDocument] = field(default_factory=list)

    @property
    def id(self) -> str:
        """Its Message-ID."""
        return str(self.mail["Message-ID"] or "").strip()

    @property
    def de(self) -> str:
        """Who sent it."""
        return parseaddr(str(self.mail["From"] or ""))[1]

    def montree(self) -> dict[str, object]:
        """As the list shows it."""
        return {
            "message_id": self.id,
            "objet": self.objet,
            "expediteur": self.expediteur,
            "usager": self.usager,
            "etat": self.etat.value,
            "documents": [etat.value for etat in self.documents],
            "alerte": self.alerte,
        }


class Reception:
    """Reads mails for one DUI, and keeps what records hold of them."""

    def __init__(self, dossiers: Dossiers, regles: ReglesReceptionMss) -> None:
        self._dossiers = dossiers
        self._regles = regles
        self._tenus: dict[str, list[Tenu]] = {}

    def accueillir(self, uid: str, octets: bytes) -> Lettre:
        """A mail just fetched."""
        mail = email.message_from_bytes(octets, policy=default)
        assert isinstance(mail, EmailMessage)
        lettre = Lettre(uid, octets, mail)
        objet = str(mail["Subject"] or "")
        lettre.objet = objet.replace(PREFIXE, "") if self._regles.masque_le_prefixe else objet
        lettre.expediteur = self._expediteur(mail)
        if lettre.expediteur == "usager":
            lettre.usager = self._affiche(self._par_matricule(lettre.de.partition("@")[0]))
        self._lire(lettre)
        return lettre

    def integrer(self, lettre: Lettre, dossier: Dossier) -> tuple[bool, int, str]:
        """File the documents of a mail in a record, as the user validates: whether it was done, copies held, what is said."""
        if lettre.etat in (Etat.REJETE, Etat.QUARANTAINE):
            return False, self.copies(lettre, dossier), lettre.alerte
        if not lettre.annonces:
            return False, 0, "Ce message ne porte aucun document."
        recus = [lire(annonce.octets) for annonce in lettre.annonces]
        differences = list(dict.fromkeys(nom for recu in recus for nom in ecarts(recu, dossier)))
        if differences and self._regles.demande_si_ins_differe:
            return False, 0, f"Ce document concerne un autre usager : {', '.join(differences)}."
        for recu, annonce in zip(recus, lettre.annonces, strict=True):
            self._ranger(dossier, recu, annonce)
        lettre.etat = Etat.RANGE
        return True, self.copies(lettre, dossier), ""

    def _lire(self, lettre: Lettre) -> None:
        if lettre.expediteur == "service" or str(lettre.mail["Subject"] or "").startswith(KO):
            return
        pieces = [(str(p.get_filename() or ""), p.get_payload(decode=True) or b"") for p in _jointes(lettre.mail)]
        if self._regles.cherche_les_virus and any(contaminee(octets) for _, octets in pieces if isinstance(octets, bytes)):
            self._ecarter(lettre, Etat.QUARANTAINE, "Une pièce jointe est dangereuse : le message est mis en quarantaine.")
            return
        archive = next((octets for nom, octets in pieces if nom.upper() == "IHE_XDM.ZIP"), None)
        if not isinstance(archive, bytes):
            return
        try:
            contenu = fichiers(archive, prudent=self._regles.refuse_l_archive_piegee)
            if self._regles.cherche_les_virus and any(map(contaminee, contenu.values())):
                self._ecarter(lettre, Etat.QUARANTAINE, "L'archive est dangereuse : le message est mis en quarantaine.")
                return
            lettre.annonces = annonces(contenu)
            recus = [self._verifier(annonce) for annonce in lettre.annonces]
        except (ArchiveRefusee, DocumentIllisible) as erreur:
            self._ecarter(lettre, Etat.REJETE, f"Documents rejetés : {erreur}.")
            return
        self._rattacher(lettre, recus)
        noms = [nom for nom, _ in pieces if nom.lower().endswith(".pdf")]
        if len(noms) < len(recus):
            lettre.alerte = f"{lettre.alerte} Il manque le PDF d'un document.".strip()

    def _verifier(self, annonce: Annonce) -> Recu:
        if self._regles.verifie_l_empreinte and not annonce.intacte:
            raise ArchiveRefusee(f"{annonce.uri} n'a pas l'empreinte annoncée")
        recu = lire(annonce.octets)
        if recu.matricules and annonce.matricule not in recu.matricules and self._regles.reconnait_par_metadonnees:
            raise ArchiveRefusee("les métadonnées et le document ne nomment pas la même personne")
        return recu

    def _rattacher(self, lettre: Lettre, recus: list[Recu]) -> None:
        if len({annonce.matricule for annonce in lettre.annonces}) > 1:
            self._ecarter(lettre, Etat.REJETE, "Documents rejetés : le message concerne plusieurs personnes.")
            return
        dossier = self._usager_de(lettre)
        lettre.usager = self._affiche(dossier) or f"{recus[0].traits[0]} {recus[0].traits[1]}"
        if dossier is None:
            lettre.etat, lettre.alerte = Etat.A_RATTACHER, "Usager inconnu ou INS non qualifiée : comparer les traits."
            return
        lettre.documents = [self._etat(dossier, recu, annonce) for recu, annonce in zip(recus, lettre.annonces, strict=True)]
        if not self._regles.range_les_documents:
            lettre.etat, lettre.alerte = Etat.A_RATTACHER, "À rattacher à la main."
            return
        if not dossier.identite.diffusable and self._regles.range_si_ins_egale:
            lettre.etat, lettre.alerte = Etat.A_RATTACHER, "L'identité de l'usager n'est pas qualifiée : comparer les traits."
            return
        differences = list(dict.fromkeys(nom for recu in recus for nom in ecarts(recu, dossier)))
        if differences and self._regles.demande_si_ins_differe:
            lettre.etat = Etat.A_RATTACHER
            lettre.alerte = f"Les traits diffèrent de ceux de l'usager : {', '.join(differences)}."
            return
        self._decider(lettre, dossier, recus)

    def _decider(self, lettre: Lettre, dossier: Dossier, recus: list[Recu]) -> None:
        """New documents are filed at once; a version or a removal waits for the user; what is there already is said."""
        etats = set(lettre.documents)
        if etats <= {EtatDocument.DEJA}:
            lettre.etat, lettre.alerte = Etat.LU, "Ce document est déjà dans le dossier."
            return
        if etats == {EtatDocument.NOUVEAU}:
            for recu, annonce in zip(recus, lettre.annonces, strict=True):
                self._ranger(dossier, recu, annonce)
            lettre.etat = Etat.RANGE
            return
        lettre.etat = Etat.A_VALIDER
        lettre.alerte = f"À valider : {', '.join(sorted(etat.value for etat in etats))}."

    def _etat(self, dossier: Dossier, recu: Recu, annonce: Annonce) -> EtatDocument:
        empreinte = hashlib.sha256(annonce.octets).hexdigest()
        tenus = self._tenus.get(dossier.id, [])
        if annonce.obsolete and self._regles.propose_les_suppressions:
            return EtatDocument.SUPPRESSION
        if not self._regles.detecte_les_doublons:
            return EtatDocument.NOUVEAU
        if recu.id[0] in dossier.documents:
            return EtatDocument.DEJA
        meme = next((t for t in tenus if t.recu.id == recu.id), None)
        if meme is not None:
            return EtatDocument.DEJA if meme.empreinte == empreinte else EtatDocument.CONFLIT
        serie = [t.recu.version for t in tenus if t.recu.set_id == recu.set_id and any(recu.set_id)]
        if not serie or not self._regles.propose_les_versions:
            return EtatDocument.NOUVEAU
        if recu.version == max(serie):
            return EtatDocument.DEJA
        plus_recente = recu.version > max(serie) or not self._regles.compare_les_versions
        return EtatDocument.NOUVELLE if plus_recente else EtatDocument.ANCIENNE

    def _ranger(self, dossier: Dossier, recu: Recu, annonce: Annonce) -> None:
        tenus = self._tenus.setdefault(dossier.id, [])
        if annonce.obsolete and self._regles.propose_les_suppressions:
            if self._regles.retire_les_supprimes:
                tenus[:] = [t for t in tenus if t.recu.id != recu.id]
            return
        if any(t.recu.id == recu.id for t in tenus) and self._regles.detecte_les_doublons:
            return
        tenus.append(Tenu(recu, hashlib.sha256(annonce.octets).hexdigest()))

    def copies(self, lettre: Lettre, dossier: Dossier) -> int:
        """How many documents of the series of this message a record holds."""
        series = {lire(annonce.octets).set_id for annonce in lettre.annonces}
        return sum(t.recu.set_id in series for t in self._tenus.get(dossier.id, ()))

    def _expediteur(self, mail: EmailMessage) -> str:
        de = parseaddr(str(mail["From"] or ""))[1].lower()
        if self._regles.reconnait_les_accuses and _automatique(mail, de):
            return "service"
        return "usager" if de.endswith(f"@{PATIENTS}") and self._regles.distingue_l_usager else "professionnel"

    def _usager_de(self, lettre: Lettre) -> Dossier | None:
        if self._regles.reconnait_par_metadonnees:
            return self._par_matricule(lettre.annonces[0].matricule)
        objet = sans_accents(str(lettre.mail["Subject"])).upper()
        return next((d for d in self._dossiers if sans_accents(d.identite.traits.nom_naissance).upper() in objet), None)

    def _par_matricule(self, matricule: str) -> Dossier | None:
        return next((d for d in self._dossiers if d.identite.ins is not None and d.identite.ins.complet == matricule), None)

    def _affiche(self, dossier: Dossier | None) -> str:
        if dossier is None or not self._regles.affiche_l_usager:
            return ""
        traits, ins = dossier.identite.traits, dossier.identite.ins
        return " ".join(filter(None, (traits.nom_naissance, traits.prenoms[0], ins.complet if ins else "")))

    @staticmethod
    def _ecarter(lettre: Lettre, etat: Etat, alerte: str) -> None:
        lettre.etat, lettre.alerte, lettre.annonces = etat, alerte, []


def _jointes(mail: EmailMessage) -> Iterable[Message]:
    """The files attached to this message, and not those of a message that it carries."""
    parties = mail.iter_parts() if mail.get_content_maintype() == "multipart" else ()
    return [partie for partie in parties if partie.get_filename()]


def _automatique(mail: EmailMessage, de: str) -> bool:
    """True for what a machine wrote: a receipt, a notice of delivery."""
    return mail.get_content_type() == "multipart/report" or de.startswith("mailer-daemon@")
