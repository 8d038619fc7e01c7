"""Printed identity (INS-20): the traits and the matricule in the text, the INS datamatrix, and their agreement."""

from __future__ import annotations

from ..core.errors import CheckFailed, Inconclusive
from ..core.problem import Evidence
from ..validation.codes_barres import Barcodes
from ..validation.ins.attendue import ExpectedIdentity
from ..validation.ins.datamatrix import NAMES, InsDatamatrix
from ..validation.ins.key import key_problem
from ..validation.ins.traits import folded
from ..validation.pdf import PdfText
from .registry import check

GUIDE = "Guide d'implémentation INS, EXI DIF 02 ; programme INS-20"
DATAMATRIX = "ANS, datamatrix INS v2.2 (citée par un code publié)"
_WORDS = {"F": ("FEMININ", "FEMININE", "FEMME"), "M": ("MASCULIN", "HOMME")}


@check("ins.papier.nom", covers=("INS-20",), source=GUIDE, confidence="vu")
def birth_name_is_printed(text: PdfText, expected: ExpectedIdentity) -> Evidence:
    """Le document imprimé montre le nom de naissance de l'usager."""
    return _printed(text, expected.nom, "le nom de naissance", known=text.says(expected.nom))


@check("ins.papier.prenom", covers=("INS-20",), source=GUIDE, confidence="vu")
def first_name_is_printed(text: PdfText, expected: ExpectedIdentity) -> Evidence:
    """Le document imprimé montre le premier prénom de naissance de l'usager."""
    return _printed(text, expected.prenom, "le premier prénom", known=text.says(expected.prenom))


@check("ins.papier.date", covers=("INS-20",), source=GUIDE, confidence="vu")
def birth_date_is_printed(text: PdfText, expected: ExpectedIdentity) -> Evidence:
    """Le document imprimé montre la date de naissance de l'usager."""
    known = expected.date.count("-") == 2 and text.says_date_text(expected.date)
    return _printed(text, expected.date, "la date de naissance", known=known)


@check("ins.papier.sexe", covers=("INS-20",), source=GUIDE, confidence="vu")
def sex_is_printed(text: PdfText, expected: ExpectedIdentity) -> Evidence:
    """Le document imprimé montre le sexe de l'usager."""
    if expected.sexe not in _WORDS:
        raise Inconclusive(f"sexe attendu inconnu ({expected.sexe or 'absent'})")
    labelled = {words[0] for after in text.after("sexe") if (words := _without("DE NAISSANCE", after).split())}
    accepted = {expected.sexe, *_WORDS[expected.sexe]}
    known = bool(labelled & accepted) or (not labelled and any(text.says(word) for word in _WORDS[expected.sexe]))
    return _printed(text, f"sexe {expected.sexe}", "le sexe", known=known, seen=", ".join(sorted(labelled)))


@check("ins.papier.matricule", covers=("INS-20",), source=GUIDE, confidence="vu")
def matricule_is_printed(text: PdfText, expected: ExpectedIdentity) -> Evidence:
    """Le document imprimé montre le matricule INS de l'usager."""
    _has_ins(expected)
    known = text.says_number(expected.ins) or text.says_number(expected.ins[:13])
    return _printed(text, expected.ins, "le matricule INS", known=known)


@check("ins.papier.nature", covers=("INS-20",), source=GUIDE, confidence="vu")
def nature_of_the_matricule_is_printed(text: PdfText, expected: ExpectedIdentity) -> Evidence:
    """Le document imprimé dit la nature du matricule : NIR ou NIA."""
    _has_ins(expected)
    wanted = expected.natures
    known = any(text.says(word) or text.says(f"INS {word}") for word in wanted)
    return _printed(text, " ou ".join(wanted), "la nature du matricule (NIR ou NIA)", known=known)


@check("ins.papier.datamatrix-present", covers=("INS-20",), source=GUIDE, confidence="vu")
def datamatrix_is_printed(codes: Barcodes) -> Evidence:
    """Le document porte un datamatrix INS lisible, sur sa première page."""
    found = [code for code in codes.of_kind("DataMatrix") if code.content.startswith(b"IS")]
    if any(code.page == 1 for code in found):
        return Evidence(at="page 1", note=f"{len(found)} datamatrix INS")
    others = ", ".join(code.at for code in codes.found)
    raise CheckFailed(
        "Datamatrix INS absent de la première page" if found else "Aucun datamatrix INS lisible",
        expected="un datamatrix INS (carré, marge blanche d'un module au moins) en première page",
        received=f"codes lus : {others}" if others else f"aucun code lu sur {codes.pages} page(s)",
        at=codes.id,
        hint="Imprimer le datamatrix en vectoriel ou à 300 points par pouce, modules d'au moins 0,3 mm, avec sa marge blanche.",
    )


@check("ins.papier.datamatrix-format", covers=("INS-20",), source=DATAMATRIX, confidence="vu")
def datamatrix_is_well_written(datamatrix: InsDatamatrix) -> Evidence:
    """Le datamatrix INS a l'en-tête, les blocs, les longueurs et les séparateurs de sa spécification."""
    if not datamatrix.faults:
        return Evidence(at=datamatrix.at, note=f"{len(datamatrix.blocks)} blocs")
    first = datamatrix.faults[0]
    failure = CheckFailed(first.message, expected=first.expected, received=first.received, at=first.at, hint=first.hint)
    failure.problems = datamatrix.faults if len(datamatrix.faults) > 1 else ()  # type: ignore[attr-defined]
    raise failure


@check("ins.papier.datamatrix-key", covers=("INS-20",), source="clé du NIR : 97 − (N mod 97), Corse 19/18", confidence="vu")
def datamatrix_key_matches(datamatrix: InsDatamatrix) -> Evidence:
    """La clé du matricule du datamatrix est la sienne."""
    problem = key_problem(datamatrix.ins)
    if problem is not None:
        raise CheckFailed(problem.message, expected=problem.expected, received=problem.received, at=problem.at, hint=problem.hint)
    return Evidence(at=datamatrix.at)


@check("ins.papier.datamatrix-identity", covers=("INS-20",), source=f"{DATAMATRIX} ; programme INS-20", confidence="vu")
def datamatrix_is_the_usagers(datamatrix: InsDatamatrix, expected: ExpectedIdentity) -> Evidence:
    """Le datamatrix INS porte l'identité de l'usager du document : matricule, OID, nom, prénoms, sexe, date, lieu."""
    compared = 0
    for block, wanted, given in _pairs(datamatrix, expected):
        if not wanted or (block == "S7" and not given):
            continue
        compared += 1
        if wanted != given:
            raise CheckFailed(
                f"Le datamatrix INS donne un autre {NAMES[block]}",
                expected=f"{wanted} ({expected.origine})",
                received=given or "absent",
                at=f"{datamatrix.at}, {block}",
                hint="Produire le datamatrix à partir de l'identité qualifiée de cet usager, à l'instant de l'impression.",
            )
    if not compared:
        raise Inconclusive("rien de l'identité attendue n'est comparable")
    return Evidence(at=datamatrix.at, note=f"{compared} traits comparés", fired=compared)


@check("ins.papier.text-says-the-datamatrix", covers=("INS-20",), source=GUIDE, confidence="secondaire")
def text_and_datamatrix_agree(text: PdfText, datamatrix: InsDatamatrix) -> Evidence:
    """Le texte imprimé et le datamatrix INS disent la même identité."""
    checks = {
        "S4": text.says(datamatrix.value("S4")),
        "S3": text.says(datamatrix.value("S3").split(" ")[0]),
        "S6": bool(datamatrix.date) and text.says_date_text(datamatrix.date),
        "S1": text.says_number(datamatrix.value("S1")) or text.says_number(datamatrix.value("S1")[:13]),
    }
    for block, said in checks.items():
        if datamatrix.value(block) and not said:
            raise CheckFailed(
                f"Le texte imprimé ne dit pas le {NAMES[block]} du datamatrix",
                expected=datamatrix.value(block),
                received=f"texte : {text.excerpt()}",
                at=f"{text.id} et {datamatrix.at}",
                hint="Imprimer les traits et le datamatrix à partir de la même identité.",
            )
    return Evidence(at=datamatrix.at, fired=len(checks))


@check("ins.papier.mention", covers=("INS-20",), source=DATAMATRIX, confidence="secondaire")
def datamatrix_is_announced(text: PdfText, datamatrix: InsDatamatrix) -> Evidence:
    """Le datamatrix est accompagné de la mention « INS à scanner »."""
    if not text.says("INS à scanner"):
        raise CheckFailed(
            "Mention du datamatrix absente",
            expected="« INS à scanner » près du datamatrix",
            received=f"texte : {text.excerpt()}",
            at=datamatrix.at,
            hint="Ajouter la mention sous le datamatrix.",
        )
    return Evidence(at=datamatrix.at)


def _pairs(datamatrix: InsDatamatrix, expected: ExpectedIdentity) -> list[tuple[str, str, str]]:
    day = "-".join(reversed(expected.date.split("-")))
    names = " ".join(folded(p) for p in expected.prenoms)
    return [
        ("S1", expected.ins, datamatrix.value("S1")),
        ("S2", expected.oid, datamatrix.value("S2")),
        ("S4", folded(expected.nom), folded(datamatrix.value("S4"))),
        ("S3", names, folded(datamatrix.value("S3"))),
        ("S5", expected.sexe, datamatrix.value("S5")),
        ("S6", day, datamatrix.value("S6")),
        ("S7", expected.lieu, datamatrix.value("S7")),
    ]


def _has_ins(expected: ExpectedIdentity) -> None:
    if not expected.ins:
        raise Inconclusive("l'identité attendue n'a pas de matricule INS")


def _without(prefix: str, text: str) -> str:
    return text.removeprefix(prefix).strip()


def _printed(text: PdfText, wanted: str, what: str, *, known: bool, seen: str = "") -> Evidence:
    if not folded(wanted):
        raise Inconclusive(f"l'identité attendue ne donne pas {what}")
    if known:
        return Evidence(at=text.id, note=f"{what} est imprimé")
    raise CheckFailed(
        f"Le document imprimé ne montre pas {what}",
        expected=wanted,
        received=f"lu : {seen}" if seen else f"texte : {text.excerpt()}",
        at=text.id,
        hint="Imprimer les traits de l'identité qualifiée en première page, sous forme de texte (et non d'image).",
    )
