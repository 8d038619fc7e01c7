"""How a consultation begins (user, usager, consent, documents of others in the DMP), and the calls that scenarios look for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from ..core.campaign import Campaign, Geste
from ..core.exchange import Exchange
from ..core.gestures.connexion import SeConnecter
from ..core.gestures.consultation import AfficherDocumentDmp, EnregistrerConsentement, ListerDocumentsDmp
from ..core.matcher import Matcher, kind
from ..core.people import Professionnel, Usager

LISTE = kind("dmp.td3.1", label="recherche des documents (TD3.1)")
DOCUMENT = kind("dmp.td3.2", label="consultation d'un document (TD3.2)")
GESTION = kind("dmp.td3.3", label="modification d'un document (TD3.3)")
AUTORISATION = kind("dmp.td0.3", label="demande d'autorisation (TD0.3)")
EXISTENCE = kind("dmp.td0.2", label="test d'existence (TD0.2)")
CONSULTATION = kind("dmp.td0.3", "dmp.td3.1", "dmp.td3.2", label="appel de consultation (TD0.3, TD3.1 ou TD3.2)")
APPEL = kind("dmp", label="appel au DMP")
COMPTE_RENDU, PRESCRIPTION, BIOLOGIE = "compte-rendu-consultation", "prescription", "compte-rendu-biologie"
LOINC = {COMPTE_RENDU: "11488-4", PRESCRIPTION: "57833-6", BIOLOGIE: "11502-2"}


@dataclass(frozen=True, slots=True)
class Place:
    """A document that an order has placed in the DMP."""

    uid: str
    titre: str


def connecter(c: Campaign, nom: str = "infirmiere-ehpad") -> Professionnel:
    """Log a professional in by Pro Santé Connect: who consults is always authenticated."""
    person = c.professionnel(nom)
    c.do(SeConnecter(person.id))
    return person


def consentir(c: Campaign, usager: Usager) -> datetime:
    """Record the consent of a usager to the care team; gives the logical time of it."""
    geste = c.do(EnregistrerConsentement(usager.id, accord=True, equipe=True))
    assert geste.fin is not None
    return geste.fin


def usager_consentant(c: Campaign, profil: str = "qualifie") -> tuple[Usager, datetime]:
    """A usager who consents, for a user who is logged in; gives the logical time of the consent too."""
    connecter(c)
    usager = c.usager(profil)
    return usager, consentir(c, usager)


def usager_autorisant(c: Campaign, valeur: str = "VALIDE") -> tuple[Professionnel, Usager]:
    """A user who is logged in, and a usager whose DMP already knows an authorisation of his."""
    person = connecter(c)
    usager = c.usager("qualifie")
    c.dmp.command("autorisation", matricule=usager.matricule, professionnel=person.id_nat, valeur=valeur)
    return person, usager


def lister(c: Campaign, usager: Usager, *, pour: tuple[str, ...]) -> tuple[Geste, Exchange]:
    """Show the list, without filter: the gesture and its search."""
    geste = c.do(ListerDocumentsDmp(usager.id))
    return geste, c.dmp.wait_for(LISTE.of(usager), after=geste, pour=pour)


def lister_en_vain(c: Campaign, usager: Usager, appels: Matcher, *, controle: Exchange, pour: tuple[str, ...]) -> Geste:
    """Ask for the list, which none of these calls may follow; ``controle`` is such a call, made where it was allowed."""
    geste = c.do(ListerDocumentsDmp(usager.id))
    c.dmp.absent(appels.of(usager), control=controle, during=geste, pour=pour)
    return geste


def temoin(c: Campaign, *, pour: tuple[str, ...]) -> tuple[Geste, Exchange]:
    """The positive control: another usager, who consents and whose list is shown."""
    usager = c.usager("qualifie")
    consentir(c, usager)
    return lister(c, usager, pour=pour)


def placer(
    c: Campaign,
    usager: Usager,
    le: datetime,
    *,
    rang: int = 1,
    sorte: str = COMPTE_RENDU,
    jours: float = 10,
    auteur: Professionnel | None = None,
    nom_auteur: str = "",
    visibilite: tuple[str, ...] = (),
    statut: str = "actif",
) -> Place:
    """Have a document of another placed in the DMP of a usager, ``jours`` days before ``le``; ``auteur`` makes it one of ours."""
    place = Place(uid(usager, rang), f"Document {rang} de {usager.nom_naissance.rpartition('-')[2].capitalize()}")
    who = {"nom": nom_auteur} if nom_auteur else {}
    if auteur is not None:
        who = {
            "id": auteur.id_nat,
            "nom": auteur.nom,
            "prenom": auteur.prenom,
            "profession": f"G15_{auteur.profession}",
            "profession_libelle": auteur.profession_libelle,
            "structure": f"1{c.settings.structure.finess_ej}",
            "structure_nom": c.settings.structure.nom,
        }
    c.dmp.command(
        "ajouter-document",
        matricule=usager.matricule,
        type=sorte,
        date=f"{le - timedelta(days=jours):%Y%m%d%H%M%S}",
        titre=place.titre,
        unique_id=place.uid,
        auteur=who,
        visibilite=list(visibilite),
        statut=statut,
    )
    return place


def usager_et_document(
    c: Campaign, profil: str = "qualifie", *, visibilite: tuple[str, ...] = (), statut: str = "actif"
) -> tuple[Usager, Place]:
    """A usager who consents, for a user who is logged in, and one document of another in the DMP."""
    usager, le = usager_consentant(c, profil)
    return usager, placer(c, usager, le, visibilite=visibilite, statut=statut)


def ouvrir_malgre(c: Campaign, panne: str, *, pour: tuple[str, ...]) -> Geste:
    """Open a document of the list that a misbehaviour of the DMP spoils: the gesture, its call judged."""
    usager, place = usager_et_document(c)
    lister(c, usager, pour=pour)
    with c.dmp.panne(panne, target="dmp.td3.2"):
        geste = c.do(AfficherDocumentDmp(usager.id, place.uid, place.titre))
        c.expect("DMP-TD3.2", c.dmp.wait_for(DOCUMENT.of(usager), after=geste, pour=pour), pour=pour)
    return geste


def uid(usager: Usager, rang: int) -> str:
    """The uniqueId of the ``rang``-th document placed for a usager: an OID that no other attempt gives."""
    return f"2.25.{int(usager.id.rpartition('-')[2], 16)}{rang:03d}"


def of_calls(c: Campaign, usager: Usager, matcher: Matcher = APPEL) -> list[Exchange]:
    """The calls of this scenario about a usager, in order."""
    return c.dmp.seen(matcher.of(usager))
