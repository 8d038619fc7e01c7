"""The document types that a gesture can name: their typeCode, and who must be able to produce them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TypeDocument:
    """``codes``: the values of ``ClinicalDocument/code`` that this type may have; the first is the usual one."""

    titre: str
    codes: tuple[str, ...]


TYPES: Mapping[str, TypeDocument] = {
    "note-vaccination": TypeDocument("note de vaccination", ("87273-9",)),
    "historique-vaccinations": TypeDocument("historique des vaccinations", ("11369-6",)),
    "trod": TypeDocument("test rapide d'orientation diagnostique", ("96173-0",)),
    "synthese-medicale": TypeDocument("synthèse médicale (DLU)", ("74207-2", "60591-5")),
    "fiche-transfert-su": TypeDocument("fiche de transfert vers le service des urgences (DLU)", ("78341-5",)),
    "fiche-retour-su": TypeDocument("fiche de retour du service des urgences (DLU)", ("60280-5",)),
    "synthese-environnementale": TypeDocument("synthèse environnementale (DLU)", ("74207-2",)),
    "lettre-liaison-entree": TypeDocument("lettre de liaison d'entrée en structure sociale ou médico-sociale", ("88348-8",)),
    "lettre-liaison-sortie": TypeDocument("lettre de liaison de sortie de structure sociale ou médico-sociale", ("83981-1",)),
    "prescription-produits": TypeDocument("prescription de produits de santé, structurée", ("57833-6",)),
    "prescription-produits-n1": TypeDocument("prescription de produits de santé, niveau 1", ("57833-6",)),
    "prescription-actes": TypeDocument("prescription d'actes", ("57832-8",)),
    "prescription-autres": TypeDocument("autre prescription", ("57828-6",)),
    "certificat-medical": TypeDocument("certificat médical (Cerfa n° 15695*01)", ("89601-9", "CERT_DECL")),
    "fiche-soins": TypeDocument("compte rendu ou fiche de suivi de soins", ("11506-3",)),
    "consultation": TypeDocument("compte rendu ou fiche de consultation", ("11488-4",)),
    "attestation-identite": TypeDocument("attestation d'identité qualifiée", ("CERT_DECL",)),
}
"""By the wire name of ``ValiderDocument.type``."""
