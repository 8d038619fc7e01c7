"""Defects of what is sent to a laboratory: the attestation of identity, the prescription."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from functools import partial

from ..alterations import Alteration, Couture
from ..documents.pdf import Ligne, Papier
from . import registre
from .registre import AVERTISSEMENT, NON_CONFORME

defaut = partial(registre.defaut, theme="biologie")
_TYPE = b'<code code="CERT_DECL"'
_PDF = base64.b64encode(
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj "
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)


def _attestation(avant: bytes, apres: bytes) -> Alteration:
    """Change the attestation, where the archive holds it; ``ValueError`` when nothing changes."""

    def alterer(fichiers: dict[str, bytes]) -> None:
        for chemin, octets in fichiers.items():
            if _TYPE in octets:
                fichiers[chemin] = re.sub(avant, apres, octets, count=1, flags=re.DOTALL)
                if fichiers[chemin] == octets:
                    raise ValueError(f"rien à altérer dans {chemin}")

    return alterer


def _biologie(nom: str, description: str, check: str, alteration: Alteration, *, effet: str = NON_CONFORME) -> None:
    defaut(f"bio-{nom}", description, (Couture.XDM, alteration), check=f"mss.bio.{check}", exigences=("BIO-03",), effet=effet)


_biologie(
    "attestation-sans-titre",
    "donne à l'attestation un titre de son invention",
    "attestation",
    _attestation(rb"<title>[^<]*</title>", b"<title>Certificat de prelevement</title>"),
)
_biologie(
    "attestation-mal-typee",
    "type l'attestation sous un autre système de codes",
    "attestation-type",
    _attestation(rb'(<code code="CERT_DECL" codeSystem=)"[^"]*"', rb'\1"1.2.250.1.999.7"'),
    effet=AVERTISSEMENT,
)
_biologie(
    "preleveur-sans-rpps",
    "désigne le préleveur par un numéro interne",
    "preleveur",
    _attestation(rb'(code="PRELV".*?<id root="1\.2\.250\.1\.71\.4\.2\.1" extension=)"[^"]*"', rb'\1"INTERNE-7"'),
)
_biologie(
    "attestation-sans-ins",
    "atteste une identité sans matricule",
    "identity",
    _attestation(rb'<id root="1\.2\.250\.1\.213\.1\.4\.10" extension="[^"]*"/>', b""),
)
_biologie(
    "attestation-sans-datamatrix",
    "imprime l'attestation sans datamatrix INS",
    "datamatrix",
    _attestation(rb'(<text mediaType="application/pdf"[^>]*>)[^<]*', rb"\1" + _PDF),
)
defaut(
    "bio-sans-prescription",
    "envoie l'attestation sans la prescription",
    check="mss.bio.prescription",
    exigences=("BIO-02",),
    regles={"mss": {"joint_la_prescription": False, "controle_le_prelevement": False}},
)


def _sans_messagerie(libelle: str) -> Alteration:
    """Leave an address out of what is printed."""

    def imprimer(papier: Papier) -> Papier:
        blocs = tuple(
            replace(bloc, parties=tuple(_sans(partie, libelle) for partie in bloc.parties)) if "MSSanté" in bloc.titre else bloc
            for bloc in papier.blocs
        )
        return replace(papier, blocs=blocs)

    return imprimer


def _sans(partie: str | tuple[Ligne, ...], libelle: str) -> str | tuple[Ligne, ...]:
    return partie if isinstance(partie, str) else tuple(ligne for ligne in partie if ligne[0] != libelle)


for _libelle, _nom in (("Médecin traitant", "medecin"), ("Établissement", "etablissement")):
    defaut(
        f"bio-sans-adresse-{_nom}",
        f"n'écrit pas sur la prescription l'adresse MSSanté : {_libelle.lower()}",
        (Couture.PAPIER, _sans_messagerie(_libelle)),
        check="mss.bio.addresses",
        exigences=("BIO-01",),
    )
