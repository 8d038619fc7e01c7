"""Mails: the subject of those that carry documents (Référentiel MSSanté #2, 2.1.3): prefix, label, patient."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..core.problem import Problem
from ..validation.ins.traits import folded, normalise
from ..validation.mail import Mail
from ..validation.mail.message import PREFIX
from ..validation.mail.patient import Content
from .mss_rule import problem, rule

MSS = ("MSS-12",)
_SOURCE = "Référentiel MSSanté #2, 2.1.3 (SC.MSS/CONF.25)"
_MARK = re.compile(r"\[annule et remplace\]\s*", re.IGNORECASE)
_DATE = re.compile(r"\s+([0-9]{1,4}[/.-][0-9]{1,2}[/.-][0-9]{2,4})$")
_FORM = "XDM/1.0/DDM+<libellé> <NOM> <prénom> [JJ/MM/AAAA]"


@dataclass(frozen=True, slots=True)
class _Cut:
    """A subject without its prefix, the birth date apart (``""``: none)."""

    text: str
    date: str


def _cut(mail: Mail) -> _Cut | None:
    """What follows the prefix; None without prefix, of which the first rule speaks."""
    subject = _MARK.sub("", mail.subject.strip())
    if not subject.upper().startswith(PREFIX + "+"):
        return None
    rest = subject[len(PREFIX) + 1 :].strip()
    match = _DATE.search(rest)
    return _Cut(rest[: match.start()] if match else rest, match[1] if match else "")


@rule("mss.objet.prefix", covers=MSS, source=_SOURCE)
def subject_has_the_prefix(mail: Mail) -> Iterator[Problem]:
    """L'objet d'un message qui porte une archive IHE_XDM, et de lui seul, commence par « XDM/1.0/DDM+ »."""
    subject = mail.subject.strip()
    marked = _MARK.sub("", subject).startswith(PREFIX + "+")
    if mail.archives and not marked:
        yield problem(
            "Objet sans le préfixe des messages à documents", mail.at("Subject"), _FORM, subject, "Commencer par XDM/1.0/DDM+."
        )
    if not mail.archives and mail.announces_xdm:
        hint = "Joindre l'archive IHE_XDM.ZIP, ou écrire un objet ordinaire."
        yield problem(
            "Objet de message à documents, sans archive", mail.at("Subject"), "un objet sans XDM/1.0/DDM", subject, hint
        )


@rule("mss.objet.label", covers=MSS, source=_SOURCE)
def subject_names_the_document(mail: Mail, content: Content) -> Iterator[Problem]:
    """L'objet nomme le document par les 40 premiers caractères du libellé de son code ; de plusieurs, il dit « N documents »."""
    count = len(content.documents)
    expected = content.first.label if count == 1 else f"{count} documents"
    cut = _cut(mail)
    text = cut.text if cut is not None else expected
    if not (text == expected or text.startswith(expected + " ")):
        hint = "ClinicalDocument/code/@displayName coupé à 40 caractères, tel quel ; au-delà d'un document, leur nombre."
        yield problem("Libellé de l'objet différent des documents joints", mail.at("Subject"), f"{expected} …", text, hint)


@rule("mss.objet.name", covers=MSS, source=_SOURCE)
def subject_names_the_patient(mail: Mail, content: Content) -> Iterator[Problem]:
    """L'objet porte le NOM, en capitales sans accent, puis le prénom sans accent, de l'usager des documents."""
    cut, first = _cut(mail), content.first
    if cut is None:
        return
    text = cut.text
    pairs = [(family, given) for family in first.families for given in first.givens]
    plain = normalise(text)
    named = [(f, g) for f, g in pairs if plain.endswith(f" {f} {g}") or plain == f"{f} {g}"]
    expected = " ou ".join(dict.fromkeys(f"{f} {g.title()}" for f, g in pairs[:2]))
    if not named:
        loose = any(folded(text).endswith(folded(f"{f} {g}")) for f, g in pairs)
        message = "Nom de l'usager mal écrit dans l'objet" if loose else "L'objet ne nomme pas l'usager des documents"
        yield problem(message, mail.at("Subject"), expected, text, "Nom puis prénom, tels que dans recordTarget, sans accent.")
        return
    family, given = max(named, key=lambda pair: len(pair[0]))
    said_family, said_given = text[-len(given) - len(family) - 1 : -len(given) - 1], text[-len(given) :]
    if said_family != family or not said_given.isascii():
        hint = "Mettre le nom en capitales sans accent, et retirer les accents du prénom."
        yield problem("Casse ou accents du nom dans l'objet", mail.at("Subject"), expected, f"{said_family} {said_given}", hint)


@rule("mss.objet.birth-date", covers=MSS, source=_SOURCE)
def subject_says_the_birth_date(mail: Mail, content: Content) -> Iterator[Problem]:
    """La date de naissance, si l'objet la donne, est celle de l'usager des documents, écrite JJ/MM/AAAA."""
    cut, birth = _cut(mail), content.first.header.birth_time
    expected = f"{birth[6:8]}/{birth[4:6]}/{birth[:4]}"
    said = cut.date if cut is not None else ""
    if said and said != expected and len(birth) >= 8:
        hint = "Écrire recordTarget/patientRole/patient/birthTime en JJ/MM/AAAA, ou ne rien écrire."
        yield problem("Date de naissance de l'objet différente", mail.at("Subject"), expected, said, hint)
