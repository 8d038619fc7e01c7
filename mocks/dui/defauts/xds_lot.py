"""Defects of the submission set of a deposit, and of its signature."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from functools import partial

from lxml import etree

from ..alterations import Alteration, Couture
from ..lot import Piece
from ..mtom import Paquet
from . import registre
from .chemins import FICHE, LISTE, LOT, MEMBRE, SIGNATURE, classement, code, identifiant, valeur
from .registre import AVERTISSEMENT, NON_CONFORME
from .retouches import attribuer, ecrire, inserer, retirer, trouver

defaut = partial(registre.defaut, theme="xds")

_EXIGENCES = ("DMP-ALIM-18",)


def _lot(nom: str, description: str, check: str, alteration: Alteration, *, effet: str = NON_CONFORME) -> None:
    defaut(
        f"lot-{nom}", description, (Couture.XDS, alteration), check=f"xds.submission.{check}", exigences=_EXIGENCES, effet=effet
    )


_lot(
    "sans-classement",
    "ne classe pas le lot comme un lot de soumission",
    "single-set",
    retirer(f"{LOT}/rim:Classification[@classificationNode]"),
)
_lot(
    "avec-classeur",
    "range le dépôt dans un classeur",
    "no-folder",
    inserer(
        LISTE,
        '<rim:RegistryPackage id="Classeur01"><rim:Classification id="c1" classifiedObject="Classeur01" '
        'classificationNode="urn:uuid:d9d542f3-6cc4-48b6-8870-ea235fbc94c2"/></rim:RegistryPackage>',
    ),
)
_lot(
    "date-locale",
    "date la soumission avec un décalage horaire",
    "submission-time",
    ecrire(valeur(LOT, "submissionTime"), lambda t: f"{t}+0100"),
)
_lot("sans-auteur", "omet l'auteur du lot", "author", retirer(classement(LOT, "author")))
_lot("activite-inconnue", "code le type d'activité hors de JDV_J59", "content-type", code(LOT, "contentTypeCode", "99"))
_lot(
    "patient-local",
    "désigne le patient du lot par son IPP",
    "patient-id",
    attribuer(identifiant(LOT, "patientId"), "value", "IPP-1^^^&1.2.250.1.999.1.1.8121.1&ISO^PI"),
)
_lot(
    "source-nom",
    "désigne l'émetteur par son nom",
    "source-id",
    attribuer(identifiant(LOT, "sourceId"), "value", "MON-DUI"),
)
_lot(
    "unique-id-uuid",
    "identifie le lot par un UUID",
    "unique-id",
    attribuer(identifiant(LOT, "uniqueId"), "value", "urn:uuid:6f1c1d0e-3c55-4c7a-9d27-00000000000c"),
)


def _meme_identifiant(soumission: etree._Element) -> None:
    unique = trouver(soumission, identifiant(FICHE, "uniqueId"))[0].get("value", "")
    attribuer(identifiant(LOT, "uniqueId"), "value", unique)(soumission)


_lot("identifiant-du-document", "donne au lot l'identifiant de son document", "unique-ids-distinct", _meme_identifiant)
_lot(
    "signature-hors-du-lot",
    "ne rattache pas la signature au lot",
    "has-member",
    retirer(f"{MEMBRE}[@targetObject='Signature01']"),
)
_lot(
    "statut-du-membre",
    "omet le statut des rattachements au lot",
    "member-status",
    retirer(f"{MEMBRE}[@targetObject='Doc01']/rim:Slot"),
)
_lot(
    "deux-patients",
    "dépose le document et sa signature pour deux patients",
    "same-patient",
    attribuer(identifiant(SIGNATURE, "patientId"), "value", "207058575627097^^^&1.2.250.1.213.1.4.10&ISO^NH"),
)
_lot(
    "classement-d-un-autre",
    "classe un autre objet que celui qui contient le classement",
    "references-parents",
    attribuer(classement(FICHE, "classCode"), "classifiedObject", "Signature01"),
    effet=AVERTISSEMENT,
)
_lot(
    "auteur-code",
    "donne un nodeRepresentation à la classification de l'auteur du lot",
    "author",
    attribuer(classement(LOT, "author"), "nodeRepresentation", "auteur"),
)


def _signature(nom: str, description: str, check: str, *alterations: tuple[Couture, Alteration]) -> None:
    controle = f"xds.signature.{check}"
    defaut(f"signature-{nom}", description, *alterations, check=controle, exigences=_EXIGENCES, effet=AVERTISSEMENT)


def _sans_piece(paquet: Paquet) -> None:
    paquet.parties.pop()


_signature(
    "absente",
    "dépose un lot sans signature",
    "present",
    (Couture.XDS, retirer(f"{SIGNATURE} | //rim:Association[@targetObject='Signature01' or @sourceObject='Signature01']")),
    (Couture.TD21, retirer("//xds:Document[@id='Signature01']")),
    (Couture.MTOM, _sans_piece),
)
_signature(
    "mal-typee",
    "type la fiche de la signature comme un document",
    "entry",
    (Couture.XDS, code(SIGNATURE, "typeCode", "87273-9")),
)


def _valeur_fausse(signature: etree._Element) -> None:
    ecrire("//ds:SignatureValue", base64.b64encode(hashlib.sha256(b"autre").digest() * 8).decode())(signature)


_signature("fausse", "joint une signature qui ne se vérifie pas", "verifies", (Couture.LOT, _valeur_fausse))


def _brouillon(pieces: list[Piece]) -> list[Piece]:
    return [replace(piece, octets=b"<brouillon/>") for piece in pieces]


_signature(
    "d-un-brouillon",
    "signe le condensat d'un brouillon au lieu de celui du document envoyé",
    "manifest",
    (Couture.LOT_PIECES, _brouillon),
)
_signature(
    "sans-le-document",
    "ne cite pas le document dans le manifeste de la signature",
    "manifest",
    (Couture.LOT_PIECES, lambda _: []),
)
_signature("sans-but", "ne déclare pas le but de la signature", "purpose", (Couture.LOT, retirer("//ds:SignatureProperty")))
_signature(
    "detachee",
    "joint une signature sans la rattacher au lot",
    "present",
    (Couture.XDS, retirer("//rim:Association[contains(@associationType, 'signs')]")),
)
_signature(
    "visible",
    "laisse la signature du lot visible du patient et des professionnels",
    "entry",
    (Couture.XDS, retirer(f"{classement(SIGNATURE, 'confidentialityCode')}[position() > 1]")),
)
defaut(
    "signature-par-la-connexion",
    "signe le lot avec le certificat de la connexion TLS, et non avec celui qui signe le VIHF",
    check="xds.signature.same-signer",
    exigences=_EXIGENCES,
    effet=AVERTISSEMENT,
    regles={"certificats": {"lot": "auth_cli"}},
)
