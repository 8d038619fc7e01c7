"""Defects of the PDF of a document: what it says is not what the header says, its codes cannot be read or say otherwise."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from ..alterations import Couture
from ..documents.pdf import Papier
from .chemins import ACTE
from .documents import registre_de
from .papier import champ, datamatrix, identite, qr, references, sans
from .registre import AVERTISSEMENT
from .retouches import attribuer

_pdf = registre_de("documents-pdf")
copie = partial(_pdf, couture=Couture.PAPIER, exigences=("CDA-03",))
copie_avertie = partial(copie, effet=AVERTISSEMENT)
ins = partial(_pdf, couture=Couture.PAPIER, exigences=("INS-20",))
ins_averti = partial(ins, effet=AVERTISSEMENT)
ordonnance = partial(_pdf, couture=Couture.PAPIER, exigences=("ON-05",))


def _sans_type(papier: Papier) -> Papier:
    return replace(papier, type=papier.titre)


def _sans_recit(papier: Papier) -> Papier:
    return replace(papier, blocs=())


def _sans_mention(papier: Papier) -> Papier:
    return replace(papier, mention="")


def _cle_fausse(contenu: str) -> str:
    """The matricule and its key follow ``S1``."""
    debut = contenu.index("S1") + 15
    return f"{contenu[:debut]}{97 - int(contenu[debut : debut + 2]):02d}{contenu[debut + 2 :]}"


copie(
    "liaison-entree-pdf-sans-type",
    "lettre-liaison-entree",
    "n'imprime pas le type du document",
    "cda.pdf.type",
    _sans_type,
)
_pdf(
    "prescription-actes-pdf-du-meme-jour",
    "prescription-actes",
    "imprime comme jour de l'acte celui du document, un mois plus tard",
    "pdf.act-date",
    attribuer(f"{ACTE}/hl7:effectiveTime/hl7:low", "value", "20250601080000+0200"),
    exigences=("CDA-03",),
)
copie(
    "fiche-soins-pdf-autre-structure",
    "fiche-soins",
    "imprime un autre nom de structure que celui de l'en-tête",
    "cda.pdf.organisation",
    references(lambda structure: "Pôle gériatrique", "Structure"),
)
copie_avertie(
    "consultation-pdf-autre-nom",
    "consultation",
    "imprime un autre nom de naissance que celui de l'en-tête",
    "cda.pdf.usager-name",
    identite("Nom de naissance", lambda nom: "AUTRE"),
)
copie_avertie(
    "fiche-soins-pdf-autre-naissance",
    "fiche-soins",
    "imprime une autre date de naissance que celle de l'en-tête",
    "cda.pdf.usager-birth-date",
    identite("Date de naissance", lambda jour: f"{jour[:6]}1900"),
)
copie_avertie(
    "certificat-pdf-autre-sexe",
    "certificat-medical",
    "imprime un autre sexe que celui de l'en-tête",
    "cda.pdf.usager-sex",
    identite("Sexe", lambda sexe: "Féminin" if sexe == "Masculin" else "Masculin"),
)
copie_avertie(
    "attestation-pdf-sans-matricule",
    "attestation-identite",
    "n'imprime pas le matricule INS que dit l'en-tête",
    "cda.pdf.usager-matricule",
    sans("Matricule INS"),
)
copie_avertie(
    "cr-biologie-pdf-sans-resultats",
    "cr-biologie",
    "n'imprime aucun des résultats que dit le document structuré",
    "cda.pdf.narrative",
    _sans_recit,
)
copie(
    "prescription-produits-pdf-sans-titre",
    "prescription-produits",
    "imprime la prescription sous le titre « Ordonnance »",
    "cda.pdf.title",
    lambda papier: replace(papier, titre="Ordonnance", type="Ordonnance"),
)
ins(
    "liaison-sortie-pdf-nom-utilise",
    "lettre-liaison-sortie",
    "imprime un nom d'usage à la place du nom de naissance",
    "ins.papier.nom",
    identite("Nom de naissance", lambda nom: "AUTRE"),
)


def _autre_prenom(papier: Papier) -> Papier:
    for libelle in ("Premier prénom de naissance", "Prénoms de naissance"):
        papier = identite(libelle, lambda prenom: "Zénon")(papier)
    return papier


ins(
    "environnementale-pdf-autre-prenom",
    "synthese-environnementale",
    "imprime un prénom d'usage à la place du prénom de naissance",
    "ins.papier.prenom",
    _autre_prenom,
)
ins(
    "liaison-sortie-datamatrix-autre-jour",
    "lettre-liaison-sortie",
    "écrit dans le datamatrix INS la date de naissance à l'américaine",
    "ins.papier.datamatrix-format",
    datamatrix(lambda contenu: contenu.replace("S6", "S6/", 1)),
)
ins_averti(
    "liaison-sortie-datamatrix-cle-fausse",
    "lettre-liaison-sortie",
    "écrit dans le datamatrix INS un matricule dont la clé est fausse",
    "ins.papier.datamatrix-key",
    datamatrix(_cle_fausse),
)
ins_averti(
    "liaison-sortie-datamatrix-sans-mention",
    "lettre-liaison-sortie",
    "imprime le datamatrix sans dire que c'est l'INS à scanner",
    "ins.papier.mention",
    _sans_mention,
)
ordonnance(
    "prescription-actes-qr-incomplet",
    "prescription-actes",
    "laisse le prénom du patient hors du QR code",
    "ordonnance.qr.fields",
    qr(champ("prenom", "")),
)
ordonnance(
    "prescription-produits-qr-d-une-autre",
    "prescription-produits",
    "écrit dans le QR code l'identifiant d'une autre prescription",
    "ordonnance.qr.prescription",
    qr(champ("prescription", "2.25.1")),
)
ordonnance(
    "prescription-autres-qr-autre-medecin",
    "prescription-autres",
    "écrit dans le QR code le RPPS d'un autre médecin",
    "ordonnance.qr.prescripteur",
    qr(champ("rpps", "10000000000")),
)
ordonnance(
    "prescription-produits-n1-qr-autre-patient",
    "prescription-produits-n1",
    "écrit dans le QR code le nom d'un autre patient",
    "ordonnance.qr.patient",
    qr(champ("nom", "AUTRE")),
)
ordonnance(
    "prescription-actes-qr-sans-identifiant",
    "prescription-actes",
    "laisse l'identifiant de la prescription hors du QR code",
    "ordonnance.qr.contient-identifiant",
    qr(champ("prescription", "")),
    effet=AVERTISSEMENT,
)
