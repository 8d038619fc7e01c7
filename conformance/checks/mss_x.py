"""Mails: the headers X-MSS-* (Référentiel MSSanté #2, 2.4 and 2.2.8)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..core.errors import Inconclusive
from ..core.problem import Problem
from ..core.providers import provide
from ..core.settings import Settings
from ..validation.mail import Mail
from ..validation.mail.patient import Content
from .mss_rule import problem, rule

MSS = ("MSS-13",)
KNOWN = ("X-MSS-NIL", "X-MSS-CODECDA", "X-MSS-INS", "X-MSS-MES")
_SOURCE = "Référentiel MSSanté #2, 2.4 (en-têtes X-MSS)"
_CODE = re.compile(r"[A-Za-z0-9_.-]{1,40}")


def _content(mail: Mail) -> Content | None:
    """The documents of a mail; None without any."""
    try:
        found: Content = provide(Content, mail)
    except Inconclusive:
        return None
    return found


@rule("mss.entete.nil", covers=MSS, source="Référentiel MSSanté #2, 2.4.3")
def product_number_is_declared(mail: Mail) -> Iterator[Problem]:
    """Tout message porte X-MSS-NIL, le numéro de référencement du logiciel, une fois et non vide."""
    value = mail.value("X-MSS-NIL")
    if not value or any(c.isspace() for c in value):
        hint = "X-MSS-NIL: <numéro attribué sur convergence.esante.gouv.fr>, sur tous les messages, avec ou sans document."
        yield problem(
            "Numéro de référencement du logiciel absent ou mal formé", mail.at("X-MSS-NIL"), "le NIL du produit", value, hint
        )


@rule("mss.entete.nil-declared", covers=MSS, source="Référentiel MSSanté #2, 2.4.3")
def product_number_is_that_of_the_product(mail: Mail, settings: Settings) -> Iterator[Problem]:
    """X-MSS-NIL est le numéro du produit déclaré pour cette campagne."""
    value, expected = mail.value("X-MSS-NIL"), settings.produit.nil
    if value and value != expected:
        hint = "Le numéro de ce produit et de cette version majeure ([produit] nil de dui.toml)."
        yield problem("Numéro de référencement d'un autre produit", mail.at("X-MSS-NIL"), expected, value, hint)


@rule("mss.entete.codecda", covers=MSS, source="Référentiel MSSanté #2, 2.4.1")
def document_codes_are_declared(mail: Mail) -> Iterator[Problem]:
    """X-MSS-CODECDA donne, séparés par des virgules, les codes des documents CDA joints ; sans document, il est absent."""
    header, content = mail.header("X-MSS-CODECDA"), _content(mail)
    at = mail.at("X-MSS-CODECDA")
    if content is None:
        if header is not None and not mail.archives:
            yield problem(
                "X-MSS-CODECDA sans document CDA", at, "en-tête absent", header.value, "Ne l'écrire qu'avec une archive IHE_XDM."
            )
        return
    received = [code.strip() for code in mail.value("X-MSS-CODECDA").split(",")]
    expected = ",".join(content.codes)
    hint = "Les ClinicalDocument/code/@code des documents de l'archive, chacun une fois, séparés par une virgule."
    if sorted(received) != sorted(content.codes):
        yield problem("X-MSS-CODECDA différent des documents joints", at, expected, mail.value("X-MSS-CODECDA"), hint)
    elif not all(_CODE.fullmatch(code) for code in received):
        yield problem("X-MSS-CODECDA mal formé", at, expected, mail.value("X-MSS-CODECDA"), hint)


@rule("mss.entete.ins", covers=MSS, source="Référentiel MSSanté #2, 2.4.2")
def ins_is_announced(mail: Mail) -> Iterator[Problem]:
    """X-MSS-INS vaut O si les documents portent matricule, OID et les quatre traits, N sinon ; sans document, il est absent."""
    header, content = mail.header("X-MSS-INS"), _content(mail)
    at = mail.at("X-MSS-INS")
    if content is None:
        if header is not None and not mail.archives:
            yield problem(
                "X-MSS-INS sans document CDA", at, "en-tête absent", header.value, "Ne l'écrire qu'avec une archive IHE_XDM."
            )
        return
    expected = "O" if all(d.complete for d in content.documents) else "N"
    value = mail.value("X-MSS-INS")
    if value != expected:
        message = "X-MSS-INS absent ou inconnu" if value not in ("O", "N") else "X-MSS-INS contraire aux documents joints"
        hint = "O : matricule, OID, nom, prénom, date de naissance et sexe sont dans recordTarget de chaque document ; sinon N."
        yield problem(message, at, expected, value, hint)


@rule("mss.entete.mes", covers=MSS, source="Référentiel MSSanté #2, 2.2.8 (SC.MSS/CONF.21)")
def end_of_exchange_is_for_citizens(mail: Mail) -> Iterator[Problem]:
    """X-MSS-MES ne vaut que FIN, et n'est écrit que vers un usager (@patient.mssante.fr)."""
    header = mail.header("X-MSS-MES")
    if header is None:
        return
    if header.value != "FIN":
        yield problem(
            "Valeur de X-MSS-MES inconnue",
            header.at,
            "FIN",
            header.value or "vide",
            "FIN clôt l'échange ; sinon, ne pas l'écrire.",
        )
    if not mail.citizens:
        received = ", ".join(a.address for a in mail.recipients)
        yield problem(
            "X-MSS-MES vers un professionnel", header.at, "en-tête absent hors de @patient.mssante.fr", received, "Le retirer."
        )


@rule("mss.entete.mes-in-subject", covers=MSS, source="Référentiel MSSanté #2, 2.2.8")
def end_of_exchange_is_not_in_the_subject(mail: Mail) -> Iterator[Problem]:
    """La fin de l'échange se dit par X-MSS-MES: FIN, et non par l'ancienne forme « [FIN] » dans l'objet."""
    if "[FIN]" in mail.subject.upper() and mail.header("X-MSS-MES") is None:
        yield problem(
            "Fin de l'échange dite dans l'objet",
            mail.at("Subject"),
            "X-MSS-MES: FIN",
            mail.subject[:80],
            "Remplacer par l'en-tête.",
        )


@rule("mss.entete.x-known", covers=MSS, source=_SOURCE)
def extension_headers_are_known(mail: Mail) -> Iterator[Problem]:
    """Les en-têtes X-MSS-… sont ceux du référentiel."""
    known = {name.upper() for name in KNOWN}
    for header in mail.root.headers:
        if header.name.upper().startswith("X-MSS-") and header.name.upper() not in known:
            yield problem("En-tête X-MSS inconnu", header.at, ", ".join(KNOWN), header.name, "Vérifier le nom de l'en-tête.")
