"""Documents that come from outside (DMP, message): for whom they are, whether the record holds them already."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field

from lxml import etree

from .dossier import Dossier
from .regles import ReglesReception

HL7 = {"h": "urn:hl7-org:v3"}
OID_INS = frozenset({f"1.2.250.1.213.1.4.{nature}" for nature in (8, 9, 10, 11)})


class DocumentIllisible(ValueError):
    """What was received is not a CDA document."""


@dataclass(frozen=True, slots=True)
class Recu:
    """What a received document says of itself and of its patient."""

    id: tuple[str, str]
    set_id: tuple[str, str]
    version: int
    matricules: frozenset[str]
    traits: tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Issue:
    """What became of it. ``copies`` is how many the record holds, ``alerte`` what the user is told."""

    integre: bool
    copies: int
    alerte: str = ""


@dataclass(slots=True)
class DocumentsRecus:
    """Those of every record, by usager."""

    regles: ReglesReception
    _tenus: dict[str, list[Recu]] = field(default_factory=dict)

    def recevoir(self, dossier: Dossier, contenu: str) -> Issue:
        """File a document (base64), or say why not."""
        try:
            recu = lire(_octets(contenu))
        except DocumentIllisible as erreur:
            if not self.regles.refuse_l_illisible:
                return Issue(True, 1)
            return self._dire(Issue(False, 0, f"Document illisible : {erreur}."))
        tenus = self._tenus.setdefault(dossier.id, [])
        differences = ecarts(recu, dossier)
        if differences and self.regles.verifie_l_identite:
            return self._dire(Issue(False, 0, f"Ce document concerne un autre usager : {', '.join(differences)}."))
        if recu.id[0] in dossier.documents:
            return self._dire(Issue(False, 1, "Ce document a été rédigé ici : il est déjà dans le dossier."))
        memes = [tenu for tenu in tenus if tenu.id == recu.id or _meme_version(tenu, recu)]
        if memes and self.regles.detecte_les_doublons:
            return self._dire(Issue(False, len(memes), "Ce document est déjà dans le dossier."))
        autres = [tenu.version for tenu in tenus if tenu.set_id == recu.set_id and tenu.version != recu.version]
        if not self.regles.accepte_l_exterieur:
            return self._dire(Issue(False, 0, "Ce document ne vient pas de ce logiciel."))
        tenus.append(recu)
        return self._dire(Issue(True, len(memes) + 1, _versions(recu, autres) if self.regles.annonce_les_versions else ""))

    def _dire(self, issue: Issue) -> Issue:
        return issue if self.regles.alerte else Issue(issue.integre, issue.copies)


def _octets(contenu: str) -> bytes:
    try:
        return base64.b64decode(contenu, validate=True)
    except (binascii.Error, ValueError):
        raise DocumentIllisible("ce n'est pas du XML") from None


def lire(octets: bytes) -> Recu:
    """What a received document says; raises ``DocumentIllisible``."""
    try:
        racine = etree.fromstring(octets, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
    except (ValueError, etree.XMLSyntaxError):
        raise DocumentIllisible("ce n'est pas du XML") from None
    if racine.tag != "{urn:hl7-org:v3}ClinicalDocument" or racine.getroottree().docinfo.doctype:
        raise DocumentIllisible("ce n'est pas un document CDA")
    role = "h:recordTarget/h:patientRole"
    patient = f"{role}/h:patient"
    version = _valeur(racine, "h:versionNumber/@value")
    if not _valeur(racine, "h:id/@root") or not version.isdigit():
        raise DocumentIllisible("il ne dit ni son identifiant ni sa version")
    ids = racine.xpath(f"{role}/h:id", namespaces=HL7)
    return Recu(
        id=(_valeur(racine, "h:id/@root"), _valeur(racine, "h:id/@extension")),
        set_id=(_valeur(racine, "h:setId/@root"), _valeur(racine, "h:setId/@extension")),
        version=int(version),
        matricules=frozenset(str(i.get("extension", "")) for i in ids if i.get("root") in OID_INS),
        traits=(
            _valeur(racine, f"{patient}/h:name/h:family[@qualifier='BR']"),
            _valeur(racine, f"{patient}/h:name/h:given[@qualifier='BR']"),
            _valeur(racine, f"{patient}/h:administrativeGenderCode/@code"),
            _valeur(racine, f"{patient}/h:birthTime/@value"),
        ),
    )


def ecarts(recu: Recu, dossier: Dossier) -> list[str]:
    """In what the patient of the document differs from the usager of the record."""
    identite = dossier.identite
    traits = identite.traits
    ici = (traits.nom_naissance, traits.prenoms[0], traits.sexe, traits.date_naissance.replace("-", ""))
    noms = ("nom de naissance", "premier prénom", "sexe", "date de naissance")
    trouves = [nom for nom, la, le in zip(noms, recu.traits, ici, strict=True) if la != le]
    if recu.matricules and identite.ins and identite.ins.complet not in recu.matricules:
        trouves.append("matricule INS")
    return trouves


def _meme_version(tenu: Recu, recu: Recu) -> bool:
    return (tenu.set_id, tenu.version) == (recu.set_id, recu.version) and any(recu.set_id)


def _versions(recu: Recu, autres: list[int]) -> str:
    if not autres:
        return ""
    if recu.version > max(autres):
        return f"Nouvelle version ({recu.version}) d'un document déjà reçu (version {max(autres)}) : elle le remplace à l'écran."
    return f"Version {recu.version} plus ancienne que celle du dossier ({max(autres)}) : la plus récente reste affichée."


def _valeur(racine: etree._Element, chemin: str) -> str:
    return str(racine.xpath(f"normalize-space({chemin})", namespaces=HL7))
