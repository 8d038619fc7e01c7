"""The file of the fictional editor of this DUI: the pieces that forms ask for, made when they are asked.

Only what an editor keeps in a drawer: what a person sees on a screen, or does at a client's, is nowhere here.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from ...core.gestures import Piece
from . import signature_pdf
from .configuration import Logiciel
from .documents.pdf import Bloc, Papier, composer
from .regles_dossier import SECTEURS, ReglesDossier

SIGNATAIRE = "Responsable qualité, éditeur fictif du DUI témoin"
_CERTIFICATS = {
    "DMP-ALIM-20": "Homologation DMP, profil alimentation",
    "DMP-CONS-26": "Homologation DMP, profil consultation, mode AIR",
    "INS-16": "Autorisation du téléservice INSi, certificat et carte",
    "ON-01": "Agrément e-prescription",
    "PSC-10": "Habilitation à l'espace de confiance Pro Santé Connect",
}
_POINTS_CONFORMES = 24


class DossierEditeur:
    """What this editor can show, by exigence."""

    def __init__(self, logiciel: Logiciel, regles: ReglesDossier, maintenant: Callable[[], datetime]) -> None:
        self._nom = regles.produit or logiciel.nom
        self._version = regles.version or logiciel.version
        self._regles = regles
        self._maintenant = maintenant
        self._pieces: Mapping[str, Callable[[], Piece]] = {
            "GEN-01": self._secteurs,
            "GEN-03": self._guides,
            "GEN-04": self._portabilite,
            "TBB-05": self._format_du_tableau,
            "SSI-01": self._hebergement,
            "SSI-03": self._releve,
            **({"SSI-02": self._intrusion} if signature_pdf.disponible() else {}),
        }

    @property
    def exigences(self) -> tuple[str, ...]:
        """Those that it has a piece for."""
        return (*self._pieces, *_CERTIFICATS)

    def repondre(self, exigences: Sequence[str]) -> dict[str, object] | None:
        """The answer to the form put for these exigences; None when the file holds nothing for it."""
        for exigence in exigences:
            if exigence in self._pieces or exigence in _CERTIFICATS:
                piece = self._pieces[exigence]() if exigence in self._pieces else self._certificat(exigence)
                return {"verdict": "conforme", "note": "dossier fictif", "par": SIGNATAIRE, "pieces": (piece,)}
        return None

    def _secteurs(self) -> Piece:
        rows = (f"{secteur};{'oui' if secteur in self._regles.secteurs else 'non'}" for secteur in SECTEURS)
        return Piece("secteurs.csv", "\n".join(("Secteur;Déclaré", *rows, "")).encode())

    def _guides(self) -> Piece:
        texte = f"{self._nom} {self._version}\nDocument fictif.\n" if self._regles.guides_ecrits else ""
        return _archive("guides.zip", dict.fromkeys(self._regles.guides, texte))

    def _portabilite(self) -> Piece:
        essai = json.dumps({"usager": "U-ESSAI", "documents": ["consultation.xml"]}, ensure_ascii=False)
        decrit = (
            "Un dossier par usager : identite.json, puis ses documents CDA R2. Les données sont dans la base de la structure."
        )
        return _archive("portabilite.zip", {"export/usager.json": essai, "format.txt": decrit})

    def _format_du_tableau(self) -> Piece:
        return Piece("format-tableau-de-bord.txt", "Une ligne par envoi : mois, canal, type de document, résultat.\n".encode())

    def _hebergement(self) -> Piece:
        echeance = self._maintenant() + self._regles.validite_hebergement
        lignes = (self._regles.hebergement, f"Certificat valable jusqu'au {echeance:%d/%m/%Y}.")
        return Piece("certificat-hebergement.pdf", self._pdf("Certificat d'hébergement", lignes))

    def _certificat(self, exigence: str) -> Piece:
        titre = _CERTIFICATS[exigence]
        pdf = self._pdf(titre, (f"{titre} : {self._nom}, version {self._version}.",))
        return Piece(f"{exigence.lower()}.pdf", pdf if self._regles.certificat_ouvert else _ferme(pdf))

    def _intrusion(self) -> Piece:
        instant = self._maintenant() - self._regles.age_du_test
        pdf = self._pdf("Formulaire de test d'intrusion", (f"Audit de {self._nom} {self._version} par un PASSI fictif.",))
        if self._regles.formulaire_signe:
            pdf = signature_pdf.signer(pdf, instant)
        return Piece("test-intrusion.pdf", pdf if self._regles.formulaire_intact else _retouche(pdf))

    def _releve(self) -> Piece:
        points = [("moyenne", "non conforme")] * self._regles.points_moyens_refuses
        points += [("haute", "non conforme")] * self._regles.points_hauts_refuses
        points += [(("haute", "moyenne", "faible")[rang % 3], "conforme") for rang in range(_POINTS_CONFORMES)]
        rows = (f"P{rang:02d};{gravite};{resultat}" for rang, (gravite, resultat) in enumerate(points, 1))
        return Piece("releve-test-intrusion.csv", "\n".join(("Point;Gravité;Résultat", *rows, "")).encode())

    def _pdf(self, titre: str, lignes: tuple[str, ...]) -> bytes:
        ecrit_le = self._maintenant() - timedelta(days=120)
        identite = (("Logiciel", self._nom), ("Version", self._version))
        return composer(Papier(titre, "Pièce fictive", "Éditeur fictif", ecrit_le, identite, (), (Bloc(titre, lignes),)))


def _archive(nom: str, membres: Mapping[str, str]) -> Piece:
    flux = io.BytesIO()
    with zipfile.ZipFile(flux, "w", zipfile.ZIP_DEFLATED) as archive:
        for membre, texte in membres.items():
            archive.writestr(membre, texte)
    return Piece(nom, flux.getvalue())


def _ferme(pdf: bytes) -> bytes:
    """The same PDF, which a password closes."""
    import pikepdf

    flux = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        document.save(flux, encryption=pikepdf.Encryption(user="secret", owner="secret"))
    return flux.getvalue()


def _retouche(pdf: bytes) -> bytes:
    """The same PDF, one byte of its second line changed."""
    place = pdf.index(b"%", 5) + 1
    return pdf[:place] + bytes((pdf[place] ^ 1,)) + pdf[place + 1 :]
