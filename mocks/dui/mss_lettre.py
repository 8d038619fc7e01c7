"""The mails that this DUI writes: with health documents, or in answer to another."""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from lxml import etree

from .comptes import Utilisateur
from .configuration import StructureLocale
from .documents.document import Document
from .mss_operateurs import Boite

HL7 = {"h": "urn:hl7-org:v3"}
PATIENTS = "patient.mssante.fr"
PREFIXE = "XDM/1.0/DDM+"
_LONGUEUR = 40
_TITRES = {"M": "M.", "MME": "Mme", "DR": "Dr"}


@dataclass(frozen=True, slots=True)
class Plume:
    """Who writes: from which box, in whose name, with which software (its reference number)."""

    boite: Boite
    utilisateur: Utilisateur
    structure: StructureLocale
    nil: str

    @property
    def adresse(self) -> Address:
        """The sender: a person and where he works, or a function of the structure."""
        nom, domaine = self.boite.adresse.rsplit("@", 1)
        return Address(self._libelle(), nom, domaine)

    def _libelle(self) -> str:
        if self.boite.genre != "PER":
            return self.boite.libelle
        qui = self.utilisateur
        titre = "Dr" if qui.profession == "10" else _TITRES.get(qui.civilite, "")
        return "_".join("_".join(filter(None, (titre, qui.prenom, qui.nom.upper(), self.structure.nom))).split())


def est_citoyenne(adresse: str) -> bool:
    """True for the address of a citizen."""
    return adresse.lower().endswith(f"@{PATIENTS}")


def lettre(plume: Plume, vers: str, le: datetime) -> EmailMessage:
    """A mail with its headers, without subject nor body."""
    message = EmailMessage(policy=SMTP)
    message["From"] = plume.adresse
    message["To"] = Address("", *vers.rsplit("@", 1))
    message["Date"] = format_datetime(le)
    message["Message-ID"] = f"<{uuid.uuid4()}@{plume.boite.domaine}>"
    message["X-MSS-NIL"] = plume.nil
    return message


def lettre_xdm(
    plume: Plume,
    vers: str,
    documents: Sequence[Document],
    archive: bytes,
    le: datetime,
    *,
    clore: bool = False,
    lecture: bool = True,
) -> EmailMessage:
    """The mail that carries documents: the archive, and each document again as PDF/A-1."""
    racines = [document.racine for document in documents]
    message = lettre(plume, vers, le)
    message["Subject"] = objet(racines)
    if lecture:
        message["Disposition-Notification-To"] = plume.boite.adresse
    message["X-MSS-CODECDA"] = ",".join(dict.fromkeys(_texte(racine, "h:code/@code") for racine in racines))
    message["X-MSS-INS"] = "O" if all(map(_ins_complete, racines)) else "N"
    if clore and est_citoyenne(vers):
        message["X-MSS-MES"] = "FIN"
    message.set_content(_corps(plume, racines, citoyenne=est_citoyenne(vers)), charset="utf-8", cte="quoted-printable")
    message.add_attachment(archive, maintype="application", subtype="zip", filename="IHE_XDM.ZIP")
    for document, racine in zip(documents, racines, strict=True):
        message.add_attachment(document.imprime(), maintype="application", subtype="pdf", filename=nom_du_pdf(racine))
    return message


def objet(racines: Sequence[etree._Element]) -> str:
    """``XDM/1.0/DDM+<libellé> <NOM> <prénom> <JJ/MM/AAAA>``."""
    libelle = _type(racines[0]) if len(racines) == 1 else f"{len(racines)} documents"
    nom, prenom = _nom_et_prenom(racines[0])
    naissance = _texte(racines[0], "h:recordTarget/h:patientRole/h:patient/h:birthTime/@value")
    date = f" {naissance[6:8]}/{naissance[4:6]}/{naissance[:4]}" if len(naissance) >= len("AAAAMMJJ") else ""
    return f"{PREFIXE}{libelle} {nom} {prenom}{date}"


def nom_du_pdf(racine: etree._Element) -> str:
    """``<AAAAMMJJ>_<type>_<NOM>_<prénom>.pdf``, at the date of the act."""
    jour = _texte(racine, "h:documentationOf[1]/h:serviceEvent/h:effectiveTime/h:low/@value")[:8]
    nom, prenom = _nom_et_prenom(racine)
    parties = (jour, _type(racine), nom, prenom)
    return "_".join(partie.replace("_", " ").replace("/", "-") for partie in parties) + ".pdf"


def sans_accents(texte: str) -> str:
    """Without diacritics."""
    decompose = unicodedata.normalize("NFKD", texte)
    return "".join(c for c in decompose if not unicodedata.combining(c))


def _type(racine: etree._Element) -> str:
    return _texte(racine, "h:code/@displayName")[:_LONGUEUR].strip()


def _nom_et_prenom(racine: etree._Element) -> tuple[str, str]:
    nom = "h:recordTarget/h:patientRole/h:patient/h:name"
    famille = _texte(racine, f"{nom}/h:family[@qualifier='BR']") or _texte(racine, f"{nom}/h:family")
    prenom = _texte(racine, f"{nom}/h:given[@qualifier='BR']") or _texte(racine, f"{nom}/h:given")
    return sans_accents(famille).upper(), sans_accents(prenom)


def _ins_complete(racine: etree._Element) -> bool:
    """Matricule, OID and the four traits."""
    patient = "h:recordTarget/h:patientRole/h:patient"
    ins = racine.xpath("h:recordTarget/h:patientRole/h:id[starts-with(@root, '1.2.250.1.213.1.4.')]/@extension", namespaces=HL7)
    traits = (
        f"{patient}/h:name/h:family[@qualifier='BR']",
        f"{patient}/h:name/h:given",
        f"{patient}/h:birthTime/@value",
        f"{patient}/h:administrativeGenderCode/@code",
    )
    return bool(ins) and all(_texte(racine, trait) for trait in traits)


def _corps(plume: Plume, racines: Sequence[etree._Element], *, citoyenne: bool) -> str:
    titres = "\n".join(f" - {_texte(racine, 'h:title')}" for racine in racines)
    qui = f"{plume.utilisateur.prenom} {plume.utilisateur.nom}, {plume.structure.nom}"
    if citoyenne:
        return f"Bonjour,\n\nVotre équipe vous adresse les documents suivants :\n{titres}\n\n{qui}\n"
    return f"Bonjour,\n\nVeuillez trouver ci-joint :\n{titres}\n\nBien confraternellement,\n{qui}\n"


def _texte(racine: etree._Element, chemin: str) -> str:
    return str(racine.xpath(f"normalize-space({chemin})", namespaces=HL7))
