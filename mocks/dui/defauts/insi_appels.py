"""Defects of the calls to INSi and of the reading of its answers, beyond the envelope: assertions, cards, places, lots."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from lxml import etree
from signxml.algorithms import SignatureMethod

from ..alterations import Alteration, Couture
from . import registre
from .registre import AVERTISSEMENT, INFORMATION, NON_CONFORME
from .retouches import attribuer, ecrire, inserer, retirer, si_present

_INS01 = ("INS-01",)
_INS02 = ("INS-02",)
_INS03 = ("INS-03",)
_INS04 = ("INS-04",)
_INS16 = ("INS-16",)
_INS17 = ("INS-17",)
_ATTRIBUTS = "saml:AttributeStatement"
_COUVERTURE = "//bam:COUVERTURE"

defaut = partial(registre.defaut, theme="insi-appels")


def _regle(
    nom: str, description: str, check: str, exigences: tuple[str, ...] = _INS01, effet: str = NON_CONFORME, **valeurs: Any
) -> None:
    """A defect of behaviour."""
    defaut(nom, description, check=check, exigences=exigences, effet=effet, regles={"ins": valeurs})


def _assertion(
    nom: str, description: str, check: str, alteration: Alteration, exigences: tuple[str, ...] = _INS16, effet: str = NON_CONFORME
) -> None:
    """A defect of the professional's assertion."""
    defaut(nom, description, (Couture.INSI_ASSERTION, alteration), check=check, exigences=exigences, effet=effet)


def _enveloppe(
    nom: str, description: str, check: str, alteration: Alteration, exigences: tuple[str, ...], effet: str = NON_CONFORME
) -> None:
    """A defect of the message as it leaves."""
    defaut(nom, description, (Couture.INSI_ENVELOPPE, alteration), check=check, exigences=exigences, effet=effet)


def _attribut(nom: str, valeur: str) -> Alteration:
    return inserer(
        _ATTRIBUTS, f'<saml:Attribute Name="{nom}"><saml:AttributeValue>{valeur}</saml:AttributeValue></saml:Attribute>'
    )


def _meme_reference(enveloppe: etree._Element) -> None:
    for individu in enveloppe.iter("{*}IndividuVerifie"):
        if "Reference" in individu.attrib:
            individu.set("Reference", "1")


def _sans_oid(enveloppe: etree._Element) -> None:
    for individu in list(enveloppe.iter("{*}IndividuVerifie"))[1:2]:
        for oid in list(individu.iter("{*}OID")):
            fourni = oid.getparent()
            assert fourni is not None
            fourni.remove(oid)


def _cle_a_la_suite(corps: etree._Element) -> None:
    """The fifteen characters of the card in the element made for thirteen."""
    if etree.QName(corps).localname == "RECVITALE":
        for numero, cle in zip(corps.iter("{*}NumIdentifiant"), corps.iter("{*}Cle"), strict=True):
            numero.text = f"{numero.text}{cle.text}"


_assertion(
    "insi-specialite-d-une-infirmiere",
    "déclare une spécialité de médecin dans l'assertion d'une infirmière",
    "insi.assertion-speciality",
    _attribut("codeSpecialiteAMO", "01"),
)
_assertion(
    "insi-psc-sans-profession",
    "omet la profession dans l'assertion d'un professionnel connecté par Pro Santé Connect",
    "insi.assertion-profession",
    si_present(".//saml:Attribute[@Name='gipProfessionCode']", retirer(".//saml:Attribute[@Name='gipProfessionCode']")),
    _INS17,
)
_assertion(
    "insi-assertion-id-constant",
    "donne le même identifiant aux assertions de tous ses appels à INSi",
    "insi.assertion-id-unique",
    attribuer(".", "ID", "_assertion-du-poste"),
)
_assertion(
    "insi-assertion-de-la-veille",
    "présente une assertion émise longtemps avant l'appel",
    "insi.assertion-fresh",
    attribuer(".", "IssueInstant", "2026-01-01T00:00:00.000Z"),
    _INS17,
    AVERTISSEMENT,
)
_regle(
    "insi-assertion-du-poste",
    "met dans l'assertion le compte du poste au lieu de l'utilisateur connecté par Pro Santé Connect",
    "insi.assertion-of-the-user",
    _INS17,
    assertion_au_nom_de_l_utilisateur=False,
)
_regle(
    "insi-carte-signee-par-la-structure",
    "fait signer l'assertion d'une carte par le certificat de l'organisation",
    "insi.cps-certificate",
    _INS16,
    signe_avec="structure",
)
defaut(
    "insi-carte-en-sha-1",
    "fait signer l'assertion d'une carte en rsa-sha1",
    (Couture.INSI_SIGNATAIRE, lambda signataire: replace(signataire, signature=SignatureMethod.RSA_SHA1)),
    check="insi.cps-algorithm",
    exigences=_INS16,
)
_enveloppe(
    "insi-nom-de-logiciel-libre",
    "écrit le nom du logiciel sans la forme urn:lps:",
    "insi.tolerated-spellings",
    ecrire("//lps:LPS/lps:Nom", lambda texte: texte.split(":")[2]),
    _INS01,
    INFORMATION,
)
_enveloppe(
    "insi-couverture-d-un-autre-beneficiaire",
    "met dans la COUVERTURE un autre rang de naissance que dans le corps",
    "insi.vitale-coherent",
    si_present(f"{_COUVERTURE}/bam:BENEFICIAIRE", ecrire(f"{_COUVERTURE}/bam:BENEFICIAIRE/bam:Rang", "2")),
    _INS02,
)
_enveloppe(
    "insi-couverture-date-francaise",
    "écrit la date du bénéficiaire autrement dans la COUVERTURE que dans le corps",
    "insi.vitale-coherent",
    si_present(
        f"{_COUVERTURE}/bam:BENEFICIAIRE",
        ecrire(f"{_COUVERTURE}/bam:BENEFICIAIRE/bam:DateNai", lambda texte: "/".join(reversed(texte.split("-")))),
    ),
    _INS02,
)
defaut(
    "insi-matricule-vitale-avec-cle",
    "écrit les quinze caractères de la carte dans l'élément du matricule",
    (Couture.INSI_CORPS, _cle_a_la_suite),
    check="ins.matricule-shape",
    exigences=_INS02,
)
_regle(
    "insi-ligature-perdue",
    "transmet « O » à la place de la ligature « Œ »",
    "insi.transliteration",
    translitteration="ligatures perdues",
)
_regle(
    "insi-accents-effaces",
    "supprime les lettres accentuées des prénoms au lieu de les transcrire",
    "insi.transliteration",
    translitteration="accents effacés",
)
_regle(
    "insi-abandon-sur-02",
    "abandonne la recherche au code 02 sans la préciser",
    "insi.refined-after-02",
    precise_sur_02=False,
)
_regle(
    "insi-lieu-etranger-inconnu",
    "déclare inconnu (99999) tout lieu de naissance à l'étranger",
    "insi.traits-of-the-identity",
    ("INS-01", "INS-18"),
    lieu_transmis="inconnu à l'étranger",
)
_regle(
    "insi-corse-ancien-code",
    "transmet pour la Corse un code de l'ancien département 20",
    "insi.birth-place-plausible",
    ("INS-18",),
    lieu_transmis="ancien code en Corse",
)
_regle(
    "insi-verification-prenom-utilise",
    "vérifie une INS avec le prénom utilisé au lieu du premier prénom de naissance",
    "insi.verification-of-the-identity",
    _INS03,
    AVERTISSEMENT,
    verifie_avec_les_traits_stricts=False,
)
_enveloppe(
    "insi-lot-sans-oid",
    "dépose un lot où une INS n'a pas son OID",
    "insi.lot-complete",
    _sans_oid,
    _INS04,
    AVERTISSEMENT,
)
_enveloppe(
    "insi-lot-memes-references",
    "dépose un lot où les identités ont toutes la même référence",
    "insi.lot-references",
    _meme_reference,
    _INS04,
    AVERTISSEMENT,
)
_regle(
    "insi-lot-certificat-d-utilisateur",
    "dépose les lots avec le certificat des appels d'un utilisateur (INSI-MANU)",
    "insi.lot-certificate",
    _INS04,
    AVERTISSEMENT,
    lot_par_certificat_auto=False,
)
_regle(
    "insi-lot-avec-les-suspectes",
    "envoie dans un lot des identités douteuses ou fictives",
    "insi.lot-without-suspects",
    ("INS-08", "INS-04"),
    AVERTISSEMENT,
    lot_sans_les_suspectes=False,
    efface_l_ins_si_suspecte=False,
)
_regle(
    "insi-lot-en-cours-pris-pour-ok",
    "montre des OK alors que le lot est en cours chez INSi",
    "insi.lot-pending",
    _INS04,
    AVERTISSEMENT,
    attend_la_fin_du_lot=False,
)
_regle(
    "insi-lot-par-rang",
    "donne les réponses d'un lot aux identités par leur rang",
    "insi.lot-understood",
    _INS04,
    AVERTISSEMENT,
    lot_par_reference=False,
)
_regle(
    "insi-lot-ko-ignores",
    "garde une INS que la vérification en masse a refusée",
    "insi.lot-applied",
    ("INS-04", "INS-11"),
    AVERTISSEMENT,
    applique_les_ko_du_lot=False,
)
