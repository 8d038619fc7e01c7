"""Mails to a citizen (Mon espace santé): his address, his size limit, what an identity that is not qualified hides."""

from __future__ import annotations

from collections.abc import Iterator

from ..core.errors import Inconclusive
from ..core.people import Usager
from ..core.problem import Problem
from ..core.providers import provide
from ..validation.ins.key import MatriculeIns, is_matricule, key_problem
from ..validation.mail import Mail
from ..validation.mail.addresses import citizen_matricule
from ..validation.mail.patient import Content
from ..validation.xdm import Xdm
from .mss_rule import problem, rule

MSS = ("MSS-10",)
LARGEST = 25_000_000
_FORM = "<matricule INS et clé, 15 caractères>@patient.mssante.fr"


@rule("mss.usager.address", covers=MSS, source="volet Transmission, exemples ; Référentiel MSSanté #2, 2.2.6")
def citizen_address_is_an_ins(mail: Mail) -> Iterator[Problem]:
    """L'adresse d'un usager est formée des 15 caractères de son INS, clé juste, suivis de @patient.mssante.fr."""
    for address in mail.citizens:
        matricule = citizen_matricule(address.address)
        if not matricule or not is_matricule(matricule[:13]) or address.local != address.local.upper():
            yield problem(
                "Adresse d'usager mal formée", mail.at("To"), _FORM, address.address, "Matricule et clé accolés, sans espace."
            )
            continue
        wrong = key_problem(MatriculeIns(matricule[:13], matricule[13:], ""))
        if wrong is not None:
            yield problem(
                "Clé de l'INS fausse dans l'adresse de l'usager", mail.at("To"), wrong.expected, wrong.received, wrong.hint
            )


@rule("mss.usager.same-patient", covers=MSS, source="Référentiel MSSanté #2, 2.2.6 (MSS/va1.19)")
def citizen_is_the_patient(mail: Mail, content: Content) -> Iterator[Problem]:
    """L'usager à qui le message est adressé est celui des documents joints."""
    ins = content.first.header.ins
    for address in mail.citizens:
        matricule = citizen_matricule(address.address)
        if matricule and (ins is None or ins.extension != matricule):
            expected = f"{ins.extension}@patient.mssante.fr" if ins else "aucun envoi : les documents n'ont pas d'INS"
            hint = "L'adresse se déduit de l'INS qualifiée du dossier, jamais d'une saisie ; un mineur a sa propre adresse."
            yield problem("Message à un autre usager que celui des documents", mail.at("To"), expected, address.address, hint)


@rule("mss.usager.alone", covers=MSS, source="confidentialité : l'adresse d'un usager est son matricule", confidence="infere")
def citizen_is_alone(mail: Mail) -> Iterator[Problem]:
    """Un message n'est adressé qu'à un usager."""
    if len({a.address for a in mail.citizens}) > 1:
        received = ", ".join(a.address for a in mail.citizens)
        yield problem(
            "Message adressé à plusieurs usagers",
            mail.at("To"),
            "un usager",
            received,
            "Un message par usager : chacun lirait l'INS de l'autre.",
        )


@rule("mss.usager.size", covers=MSS, source="Messagerie de Mon espace santé v1.3 (25 Mo) ; MSS/va1.13")
def message_to_a_citizen_is_small_enough(mail: Mail) -> Iterator[Problem]:
    """Un message à un usager fait au plus 25 Mo, pièces jointes encodées comprises."""
    size = len(mail.root.whole)
    if mail.citizens and size > LARGEST:
        hint = "Refuser l'envoi avant de l'adresser à l'opérateur : Mon espace santé le rejette."
        yield problem(
            "Message trop volumineux pour Mon espace santé", "message", "25 Mo au plus", f"{size / 1_000_000:.1f} Mo", hint
        )


@rule("mss.usager.ins-hidden", covers=MSS, source="EXI ID 29 (RNIV) ; Référentiel MSSanté #2, 2.2.6")
def ins_stays_inside_unless_qualified(mail: Mail, usager: Usager) -> Iterator[Problem]:
    """Le matricule INS d'un usager dont l'identité n'est pas qualifiée n'est nulle part dans un message."""
    numbers = {m for m in (usager.matricule, usager.matricule_insi) if m}
    if usager.statut == "qualifiee" or not numbers:
        return
    for at, data in _contents(mail):
        for number in sorted(numbers):
            if number.encode() in data:
                hint = "N'écrire matricule et OID que d'une identité qualifiée : sinon, traits et identifiant local seulement."
                yield problem("Matricule INS d'une identité non qualifiée", at, "aucun matricule", number, hint)


def _contents(mail: Mail) -> Iterator[tuple[str, bytes]]:
    """Headers, decoded parts and files of the archive, with their places."""
    yield "en-têtes", "\n".join(h.value for h in mail.root.headers).encode()
    for part in mail.leaves:
        yield part.at, part.content
    try:
        xdm: Xdm = provide(Xdm, mail)
    except Inconclusive:
        return
    for member in xdm.archive.members:
        yield member.path, member.data
