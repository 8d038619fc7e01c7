"""The usager's identity in a CDA document: its INS, kept out of a document that has none, its traits, its place of birth."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from lxml import etree

from ..core.errors import CheckFailed, NotTested
from ..core.problem import Evidence
from ..validation.cda import CdaDocument
from ..validation.cda.times import has_unknown_part, read
from ..validation.cda.view import HL7, hl7
from ..validation.cog import Cog, CogReference
from ..validation.ins.key import OIDS, PRODUCTION_OIDS, control_key, is_matricule
from ..validation.xml import place_of
from .registry import check

RNIV = "référentiel national d'identitovigilance (RNIV), référentiel INS"
_PATIENT_IDS = hl7("recordTarget/patientRole/id")
_TELECOMS = hl7("recordTarget/patientRole/telecom")
_PATIENT = "recordTarget/patientRole/patient"
_COUNTY = hl7(f"{_PATIENT}/birthplace/place/addr/county")
_ALL_IDS = etree.XPath("descendant::h:id[starts-with(@root, '1.2.250.1.213.1.4.')]", namespaces={"h": HL7})
_STRUCTURES = etree.XPath(
    "descendant::h:id[@root = '1.2.250.1.71.4.2.2' and starts-with(@extension, '1')]", namespaces={"h": HL7}
)
_FAMILY_OIDS = "1.2.250.1.213.1.4."
_CITIZEN_MAIL = re.compile(r"mailto:\s*([0-9]{5}(?:[0-9]{2}|2[AB])[0-9]{6,8})@patient\.mssante\.fr", re.IGNORECASE)
_WRITTEN = re.compile(
    rb"(?<![0-9A-Za-z.])[12378](?: ?[0-9]{2}){2} ?(?:[0-9]{2}|2[AB])(?: ?[0-9]{3}){2} ?[0-9]{2}(?![0-9A-Za-z]|\.[0-9])"
)


def _ins_ids(document: CdaDocument) -> list[etree._Element]:
    """The identifiers of the usager under an OID of the INS."""
    return [each for each in document.root.findall(_PATIENT_IDS) if each.get("root") in OIDS]


@check("cda.identite.ins-not-leaked", covers=("INS-13",), source=f"{RNIV}, EXI ID 29", confidence="secondaire")
def document_without_ins_does_not_leak_it(document: CdaDocument) -> Evidence:
    """Un document dont l'usager n'a pas d'INS ne porte de matricule INS nulle part ailleurs."""
    if _ins_ids(document):
        return Evidence(note="l'usager est identifié par son INS")
    for at, received in _leaks(document):
        raise CheckFailed(
            "Matricule INS transmis ailleurs que dans l'identité de l'usager, qui n'en a pas",
            expected="aucun matricule : une identité non qualifiée ne transmet que ses traits",
            received=received,
            at=at,
            hint="Retirer le matricule, ou qualifier l'identité et l'écrire dans patientRole/id.",
        )
    return Evidence(note="aucun matricule")


def _leaks(document: CdaDocument) -> Iterator[tuple[str, str]]:
    for element in _ALL_IDS(document.root):
        if isinstance(element, etree._Element) and element.get("root") in OIDS and element.get("extension"):
            yield place_of(element), f'root="{element.get("root")}" extension="{element.get("extension")}"'
    data = document.data or etree.tostring(document.root)
    for match in _WRITTEN.finditer(data):
        text = match[0].decode("ascii").replace(" ", "")
        if is_matricule(text[:13]) and text[13:] == control_key(text[:13]):
            line = data.count(b"\n", 0, match.start()) + 1
            yield f"ligne {line}", text


@check("cda.identite.ins-oid", covers=("INS-03",), source=f"{RNIV} ; OID 1.2.250.1.213.1.4.8 à .11", confidence="vu")
def ins_bears_its_oid(document: CdaDocument) -> Evidence:
    """Le matricule INS de l'usager est accompagné d'un OID de l'INS."""
    identifiers = document.root.findall(_PATIENT_IDS)
    for element in identifiers:
        root, extension = element.get("root", ""), element.get("extension", "")
        if root in OIDS or not _looks_like_ins(root, extension):
            continue
        raise CheckFailed(
            "Identifiant qui a la forme d'un matricule INS, sous un autre OID",
            expected=" ou ".join(f"{oid} ({label})" for oid, label in OIDS.items()),
            received=f'root="{root}" extension="{extension}"',
            at=place_of(element),
            hint="Écrire le matricule avec l'OID rendu par INSi ; un identifiant local n'est pas un matricule.",
        )
    return Evidence(note=f"{len(identifiers)} identifiants", fired=max(1, len(identifiers)))


def _looks_like_ins(root: str, extension: str) -> bool:
    """A matricule with its right key, or an OID of the branch of the INS that identifies no INS (INS-C, unknown)."""
    if root.startswith(_FAMILY_OIDS) and root.removeprefix(_FAMILY_OIDS).isdigit():
        return True
    return len(extension) == 15 and is_matricule(extension[:13]) and extension[13:] == control_key(extension[:13])


@check(
    "cda.identite.mail-matches-ins",
    covers=("INS-03",),
    source="MSSanté, adresse d'usager de Mon espace santé",
    confidence="secondaire",
)
def citizen_mail_is_built_on_the_ins(document: CdaDocument) -> Evidence:
    """L'adresse Mon espace santé de l'usager est construite sur son matricule INS."""
    known = {each.get("extension", "")[:13] for each in _ins_ids(document)}
    addresses = [(t, m[1]) for t in document.root.findall(_TELECOMS) if (m := _CITIZEN_MAIL.fullmatch(t.get("value", "")))]
    for element, matricule in addresses:
        if known and matricule[:13] not in known:
            raise CheckFailed(
                "L'adresse Mon espace santé n'est pas celle de l'usager du document",
                expected=f"une adresse construite sur {' ou '.join(sorted(known))}",
                received=element.get("value", ""),
                at=place_of(element),
                hint="Construire l'adresse depuis le matricule de l'identité transmise : une autre désigne une autre personne.",
            )
    return Evidence(note=f"{len(addresses)} adresse(s)", fired=max(1, len(addresses)))


@check(
    "cda.identite.ins-matches-traits",
    covers=("INS-03",),
    source="structure du NIR : sexe, année et mois de naissance",
    confidence="infere",
)
def ins_is_that_of_the_traits(document: CdaDocument) -> Evidence:
    """Le matricule INS dit le même sexe, la même année et le même mois de naissance que les traits de l'usager."""
    birth, sex = (
        document.attribute(f"{_PATIENT}/birthTime", "value"),
        document.attribute(f"{_PATIENT}/administrativeGenderCode", "code"),
    )
    for element in _ins_ids(document):
        text = element.get("extension", "")
        if not is_matricule(text[:13]) or not re.fullmatch(r"\d{6}.*", birth) or text[0] not in "1278":
            continue
        expected = {"F": "2", "M": "1"}.get(sex, text[0]) + birth[2:4] + (birth[4:6] if _is_month(text[3:5]) else text[3:5])
        received = {"7": "1", "8": "2"}.get(text[0], text[0]) + text[1:5]
        if _is_month(expected[3:5]) and received != expected:
            raise CheckFailed(
                "Le matricule INS ne va pas avec les traits de l'usager",
                expected=f"un matricule qui commence par {expected} (sexe {sex}, naissance {birth})",
                received=text,
                at=f"{place_of(element)}/@extension",
                hint="Vérifier que le matricule et les traits sont ceux de la même personne, tels qu'INSi les a rendus.",
            )
    return Evidence(note="sexe, année et mois de naissance")


def _is_month(digits: str) -> bool:
    return digits.isdigit() and 1 <= int(digits) <= 12


@check(
    "cda.information.ins-production",
    covers=("INS-03",),
    source="OID des INS de test : 1.2.250.1.213.1.4.10",
    confidence="secondaire",
)
def ins_is_a_test_one(document: CdaDocument) -> Evidence:
    """L'INS d'un document d'essai est sous un OID de test."""
    for element in _ins_ids(document):
        if element.get("root") in PRODUCTION_OIDS:
            raise CheckFailed(
                "INS sous un OID de production",
                expected="1.2.250.1.213.1.4.10 (INS-NIR de test) dans un document d'essai",
                received=element.get("root", ""),
                at=place_of(element),
                hint="S'assurer que ce document ne porte pas l'identité d'une personne réelle.",
            )
    return Evidence(note="aucun OID de production")


@check(
    "cda.information.finess-key",
    covers=("DMP-ALIM-18",),
    source="FINESS : neuvième chiffre, clé de Luhn des huit premiers",
    confidence="infere",
)
def finess_numbers_have_their_key(document: CdaDocument) -> Evidence:
    """Le numéro FINESS de chaque structure se termine par sa clé de contrôle."""
    numbers = [each for each in _STRUCTURES(document.root) if isinstance(each, etree._Element)]
    for element in numbers:
        finess = element.get("extension", "")[1:]
        if len(finess) == 9 and finess.isdigit() and not _luhn(finess):
            raise CheckFailed(
                "Numéro FINESS dont la clé ne correspond pas",
                expected=f"{finess[:8]}{next(d for d in '0123456789' if _luhn(finess[:8] + d))}, ou un numéro fictif d'essai",
                received=finess,
                at=f"{place_of(element)}/@extension",
                hint="Comparer avec le répertoire FINESS ; sans objet pour une structure fictive.",
            )
    return Evidence(note=f"{len(numbers)} structures", fired=max(1, len(numbers)))


def _luhn(digits: str) -> bool:
    doubled = (int(digit) * (1 + rank % 2) for rank, digit in enumerate(reversed(digits)))
    return sum(each - 9 if each > 9 else each for each in doubled) % 10 == 0


@check(
    "cda.identite.cog-exists",
    covers=("INS-18",),
    source="INSEE, code officiel géographique : communes depuis 1943, pays et territoires",
    confidence="infere",
)
def birth_place_existed_at_birth(document: CdaDocument, reference: CogReference) -> Evidence:
    """Le lieu de naissance de l'usager est un code officiel géographique qui existait à sa naissance."""
    element = document.root.find(_COUNTY)
    code = ("" if element is None else element.text or "").strip()
    if element is None or not code:
        return Evidence(note="lieu de naissance absent")
    cog = reference.cog
    if cog is None:
        raise NotTested("référentiel COG absent (packs add : historique du code officiel géographique de l'INSEE)")
    if not cog.covers(code):
        raise NotTested(f"le référentiel COG chargé ne tient pas les codes comme {code} ({', '.join(cog.files)})")
    days = _days(document.attribute(f"{_PATIENT}/birthTime", "value"))
    if not days:
        return Evidence(at=place_of(element), note="date de naissance absente ou illisible")
    if not any(cog.exists(code, day) for day in days):
        raise CheckFailed(
            "Le code du lieu de naissance n'existait pas à la naissance",
            expected=_validities(cog, code),
            received=f"{code} pour une naissance le {days[0]:%d/%m/%Y}",
            at=place_of(element),
            hint="Garder le code rendu par INSi : celui de la commune ou du pays au jour de la naissance.",
        )
    return Evidence(at=place_of(element), note=f"{code} : {_validities(cog, code)}")


def _days(birth: str) -> tuple[date, ...]:
    """The first and the last day that a birth date may mean, its unknown parts included."""
    known = birth[:8]
    if has_unknown_part(birth):
        known = birth[:4] if birth[4:6] == "00" else birth[:6]
    period = read(known)
    return () if period is None else (period.start.date(), period.end.date())


def _validities(cog: Cog, code: str) -> str:
    known = cog.of(code)
    return f"{code} : {' ; '.join(map(str, known))}" if known else f"un code de l'INSEE ({code} n'a jamais existé)"
