"""The QR code printed on a prescription (ON-05).

Its syntax is not public: its fields are read as the user's file says; without it, the values are looked for as they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..core.errors import CheckFailed, Inconclusive
from ..core.problem import Evidence
from ..validation.codes_barres import Barcode, Barcodes
from ..validation.ins.traits import folded
from ..validation.ordonnance_qr import ExpectedPrescription, LectureQr, QrError, as_iso, holds_date
from .registry import check

SOURCE = "programme ON-05 : identifiant unique, n° AM/FINESS et RPPS du médecin, nom, prénom et date de naissance du patient"
LITERAL = f"{SOURCE} ; valeurs cherchées telles quelles : choix du banc, la syntaxe du QR code n'est pas publique"
_HINT = "Vérifier le contenu du QR code ; s'il est codé, dire comment le lire dans ordonnance_qr.toml."


@check("ordonnance.qr.present", covers=("ON-05",), source=SOURCE, confidence="secondaire")
def prescription_shows_a_qr_code(codes: Barcodes) -> Evidence:
    """L'ordonnance imprimée porte un QR code lisible et non vide."""
    found = [code for code in codes.of_kind("QRCode") if code.content.strip()]
    if not found:
        raise CheckFailed(
            "Aucun QR code lisible sur l'ordonnance",
            expected="un QR code sur l'ordonnance imprimée",
            received=f"{len(codes.found)} autre(s) code(s) sur {codes.pages} page(s)",
            at=codes.id,
            hint="Imprimer le QR code en vectoriel ou à 300 points par pouce, avec sa marge blanche de quatre modules.",
        )
    return Evidence(at=found[0].at, note=f"{len(found)} QR code(s)")


@check("ordonnance.qr.fields", covers=("ON-05",), source=SOURCE, confidence="secondaire")
def qr_code_has_its_fields(codes: Barcodes, lecture: LectureQr) -> Evidence:
    """Le QR code, lu comme le dit ordonnance_qr.toml, porte tous les champs demandés."""
    code, fields = _read(codes, lecture)
    missing = [f for f in ("identifiant", "rpps", "nom", "prenom", "naissance") if not fields.get(f)]
    if not (fields.get("numero_am") or fields.get("finess")):
        missing.append("numero_am ou finess")
    if missing:
        raise CheckFailed(
            "Des champs manquent au QR code",
            expected="identifiant, numero_am ou finess, rpps, nom, prenom, naissance",
            received=f"manque {', '.join(missing)}",
            at=code.at,
            hint="Ajouter ces champs au QR code, ou les nommer dans ordonnance_qr.toml.",
        )
    return Evidence(at=code.at, fired=6)


@check("ordonnance.qr.prescription", covers=("ON-05",), source=SOURCE, confidence="secondaire")
def qr_code_names_the_prescription(codes: Barcodes, lecture: LectureQr, expected: ExpectedPrescription) -> Evidence:
    """Le QR code porte l'identifiant unique de la prescription."""
    code, fields = _read(codes, lecture)
    if not expected.identifiant:
        raise Inconclusive("l'identifiant unique attendu de la prescription n'est pas connu du banc")
    return _same(code, "l'identifiant de la prescription", expected.identifiant, fields.get("identifiant", ""), expected)


@check("ordonnance.qr.prescripteur", covers=("ON-05",), source=SOURCE, confidence="secondaire")
def qr_code_names_the_prescriber(codes: Barcodes, lecture: LectureQr, expected: ExpectedPrescription) -> Evidence:
    """Le QR code porte le RPPS et le numéro AM ou FINESS du médecin."""
    code, fields = _read(codes, lecture)
    if not expected.rpps:
        raise Inconclusive("le RPPS attendu du médecin n'est pas connu")
    given = {name: re.sub(r"\D", "", fields.get(name, "")) for name in ("rpps", "numero_am")}
    if len(given["rpps"]) == 12 and given["rpps"][0] == "8":
        given["rpps"] = given["rpps"][1:]
    _same(code, "le RPPS du médecin", expected.rpps, given["rpps"], expected)
    for name, wanted in (("numero_am", expected.numero_am), ("finess", expected.finess)):
        if wanted and fields.get(name):
            value = given.get(name) or fields[name].strip()
            _same(code, f"le numéro {name.replace('numero_am', 'AM').upper()}", wanted, value, expected)
    return Evidence(at=code.at, fired=2)


@check("ordonnance.qr.patient", covers=("ON-05",), source=SOURCE, confidence="secondaire")
def qr_code_names_the_patient(codes: Barcodes, lecture: LectureQr, expected: ExpectedPrescription) -> Evidence:
    """Le QR code porte le nom, le prénom et la date de naissance du patient."""
    code, fields = _read(codes, lecture)
    _same(code, "le nom du patient", folded(expected.nom), folded(fields.get("nom", "")), expected)
    _same(code, "le prénom du patient", folded(expected.prenom), folded(fields.get("prenom", "")), expected)
    _same(code, "la date de naissance du patient", expected.naissance, as_iso(fields.get("naissance", "")), expected)
    return Evidence(at=code.at, fired=3)


@check("ordonnance.qr.contient-identifiant", covers=("ON-05",), source=LITERAL, confidence="infere")
def qr_code_holds_the_identifier(codes: Barcodes, expected: ExpectedPrescription) -> Evidence:
    """Le contenu du QR code comprend l'identifiant unique de la prescription."""
    if not expected.identifiant:
        raise Inconclusive("l'identifiant unique attendu de la prescription n'est pas connu du banc")
    return _held(codes, {"l'identifiant de la prescription": expected.identifiant}, expected)


@check("ordonnance.qr.contient-prescripteur", covers=("ON-05",), source=LITERAL, confidence="infere")
def qr_code_holds_the_prescriber(codes: Barcodes, expected: ExpectedPrescription) -> Evidence:
    """Le contenu du QR code comprend le RPPS du médecin."""
    if not expected.rpps:
        raise Inconclusive("le RPPS attendu du médecin n'est pas connu")
    return _held(codes, {"le RPPS du médecin": expected.rpps}, expected)


@check("ordonnance.qr.contient-patient", covers=("ON-05",), source=LITERAL, confidence="infere")
def qr_code_holds_the_patient(codes: Barcodes, expected: ExpectedPrescription) -> Evidence:
    """Le contenu du QR code comprend le nom, le prénom et la date de naissance du patient."""
    wanted = {
        "le nom du patient": expected.nom,
        "le prénom du patient": expected.prenom,
        "la date de naissance du patient": expected.naissance,
    }
    return _held(codes, wanted, expected)


def _qr(codes: Barcodes) -> tuple[Barcode, ...]:
    found = codes.of_kind("QRCode")
    if not found:
        raise Inconclusive("aucun QR code lu sur l'ordonnance")
    return found


def _read(codes: Barcodes, lecture: LectureQr) -> tuple[Barcode, Mapping[str, str]]:
    """The first QR code that the user's reading understands."""
    reason = ""
    for code in _qr(codes):
        try:
            return code, lecture.fields(code.text)
        except QrError as error:
            reason = reason or str(error)
    first = _qr(codes)[0]
    raise CheckFailed(
        "Le QR code n'a pas la forme que dit ordonnance_qr.toml",
        expected=f"un contenu lisible au format « {lecture.format} »",
        received=f"{reason} ; contenu : {first.text[:60]}",
        at=first.at,
        hint="Corriger ordonnance_qr.toml, ou le contenu du QR code.",
    )


def _held(codes: Barcodes, wanted: Mapping[str, str], expected: ExpectedPrescription) -> Evidence:
    found = _qr(codes)
    texts = [code.text for code in found]
    for what, value in wanted.items():
        if not any(_holds(text, value) for text in texts):
            raise CheckFailed(
                f"Le QR code ne montre pas {what}",
                expected=f"{value} ({expected.origine})",
                received=f"contenu : {texts[0][:120]}",
                at=found[0].at,
                hint=_HINT,
            )
    return Evidence(at=found[0].at, fired=len(wanted))


def _holds(text: str, value: str) -> bool:
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        return holds_date(text, value)
    words = folded(value)
    return bool(words) and (words in folded(text) or words.replace(" ", "") in folded(text).replace(" ", ""))


def _same(code: Barcode, what: str, wanted: str, given: str, expected: ExpectedPrescription) -> Evidence:
    if not wanted:
        raise Inconclusive(f"{what} attendu n'est pas connu")
    if wanted != given:
        raise CheckFailed(
            f"Le QR code donne autre chose que {what}",
            expected=f"{wanted} ({expected.origine})",
            received=given or "absent",
            at=code.at,
            hint="Produire le QR code à partir de la prescription imprimée.",
        )
    return Evidence(at=code.at)
