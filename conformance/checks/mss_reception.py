"""What a DUI does of the mails that it receives, as it declares it: whose they are, what is filed, what waits for the user."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ..core.campaign import Geste
from ..core.errors import CheckFailed, NotTested
from ..core.people import Usager
from ..core.problem import Evidence
from .registry import check

PREFIXE = "XDM/1.0/DDM+"
_REF = "Référentiel MSSanté #2, réception"


@dataclass(frozen=True, slots=True)
class Recu:
    """A mail as the DUI shows it. ``variante`` names it in findings; ``montre`` is what the list declares, if it does."""

    geste: str
    variante: str
    message: str
    montre: dict[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """What findings call it."""
        return self.geste

    @property
    def at(self) -> str:
        """Where it is."""
        return f"message « {self.variante} »"

    @property
    def etat(self) -> str:
        """What became of it; raises ``NotTested`` when the DUI does not declare it."""
        if "etat" not in self.montre:
            raise NotTested("le DUI ne déclare pas l'état des messages reçus (observation « messages »)")
        return str(self.montre["etat"])

    @property
    def documents(self) -> tuple[str, ...]:
        """The states of its documents."""
        return tuple(str(d) for d in self.montre.get("documents", ()))

    @property
    def dit(self) -> str:
        """Its state, and what the user is told."""
        alerte = self.montre.get("alerte", "")
        return f"{self.etat}, documents : {', '.join(self.documents) or 'aucun'}" + (f" ; « {alerte} »" if alerte else "")


def shown(geste: Geste, variante: str, message: str) -> Recu:
    """The mail of this Message-ID in the list of a gesture; raises ``NotTested`` when the DUI declares no list."""
    listed = geste.observation("messages")
    if not isinstance(listed, list):
        raise NotTested("le DUI ne déclare pas la liste des messages (observation « messages »)")
    found = [m for m in listed if isinstance(m, dict) and m.get("message_id") == message]
    return Recu(geste.id, variante, message, dict(found[-1]) if found else {})


def _present(recu: Recu) -> Recu:
    if not recu.montre:
        raise CheckFailed(
            "Message reçu absent de la liste",
            expected=recu.message,
            received="aucun message de cet identifiant",
            at=recu.at,
            hint="Afficher tous les messages de la boîte, ceux dont les documents sont rejetés compris.",
        )
    return recu


def _expect(recu: Recu, states: Sequence[str], message: str, hint: str, *, document: str = "") -> Evidence:
    """The mail has one of these states and, when asked, a document of this one."""
    wrong = _present(recu).etat not in states or (document and document not in recu.documents)
    if wrong:
        wanted = " ou ".join(states) + (f", document : {document}" if document else "")
        raise CheckFailed(message, expected=wanted, received=recu.dit, at=recu.at, hint=hint)
    return Evidence(at=recu.at, note=recu.dit)


@check("mss.recu.filed", covers=("MSS-19",), source=f"{_REF} ; SC.MSS/UX.02", confidence="secondaire")
def document_of_a_qualified_usager_is_taken(recu: Recu) -> Evidence:
    """Un document dont l'INS est celle, qualifiée, d'un usager est rattaché à lui."""
    hint = "Stricte égalité de l'INS qualifiée (et des traits) : le rattachement peut être automatique."
    return _expect(recu, ("range", "a valider"), "Document correct non rattaché à l'usager", hint, document="nouveau")


@check("mss.recu.stranger", covers=("MSS-19",), source=f"{_REF} ; SC.MSS/UX.07", confidence="secondaire")
def document_without_a_qualified_match_waits(recu: Recu) -> Evidence:
    """Sans stricte égalité d'une INS qualifiée, le document attend dans une liste de travail, traits à comparer."""
    hint = "Proposer une liste de travail, avec les traits du document et ceux des usagers ressemblants."
    return _expect(recu, ("a rattacher", "rejete"), "Document rattaché sans égalité d'une INS qualifiée", hint)


@check(
    "mss.recu.patient-of-metadata",
    covers=("MSS-16",),
    source=f"{_REF}, 2.1.2 (patientId de METADATA.XML)",
    confidence="secondaire",
)
def patient_is_that_of_the_metadata(recu: Recu) -> Evidence:
    """L'usager est reconnu par le patientId de METADATA.XML ; un document qui nomme une autre personne n'est pas rangé."""
    hint = "Comparer patientId au recordTarget du document ; ne se fier ni à l'objet ni au corps du message."
    return _expect(recu, ("rejete", "a rattacher"), "Document rangé malgré des métadonnées qui nomment une autre personne", hint)


@check("mss.recu.duplicate", covers=("MSS-17",), source="LGC.MDV.06 ; SC.CDA/INT.18", confidence="secondaire")
def duplicate_is_told(recu: Recu) -> Evidence:
    """Un document déjà intégré est signalé, et n'est pas rangé une seconde fois."""
    hint = (
        "Comparer ClinicalDocument/id, puis setId et versionNumber, à ce que le dossier tient, quelle qu'en soit la provenance."
    )
    return _expect(recu, ("lu", "a valider", "rejete"), "Doublon non signalé", hint, document="deja integre")


@check("mss.recu.new-version", covers=("MSS-18",), source="SC.MSS/UX.05", confidence="secondaire")
def new_version_is_proposed(recu: Recu) -> Evidence:
    """Une nouvelle version d'un document reçu est proposée à l'utilisateur, qui la valide."""
    hint = "Même setId, versionNumber plus grand : proposer de remplacer, sans le faire d'office."
    return _expect(recu, ("a valider",), "Nouvelle version non proposée", hint, document="nouvelle version")


@check("mss.recu.old-version", covers=("MSS-18",), source="SC.MSS/UX.05", confidence="secondaire")
def old_version_does_not_replace(recu: Recu) -> Evidence:
    """Une version plus ancienne que celle du dossier ne la remplace pas, et se dit."""
    hint = "Même setId, versionNumber plus petit : le dire, garder la plus récente."
    return _expect(recu, ("a valider", "lu", "rejete"), "Version ancienne non signalée", hint, document="version ancienne")


@check("mss.recu.deletion", covers=("MSS-18",), source="SC.MSS/UX.05", confidence="secondaire")
def deletion_is_proposed(recu: Recu) -> Evidence:
    """Une suppression reçue (fiche obsolète) est proposée à l'utilisateur, qui la valide."""
    hint = "Une fiche au statut Deprecated retire le document : le proposer à l'utilisateur."
    return _expect(recu, ("a valider",), "Suppression non proposée", hint, document="suppression")


@check("mss.recu.damaged", covers=("SSI-08",), source=f"{_REF} ; règle MSS-R03", confidence="infere")
def damaged_archive_is_refused(recu: Recu) -> Evidence:
    """Une archive dont un document n'est pas celui que les métadonnées annoncent est refusée, et le message gardé."""
    hint = "Recalculer l'empreinte (SHA-1) de chaque document avant de le ranger."
    return _expect(recu, ("rejete", "quarantaine", "a rattacher"), "Document rangé malgré une empreinte fausse", hint)


@check("mss.recu.trapped", covers=("SSI-08",), source="SC.SSI/GEN.08 ; règle MSS-R03", confidence="secondaire")
def trapped_archive_is_refused(recu: Recu) -> Evidence:
    """Une archive piégée (chemin qui sort du dossier, décompression démesurée) est refusée sans dommage."""
    hint = "Contrôler chaque nom et chaque taille avant d'extraire ; dire pourquoi l'archive est refusée."
    return _expect(recu, ("rejete", "quarantaine"), "Archive piégée acceptée", hint)


@check("mss.recu.infected", covers=("SSI-08",), source="SC.SSI/GEN.08 (fichier EICAR)", confidence="vu")
def infected_file_is_set_aside(recu: Recu) -> Evidence:
    """Un fichier que tout antivirus reconnaît (EICAR) est rejeté ou mis en quarantaine."""
    hint = "Soumettre les pièces jointes, et le contenu des archives, à l'antivirus avant de les montrer."
    return _expect(recu, ("quarantaine", "rejete"), "Fichier dangereux accepté", hint)


@check("mss.recu.prefix-hidden", covers=("MSS-12",), source=f"{_REF}, 3.1.3 ; SC.MSS/UX.28", confidence="secondaire")
def technical_prefix_is_hidden(recu: Recu) -> Evidence:
    """Le préfixe technique « XDM/1.0/DDM+ » est masqué à la lecture."""
    subject = str(_present(recu).montre.get("objet", ""))
    if PREFIXE in subject:
        raise CheckFailed(
            "Préfixe technique affiché",
            expected=subject.replace(PREFIXE, ""),
            received=subject,
            at=recu.at,
            hint="Retirer le préfixe de l'objet affiché, sans changer le message.",
        )
    return Evidence(at=recu.at, note=subject)


@check("mss.recu.sender", covers=("MSS-20",), source=f"{_REF}, 3.1.1 ; SC.MSS/UX.25", confidence="secondaire")
def citizen_is_told_from_professional(recu: Recu, usager: Usager) -> Evidence:
    """Un message d'usager se distingue d'un message de professionnel."""
    told = str(_present(recu).montre.get("expediteur", ""))
    if told != "usager":
        raise CheckFailed(
            "Message d'usager montré comme celui d'un professionnel",
            expected="usager",
            received=told or "rien",
            at=recu.at,
            hint="L'adresse d'un usager est dans le domaine patient.mssante.fr.",
        )
    return Evidence(at=recu.at, note=told)


@check("mss.recu.usager-shown", covers=("MSS-20",), source=f"{_REF}, 3.1.2 ; SC.MSS/UX.31", confidence="secondaire")
def usager_is_shown_by_name_and_ins(recu: Recu, usager: Usager) -> Evidence:
    """L'usager d'un message s'affiche par son nom, son prénom et son INS."""
    said = str(_present(recu).montre.get("usager", "")).upper()
    missing = [part for part in (usager.nom_naissance, usager.prenom, usager.ins) if part.upper() not in said]
    if missing:
        raise CheckFailed(
            "Usager affiché sans son nom, son prénom ou son INS",
            expected=f"{usager.nom_naissance} {usager.prenom} {usager.ins}",
            received=said or "rien",
            at=recu.at,
            hint="Dans la liste des messages, nommer l'usager : nom, prénom, matricule INS.",
        )
    return Evidence(at=recu.at, note="nom, prénom, INS")


@check("mss.recu.no-receipt-mail", covers=("MSS-15",), source=f"{_REF}, 3.1.6 ; SC.MSS/UX.33", confidence="secondaire")
def receipts_are_not_ordinary_mails(recu: Recu) -> Evidence:
    """Un accusé reçu n'est pas montré comme un message de professionnel : il renseigne l'envoi qu'il concerne."""
    told = str(_present(recu).montre.get("expediteur", ""))
    if told not in ("service", ""):
        raise CheckFailed(
            "Accusé montré comme un message ordinaire",
            expected="service",
            received=told,
            at=recu.at,
            hint="Reconnaître multipart/report et rapprocher l'accusé de l'envoi (Original-Message-ID, ENVID).",
        )
    return Evidence(at=recu.at, note="accusé reconnu")
