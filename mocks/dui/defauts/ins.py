"""Defects of the messages to INSi: envelope, contexts, traits."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

from lxml import etree

from ..alterations import Alteration, Couture
from ..insi_messages import RECHERCHE_VITALE
from . import registre
from .registre import AVERTISSEMENT, NON_CONFORME
from .retouches import attribuer, ecrire, inserer, retirer, trouver

_INS01 = ("INS-01",)
_INS02 = ("INS-02",)
_INS03 = ("INS-03",)
_SOAP11 = "http://schemas.xmlsoap.org/soap/envelope/"
_ENTETE = "/soap:Envelope/soap:Header"
_BAM = f"{_ENTETE}/bam:ContexteBAM"
_CTXLPS = f"{_ENTETE}/lps:ContexteLPS"
_LPS = f"{_CTXLPS}/lps:LPS"

defaut = partial(registre.defaut, theme="ins")


def _corps(
    nom: str,
    description: str,
    check: str,
    alteration: Alteration,
    exigences: tuple[str, ...] = _INS01,
    effet: str = NON_CONFORME,
) -> None:
    """A defect of what is asked of INSi."""
    defaut(nom, description, (Couture.INSI_CORPS, alteration), check=check, exigences=exigences, effet=effet)


def _enveloppe(nom: str, description: str, check: str, alteration: Alteration, exigences: tuple[str, ...] = _INS01) -> None:
    """A defect of the envelope around it."""
    defaut(nom, description, (Couture.INSI_ENVELOPPE, alteration), check=check, exigences=exigences)


def _trait(nom: str, alteration: Callable[[str], str] | str | None) -> Alteration:
    """Rewrite, or take away (None), the elements of that name, in the requests that have some."""
    chemin = f".//*[local-name()='{nom}']"

    def alterer(corps: etree._Element) -> None:
        if corps.xpath(chemin):
            (retirer(chemin) if alteration is None else ecrire(chemin, alteration))(corps)

    return alterer


def _par_carte(alteration: Alteration) -> Alteration:
    """Only for a search by Vitale card."""

    def alterer(enveloppe: etree._Element) -> Any:
        return alteration(enveloppe) if enveloppe.xpath("//*[local-name()='RECVITALE']") else None

    return alterer


def _soap_1_1(enveloppe: etree._Element) -> None:
    for element in enveloppe.iter(f"{{{etree.QName(enveloppe).namespace}}}*"):
        element.tag = f"{{{_SOAP11}}}{etree.QName(element).localname}"


def _date_avant_sexe(corps: etree._Element) -> None:
    sexes = corps.xpath("*[local-name()='Sexe']")
    dates = corps.xpath("*[local-name()='DateNaissance']")
    if sexes and dates:
        sexes[0].addprevious(dates[0])


def _prenoms_en_liste(corps: etree._Element) -> None:
    premier, *autres = trouver(corps, "*[local-name()='Prenom']")
    premier.text = ",".join(element.text or "" for element in (premier, *autres))
    for element in autres:
        corps.remove(element)


def _lieu_en_clair(corps: etree._Element) -> None:
    """Always a place of birth, by its name."""
    for element in corps.xpath("*[local-name()='LieuNaissance']"):
        corps.remove(element)
    etree.SubElement(corps, f"{{{etree.QName(corps).namespace}}}LieuNaissance").text = "PARIS"


def _jour_d_abord(date: str) -> str:
    return "/".join(reversed(date.split("-")))


def _autre_action(envoi: Any) -> None:
    envoi.entetes["Content-Type"] = f'application/soap+xml; charset=UTF-8; action="{RECHERCHE_VITALE}"'


_enveloppe("ins-soap-1-1", "appelle INSi en SOAP 1.1", "insi.soap-version", _soap_1_1)
_enveloppe(
    "ins-action-d-une-autre-operation",
    "met dans wsa:Action l'action de la recherche par carte Vitale quand il cherche par traits",
    "insi.action-matches-operation",
    ecrire(f"{_ENTETE}/wsa:Action", RECHERCHE_VITALE),
)
defaut(
    "ins-action-http-d-une-autre-operation",
    "garde dans le Content-Type l'action d'une autre opération d'INSi",
    (Couture.INSI_APPEL, _autre_action),
    check="insi.action-matches-operation",
    exigences=_INS01,
)
_enveloppe(
    "ins-message-id-urn",
    "écrit wsa:MessageID avec le préfixe « urn:uuid: », comme pour le DMP",
    "insi.message-id-prefix",
    ecrire(f"{_ENTETE}/wsa:MessageID", lambda texte: f"urn:{texte}"),
)
_enveloppe(
    "ins-contexte-bam-perime",
    "annonce une version périmée du ContexteBAM",
    "insi.context-bam",
    attribuer(_BAM, "Version", "01_01"),
)
_enveloppe(
    "ins-contexte-bam-sans-couverture",
    "omet l'élément COUVERTURE du ContexteBAM",
    "insi.context-bam",
    retirer(f"{_BAM}/bam:COUVERTURE"),
)
_enveloppe(
    "ins-contexte-lps-de-nature-bam",
    "recopie dans le ContexteLPS la nature du ContexteBAM",
    "insi.context-lps",
    attribuer(_CTXLPS, "Nature", "CTXBAM"),
)
_enveloppe("ins-sans-contexte-lps", "n'envoie pas de ContexteLPS", "insi.context-lps", retirer(_CTXLPS))
_enveloppe(
    "ins-temps-sans-fuseau",
    "écrit l'heure des contextes sans son fuseau",
    "insi.context-time-fresh",
    ecrire(f"{_ENTETE}/*/*[local-name()='Temps']", lambda texte: texte.removesuffix("Z")),
)
_enveloppe(
    "ins-idam-sans-r",
    "omet l'attribut R de l'IDAM",
    "insi.idam-declared",
    attribuer(f"{_LPS}/lps:IDAM", "R", None),
)
_enveloppe(
    "ins-idam-d-exemple",
    "envoie le numéro d'autorisation de l'exemple de la documentation",
    "insi.idam-declared",
    ecrire(f"{_LPS}/lps:IDAM", "0123456789"),
)
_enveloppe(
    "ins-nom-de-bibliotheque",
    "se présente à INSi sous le nom de la bibliothèque qu'il emploie",
    "insi.lps-identity",
    ecrire(f"{_LPS}/lps:Nom", "urn:lps:CLIENTINSI:1.0.0"),
    ("GEN-02",),
)
_enveloppe(
    "ins-version-figee",
    "déclare à INSi une version ancienne, différente de celle qu'il déclare au DMP",
    "gen.same-software-in-flows",
    ecrire(f"{_LPS}/lps:Version", "0.9.0"),
    ("GEN-02",),
)
_enveloppe(
    "ins-instance-en-clair",
    "écrit le nom du poste à la place de l'UUID de l'installation",
    "insi.lps-instance",
    ecrire(f"{_LPS}/lps:Instance", "POSTE-ACCUEIL-01"),
)
_enveloppe(
    "ins-instance-a-chaque-appel",
    "tire une nouvelle Instance à chaque appel",
    "insi.instance-stable",
    ecrire(f"{_LPS}/lps:Instance", lambda _: str(uuid.uuid4())),
)
_enveloppe(
    "ins-message-id-constant",
    "envoie le même wsa:MessageID à chaque appel",
    "insi.identifiers-unique",
    ecrire(f"{_ENTETE}/wsa:MessageID", "uuid:8f14e45f-ceea-467f-a0e6-15f2d4c0b1aa"),
)
_enveloppe(
    "ins-contexte-id-constant",
    "envoie le même identifiant de ContexteBAM à chaque appel",
    "insi.identifiers-unique",
    ecrire(f"{_BAM}/bam:Id", "8f14e45f-ceea-467f-a0e6-15f2d4c0b1aa"),
)
_enveloppe(
    "ins-couverture-remplie",
    "remplit la COUVERTURE alors qu'aucune carte Vitale n'a été lue",
    "insi.couverture-empty",
    inserer(f"{_BAM}/bam:COUVERTURE", "<bam:ASSURE/>"),
)
_enveloppe(
    "ins-couverture-sans-beneficiaire",
    "omet le bénéficiaire de la carte Vitale dans la COUVERTURE",
    "insi.couverture-vitale",
    _par_carte(retirer(f"{_BAM}/bam:COUVERTURE/bam:BENEFICIAIRE")),
    _INS02,
)
_enveloppe(
    "ins-vitale-sans-rang",
    "cherche par carte Vitale sans transmettre le rang de naissance",
    "insi.vitale-matricule",
    _par_carte(retirer("//*[local-name()='RangNaissance']")),
    _INS02,
)
_enveloppe(
    "ins-emetteur-sans-prefixe",
    "se nomme à INSi par son FINESS sans le préfixe 1 qui figure dans son certificat",
    "insi.emetteur-matches-authentication",
    ecrire(f"{_ENTETE}/*/*[local-name()='Emetteur']", lambda texte: texte[1:]),
)

_corps("ins-traits-dans-le-desordre", "écrit la date avant le sexe", "insi.payload-structure", _date_avant_sexe)
_corps("ins-sans-sexe", "cherche sans transmettre le sexe", "insi.traits-complete", _trait("Sexe", None))
_corps("ins-nom-en-minuscules", "transmet le nom en minuscules", "insi.name-lexical", _trait("NomNaissance", str.lower))
_corps(
    "ins-prenom-abrege",
    "transmet des prénoms terminés par un tiret",
    "insi.first-name-lexical",
    _trait("Prenom", lambda texte: f"{texte}-"),
)
defaut(
    "ins-prenoms-dans-un-element",
    "transmet tous les prénoms dans un seul élément, séparés par des virgules",
    (Couture.INSI_CORPS, _prenoms_en_liste),
    check="insi.one-first-name-per-element",
    exigences=_INS01,
    regles={"ins": {"essaie_chaque_prenom": False}},
)
_corps(
    "ins-sexe-en-chiffre",
    "transmet le sexe sous la forme 1 ou 2",
    "insi.sex-code",
    _trait("Sexe", lambda texte: {"M": "1", "F": "2"}[texte]),
)
_corps(
    "ins-date-a-la-francaise",
    "transmet la date de naissance sous la forme JJ/MM/AAAA",
    "insi.birth-date-format",
    _trait("DateNaissance", _jour_d_abord),
)
_corps(
    "ins-lieu-en-clair",
    "transmet le nom de la commune de naissance à la place de son code",
    "insi.birth-place-format",
    _lieu_en_clair,
)
_corps(
    "ins-nom-tronque",
    "tronque le nom de naissance",
    "insi.traits-of-the-identity",
    _trait("NomNaissance", lambda texte: texte[:-1]),
)
_corps(
    "ins-verification-sans-lieu",
    "vérifie une INS sans transmettre le lieu de naissance",
    "insi.verification-complete",
    _trait("LieuNaissance", None),
    _INS03,
    AVERTISSEMENT,
)
_corps(
    "ins-matricule-espace",
    "transmet le matricule avec une espace après le premier chiffre",
    "ins.matricule-shape",
    _trait("NumIdentifiant", lambda texte: f"{texte[:1]} {texte[1:]}"),
    _INS03,
    AVERTISSEMENT,
)
_corps(
    "ins-cle-fausse",
    "transmet le matricule avec la clé 00",
    "ins.matricule-key",
    _trait("Cle", "00"),
    _INS03,
    AVERTISSEMENT,
)
_corps(
    "ins-oid-de-l-ins-calcule",
    "transmet l'OID de l'ancien INS calculé",
    "ins.oid-known",
    _trait("OID", "1.2.250.1.213.1.4.2"),
    _INS03,
    AVERTISSEMENT,
)
_corps(
    "ins-oid-de-production",
    "transmet l'OID de production dans l'environnement de test",
    "ins.oid-of-environment",
    _trait("OID", "1.2.250.1.213.1.4.8"),
    _INS03,
    AVERTISSEMENT,
)
