"""The messages of the téléservice INSi: contexts, assertion, searches, verification, and its answers."""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from .comptes import Utilisateur
from .configuration import Logiciel, StructureLocale
from .dossier import Ins, Traits
from .horloge import utc_iso
from .regles_ins import ReglesIns
from .signature import SAML
from .soap import ENV, WSA, ReponseIllisible, securite
from .xml import Espace

ACTION = "urn:ServiceIdentiteCertifiee:1.0.0:"
RECHERCHE_TRAITS = f"{ACTION}rechercherInsAvecTraitsIdentite"
RECHERCHE_VITALE = f"{ACTION}rechercherInsAvecCarteVitale"
VERIFICATION = f"{ACTION}verifierInsAvecTraitsIdentite"

_bam = Espace("urn:siram:bam:ctxbam")
_lps = Espace("urn:siram:lps:ctxlps")
_recsans = Espace("http://www.cnamts.fr/INSiRecSans")
_recvit = Espace("http://www.cnamts.fr/INSiRecVit")
verif = Espace("http://www.cnamts.fr/INSiLot2")
_resultat = Espace("http://www.cnamts.fr/INSiResultat")
_soap = Espace(ENV, "soap")
_wsa = Espace(WSA, "wsa")
_saml = Espace(SAML, "saml")

_LIGATURES = str.maketrans(
    {"Œ": "OE", "Æ": "AE", "Ø": "O", "Þ": "TH", "ß": "SS", "Ð": "D", "Ł": "L", "’": "'", "‐": "-", "–": "-"}
)


@dataclass(frozen=True, slots=True)
class Emetteur:
    """Who calls: ``numero`` is the OU of the certificate or the national identifier of the professional."""

    numero: str
    logiciel: Logiciel
    instance: str


@dataclass(frozen=True, slots=True)
class RetourInsi:
    """The answer to a search. ``ins``, ``traits`` and ``historique`` only with code 00."""

    code: str
    libelle: str
    ins: Ins | None = None
    traits: Traits | None = None
    historique: tuple[Ins, ...] = ()


def normaliser(texte: str) -> str:
    """Capitals without accents nor ligatures; what INSi has no character for becomes one space."""
    majuscules = texte.upper().translate(_LIGATURES)
    sans_accents = "".join(c for c in unicodedata.normalize("NFD", majuscules) if not unicodedata.combining(c))
    permis = "".join(c if c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ '-" else " " for c in sans_accents)
    return " ".join(permis.split())


def sans_ligatures(texte: str) -> str:
    """What a careless software sends: ligatures lost, the rest right."""
    return normaliser(texte.upper().replace("Œ", "O").replace("Æ", "A"))


def sans_lettres_accentuees(texte: str) -> str:
    """What a careless software sends: the letters that bear a sign are taken away."""
    gardes = "".join(c for c in texte.upper() if c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ '-Œ")
    return normaliser(gardes)


def enveloppe(
    action: str, corps: etree._Element, emetteur: Emetteur, le: datetime, assertion: etree._Element | None
) -> etree._Element:
    """A request: the two contexts, addressing, the professional's assertion unless a certificate speaks, the body."""
    couverture = _couverture(corps)
    entete = _soap("Header", None, _contexte_bam(emetteur, le, couverture), _contexte_lps(emetteur, le))
    entete.append(_wsa("MessageID", None, f"uuid:{uuid.uuid4()}"))
    entete.append(_wsa("Action", None, action))
    if assertion is not None:
        entete.append(securite([assertion]))
    return _soap("Envelope", None, entete, _soap("Body", None, corps))


def recherche_traits(traits: Traits, prenoms: Sequence[str], *, lieu_naissance: str, regles: ReglesIns) -> etree._Element:
    """WS_INS2 for these first names, one element each; ``lieu_naissance`` only when it must tell people apart."""
    ecrire_nom, ecrire_prenom = _TRANSLITTERATIONS[regles.translitteration]
    lieu = _recsans("LieuNaissance", None, lieu_naissance) if lieu_naissance else None
    return _recsans(
        "RECSANSVITALE",
        None,
        _recsans("NomNaissance", None, ecrire_nom(traits.nom_naissance)),
        *(_recsans("Prenom", None, ecrire_prenom(prenom)) for prenom in prenoms),
        _recsans("Sexe", None, traits.sexe),
        _recsans("DateNaissance", None, traits.date_naissance),
        lieu,
    )


def recherche_vitale(carte: Ins, traits: Traits) -> etree._Element:
    """WS_INS1: what the Vitale card says of its holder."""
    individu = _recvit(
        "MatriculeIndividu",
        None,
        _recvit("NumIdentifiant", None, carte.matricule),
        _recvit("Cle", None, carte.cle),
    )
    return _recvit(
        "RECVITALE",
        None,
        individu,
        _recvit("NomNaissance", None, normaliser(traits.nom_naissance)),
        _recvit("DateNaissance", None, traits.date_naissance),
        _recvit("RangNaissance", None, "1"),
    )


def verification(ins: Ins, traits: Traits) -> etree._Element:
    """The unit verification (provisional): the INS, its OID and the five traits; INSi says OK or KO and nothing else."""
    return verif("VERIF", None, individu_verifie(ins, traits))


def individu_verifie(ins: Ins, traits: Traits, reference: str = "") -> etree._Element:
    """One identity to verify."""
    fourni = verif(
        "INSFourni",
        None,
        verif("IdIndividu", None, verif("NumIdentifiant", None, ins.matricule), verif("Cle", None, ins.cle)),
        verif("OID", None, ins.oid),
    )
    individu = verif(
        "TraitsIdentiteIndividu",
        None,
        verif("NomNaissance", None, normaliser(traits.nom_naissance)),
        verif("Prenom", None, normaliser(traits.prenoms[0])),
        verif("ListePrenom", None, " ".join(normaliser(p) for p in traits.prenoms)),
        verif("Sexe", None, traits.sexe),
        verif("DateNaissance", None, traits.date_naissance),
        verif("LieuNaissance", None, traits.lieu_naissance),
    )
    return verif("IndividuVerifie", {"Reference": reference} if reference else None, fourni, individu)


def assertion_ps(
    utilisateur: Utilisateur, structure: StructureLocale, qualifieur: str, emetteur: str, le: datetime
) -> etree._Element:
    """The professional's assertion. ``qualifieur`` is CPS or PSC; ``emetteur`` its Issuer."""
    attributs = {"identifiantFacturation": structure.finess_eg, "secteurActivite": structure.secteur_activite}
    if utilisateur.profession in ("10", "40") and utilisateur.savoir_faire:
        attributs["codeSpecialiteAMO"] = "01"
    if qualifieur == "PSC":
        attributs["gipProfessionCode"] = utilisateur.profession
    sujet = _saml("NameID", {"NameQualifier": qualifieur}, utilisateur.id_nat)
    contexte = _saml("AuthnContextClassRef", None, f"urn:oasis:names:tc:SAML:2.0:ac:classes:{_CLASSES[qualifieur]}")
    return _saml(
        "Assertion",
        {"ID": f"_{uuid.uuid4()}", "IssueInstant": utc_iso(le), "Version": "2.0"},
        _saml("Issuer", None, emetteur),
        _saml("Subject", None, sujet),
        _saml("AuthnStatement", {"AuthnInstant": utc_iso(le)}, _saml("AuthnContext", None, contexte)),
        _saml("AttributeStatement", None, *(_attribut(nom, texte) for nom, texte in attributs.items())),
    )


def lire_recherche(corps: etree._Element) -> RetourInsi:
    """The answer to a search; raises ``ReponseIllisible`` when it is none."""
    if corps.tag != _resultat.nom("RESULTAT"):
        raise ReponseIllisible("réponse d'INSi inattendue")
    code = _texte(corps, "CR/CodeCR")
    individu = corps.find(_chemin("INDIVIDU"))
    if code != "00" or individu is None:
        return RetourInsi(code, _texte(corps, "CR/LibelleCR"))
    tiq = individu.find(_chemin("TIQ"))
    if tiq is None:
        raise ReponseIllisible("réponse d'INSi sans traits")
    return RetourInsi(
        code=code,
        libelle=_texte(corps, "CR/LibelleCR"),
        ins=_ins(individu.find(_chemin("INSACTIF"))),
        traits=Traits(
            nom_naissance=_texte(tiq, "NomNaissance"),
            prenoms=tuple((_texte(tiq, "ListePrenom") or _texte(tiq, "Prenom")).split()),
            sexe=_texte(tiq, "Sexe"),
            date_naissance=_texte(tiq, "DateNaissance"),
            lieu_naissance=_texte(tiq, "LieuNaissance"),
        ),
        historique=tuple(ins for ins in map(_ins, individu.findall(_chemin("INSHISTO"))) if ins is not None),
    )


def lire_verification(corps: etree._Element) -> str:
    """OK or KO."""
    reponse = next((e.text or "" for e in corps.iter() if etree.QName(e).localname == "Reponse"), "").strip().upper()
    if reponse not in ("OK", "KO"):
        raise ReponseIllisible("réponse d'INSi sans OK ni KO")
    return reponse


_TRANSLITTERATIONS: Mapping[str, tuple[Callable[[str], str], Callable[[str], str]]] = {
    "complète": (normaliser, normaliser),
    "ligatures perdues": (sans_ligatures, normaliser),
    "accents effacés": (normaliser, sans_lettres_accentuees),
}

_CLASSES = {"CPS": "SmartcardPKI", "PSC": "MobileTwoFactorUnregistered"}


def _contexte_bam(emetteur: Emetteur, le: datetime, couverture: etree._Element) -> etree._Element:
    return _bam("ContexteBAM", {"Version": "01_02", "Nature": "CTXBAM"}, *_marques(_bam, emetteur, le), couverture)


def _contexte_lps(emetteur: Emetteur, le: datetime) -> etree._Element:
    logiciel = emetteur.logiciel
    lps = _lps(
        "LPS",
        None,
        _lps("IDAM", {"R": "4"}, logiciel.idam),
        _lps("Version", None, logiciel.version),
        _lps("Instance", None, emetteur.instance),
        _lps("Nom", None, f"urn:lps:{normaliser(logiciel.lps_nom).replace(' ', '')}:{logiciel.version}"),
    )
    return _lps("ContexteLPS", {"Version": "01_00", "Nature": "CTXLPS"}, *_marques(_lps, emetteur, le), lps)


def _marques(espace: Espace, emetteur: Emetteur, le: datetime) -> tuple[etree._Element, ...]:
    """The head of both contexts: a new identifier, the time of the call, who calls."""
    return (
        espace("Id", None, str(uuid.uuid4())),
        espace("Temps", None, utc_iso(le)),
        espace("Emetteur", None, emetteur.numero),
    )


def _couverture(corps: etree._Element) -> etree._Element:
    """Empty, unless a card was read: then its holder and its beneficiary."""
    if corps.tag != _recvit.nom("RECVITALE"):
        return _bam("COUVERTURE")
    numero, cle = (corps.findtext(f".//{_recvit.nom(nom)}") or "" for nom in ("NumIdentifiant", "Cle"))
    beneficiaire = _bam(
        "BENEFICIAIRE",
        None,
        _bam("Nir", None, _bam("Num", None, numero), _bam("Cle", None, cle)),
        _bam("DateNai", None, corps.findtext(_recvit.nom("DateNaissance")) or ""),
        _bam("Rang", None, corps.findtext(_recvit.nom("RangNaissance")) or ""),
    )
    assure = _bam("ASSURE", None, _bam("Id", None, _bam("Num", None, numero), _bam("Cle", None, cle)))
    return _bam("COUVERTURE", None, assure, beneficiaire)


def _attribut(nom: str, texte: str) -> etree._Element:
    return _saml("Attribute", {"Name": nom}, _saml("AttributeValue", None, texte))


def _ins(element: etree._Element | None) -> Ins | None:
    if element is None:
        return None
    return Ins(_texte(element, "IdIndividu/NumIdentifiant"), _texte(element, "IdIndividu/Cle"), _texte(element, "OID"))


def _texte(element: etree._Element, chemin: str) -> str:
    return (element.findtext(_chemin(chemin)) or "").strip()


def _chemin(chemin: str) -> str:
    return "/".join(_resultat.nom(pas) for pas in chemin.split("/"))
