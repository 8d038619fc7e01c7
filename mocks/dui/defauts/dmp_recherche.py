"""Defects of the calls of a consultation: searches and their filters, retrievals, authorisations, changes of metadata."""

from __future__ import annotations

from functools import partial

from ..alterations import Alteration, Couture
from . import registre
from .retouches import attribuer, doubler, ecrire, inserer, retirer, si_present

defaut = partial(registre.defaut, theme="dmp-recherche")

_REQUETE = "//rim:AdhocQuery"
_CONS16, _CONS21 = ("DMP-CONS-16",), ("DMP-CONS-21",)
_ALIM10, _ALIM14 = ("DMP-ALIM-10",), ("DMP-ALIM-14",)
_UID = "urn:uuid:11111111-2222-4333-8444-555555555555"
_CHANGEMENT = "//rim:Association[contains(@associationType, 'UpdateAvailabilityStatus')]"
_FICHE = "//rim:ExtrinsicObject"
_CODES = f"{_FICHE}/rim:Classification[@classificationScheme='urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f']"
_MASQUE = f"{_CODES}[@nodeRepresentation='MASQUE_PS']"


def _valeur(parametre: str) -> str:
    return f"//rim:Slot[@name='$XDSDocumentEntry{parametre}']/rim:ValueList/rim:Value"


def _slot(parametre: str) -> str:
    return f"//rim:Slot[@name='$XDSDocumentEntry{parametre}']"


def _td31(
    nom: str, description: str, regle: str, chemin: str, alteration: Alteration, exigences: tuple[str, ...] = _CONS16
) -> None:
    defaut(
        f"recherche-{nom}",
        description,
        (Couture.TD31, si_present(chemin, alteration)),
        check=f"dmp.td31.{regle}",
        exigences=exigences,
    )


_td31(
    "inconnue",
    "écrit l'identifiant de la requête sans urn:uuid:",
    "query-known",
    _REQUETE,
    attribuer(_REQUETE, "id", lambda v: v[9:]),
)
_td31(
    "forme-inconnue",
    "demande une forme de réponse que le DMP ne connaît pas",
    "response-option",
    _REQUETE,
    attribuer("//*[local-name()='ResponseOption']", "returnType", "Leaf"),
)
_td31(
    "incomposee",
    "demande des objets sans leurs classifications",
    "response-option",
    _REQUETE,
    attribuer("//*[local-name()='ResponseOption']", "returnComposedObjects", "false"),
)
_td31(
    "parametre-etranger",
    "borne la recherche par un paramètre que la requête n'a pas",
    "parameters-known",
    _slot("CreationTimeFrom"),
    attribuer(_slot("CreationTimeFrom"), "name", "$XDSDocumentEntryDateFrom"),
)
_td31(
    "sans-statut",
    "ne dit pas de quel statut sont les documents cherchés",
    "parameters-required",
    _slot("Status"),
    retirer(_slot("Status")),
)
_td31(
    "sans-guillemets",
    "écrit l'INS de la recherche sans apostrophes",
    "value-syntax",
    _valeur("PatientId"),
    ecrire(_valeur("PatientId"), lambda v: v.strip("'")),
)
_td31(
    "ins-suffixee",
    "ajoute une date après l'INS de la recherche",
    "patient-is-ins",
    _valeur("PatientId"),
    ecrire(_valeur("PatientId"), lambda v: f"{v[:-1]}^^20260101'"),
)
_td31(
    "code-nu",
    "cherche un type sans l'OID de sa nomenclature",
    "coded-values",
    _valeur("TypeCode"),
    ecrire(_valeur("TypeCode"), "('57833-6')"),
)
_td31(
    "statut-nu",
    "écrit le statut sans son espace de noms",
    "statuses-known",
    _valeur("Status"),
    ecrire(_valeur("Status"), "('Approved')"),
)
_td31(
    "date-impossible",
    "cherche depuis un mois qui n'existe pas",
    "times-are-utc",
    _valeur("CreationTimeFrom"),
    ecrire(_valeur("CreationTimeFrom"), lambda v: f"{v[:4]}13{v[6:]}"),
)
_td31(
    "identifiant-nu",
    "demande des fiches par leur entryUUID sans urn:uuid:",
    "identifiers-fit",
    _valeur("EntryUUID"),
    ecrire(_valeur("EntryUUID"), lambda v: v.replace("urn:uuid:", "")),
    _CONS21,
)


def _regle(nom: str, description: str, check: str, exigences: tuple[str, ...], **regles: object) -> None:
    defaut(f"recherche-{nom}", description, check=check, exigences=exigences, regles={"consultation": regles})


_regle("en-bloc", "demande d'un coup plus de vingt fiches", "dmp.td31.batches-bounded", _CONS21, lit_par_lots=False)
_regle("sans-limite", "cherche d'abord sans limite de deux ans", "dmp.td31.first-search", _CONS16, limite_a_deux_ans=False)
_regle(
    "tous-statuts",
    "cherche d'abord aussi les archivés et les remplacés",
    "dmp.td31.first-search",
    _CONS16,
    actifs_seulement=False,
)
_regle("type-ignore", "ne cherche pas selon le type choisi", "dmp.recherche.filters-applied", _CONS16, filtre_le_type=False)
_regle(
    "dates-ignorees", "ne cherche pas selon les dates choisies", "dmp.recherche.filters-applied", _CONS16, filtre_les_dates=False
)
_regle("auteur-ignore", "ne cherche pas selon l'auteur choisi", "dmp.recherche.filters-applied", _CONS16, filtre_l_auteur=False)
_regle("statut-ignore", "ne cherche pas selon le statut choisi", "dmp.recherche.filters-applied", _CONS16, filtre_le_statut=False)
_regle(
    "liste-courte", "ne montre que le premier document rendu", "dmp.liste.shows-what-came", ("DMP-CONS-15",), montre_tout=False
)
_regle(
    "liste-double",
    "montre deux fois un document rendu deux fois",
    "dmp.liste.shows-what-came",
    ("DMP-CONS-15",),
    ecarte_les_doubles=False,
)
_regle(
    "titre-tu",
    "montre le type des documents à la place de leur titre",
    "dmp.liste.documents-named",
    ("DMP-CONS-15",),
    montre_le_titre=False,
)
_regle(
    "echec-tu",
    "montre une liste vide quand la recherche a échoué",
    "dmp.liste.failure-told",
    ("DMP-CONS-15",),
    montre_l_echec_de_liste=False,
)


def _appel(couture: Couture, nom: str, description: str, check: str, alteration: Alteration, exigences: tuple[str, ...]) -> None:
    defaut(f"dmp-{nom}", description, (couture, alteration), check=check, exigences=exigences)


_document = partial(_appel, Couture.TD32, check="dmp.td32.documents-named", exigences=("DMP-CONS-17",))
_document(
    nom="entrepot-inconnu",
    description="demande le document à un autre entrepôt",
    alteration=ecrire("//xds:RepositoryUniqueId", "1.2.250.1.213.4.1.1.1.9"),
)
_document(
    nom="par-entryuuid",
    description="désigne le document par un entryUUID",
    alteration=ecrire("//xds:DocumentUniqueId", _UID),
)
_document(nom="deux-fois", description="demande deux fois le même document", alteration=doubler("//xds:DocumentRequest"))
_autorisation = partial(_appel, Couture.TD03, check="dmp.td03.action", exigences=("DMP-CONS-08",))
_autorisation(
    nom="action-inconnue",
    description="déclare l'autorisation par une action inconnue",
    alteration=ecrire("//*[local-name()='action']", "ADD"),
)
_autorisation(
    nom="patient-nomme",
    description="nomme le patient dans la demande d'autorisation",
    alteration=inserer("//*[local-name()='setAuthorization']", "<patientId/>"),
)
defaut(
    "dmp-compte-generique",
    "consulte sous un identifiant interne de la structure",
    (Couture.VIHF, ecrire("//saml:NameID", "1990000010/compte-soins")),
    check="dmp.roles.consultant-named",
    exigences=("DMP-CONS-10",),
)
_liste = partial(_appel, Couture.TD04, check="dmp.td04.dates", exigences=("DMP-CONS-07",))
_liste(
    nom="date-courte",
    description="demande la liste des DMP depuis un jour sans heure",
    alteration=ecrire("//*[local-name()='startDate']", lambda v: v[:8]),
)
_liste(
    nom="type-de-date",
    description="écrit LASTAUTHORIZATION",
    alteration=ecrire("//*[local-name()='dateType']", "LASTAUTHORIZATION"),
)


def _td33(nom: str, description: str, check: str, chemin: str, alteration: Alteration, exigences: tuple[str, ...]) -> None:
    defaut(
        f"gestion-{nom}",
        description,
        (Couture.TD33, si_present(chemin, alteration)),
        check=check,
        exigences=exigences,
        theme="dmp-droits",
    )


_SOURCE = "//rim:ExternalIdentifier[@identificationScheme='urn:uuid:554ac39e-e3fe-47fe-b233-965d2a147832']"
_SUJET = f"{_FICHE}/rim:ExternalIdentifier[@identificationScheme='urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427']"
_PRECEDENTE = "//rim:Slot[@name='PreviousVersion']"
_NOUVEAU = "//rim:Slot[@name='NewStatus']/rim:ValueList/rim:Value"
_DOUBLE = (
    '<rim:Association id="as2" associationType="urn:ihe:iti:2010:AssociationType:UpdateAvailabilityStatus"'
    f' sourceObject="SubmissionSet01" targetObject="{_UID}"/>'
)
_td33(
    "lot-sans-source", "envoie un lot de modification sans sourceId", "dmp.td33.set-complete", _FICHE, retirer(_SOURCE), _ALIM10
)
_td33(
    "lot-sans-date",
    "envoie un lot de modification sans date",
    "dmp.td33.set-complete",
    _FICHE,
    retirer("//rim:RegistryPackage/rim:Slot[@name='submissionTime']"),
    _ALIM10,
)
_td33(
    "deux-modifications",
    "change visibilité et statut dans un même message",
    "dmp.td33.one-kind",
    _FICHE,
    inserer("//rim:RegistryObjectList", _DOUBLE),
    _ALIM10,
)
_td33(
    "statut-impossible",
    "supprime en donnant le statut d'un document remplacé",
    "dmp.td33.status-change",
    _CHANGEMENT,
    ecrire(_NOUVEAU, "urn:oasis:names:tc:ebxml-regrep:StatusType:Deprecated"),
    _ALIM14,
)
_td33(
    "cible-par-uniqueid",
    "désigne par son uniqueId le document à changer de statut",
    "dmp.td33.status-change",
    _CHANGEMENT,
    attribuer(_CHANGEMENT, "targetObject", "2.25.1"),
    _ALIM14,
)
_td33(
    "version-tue",
    "ne dit pas quelle version de la fiche elle remplace",
    "dmp.td33.next-version",
    _PRECEDENTE,
    retirer(_PRECEDENTE),
    _ALIM10,
)
_td33(
    "sans-lid",
    "renvoie la fiche sans son identifiant logique",
    "dmp.td33.next-version",
    _FICHE,
    attribuer(_FICHE, "lid", None),
    _ALIM10,
)
_td33(
    "visibilite-inconnue",
    "masque par un code qui n'existe pas",
    "dmp.td33.visibility",
    _MASQUE,
    attribuer(_MASQUE, "nodeRepresentation", "MASQUE"),
    _ALIM10,
)
_td33(
    "autre-patient",
    "renvoie la fiche sous l'INS d'un autre patient",
    "dmp.td33.same-patient",
    _SUJET,
    attribuer(_SUJET, "value", "279035121518989^^^&1.2.250.1.213.1.4.10&ISO^NH"),
    _ALIM10,
)
_td33(
    "masque-oublie",
    "masque un document sans ajouter le code qui le masque",
    "dmp.gestion.as-asked",
    _MASQUE,
    retirer(_MASQUE),
    _ALIM10,
)
_td33(
    "supprime-pour-archiver",
    "supprime le document que l'utilisateur archive",
    "dmp.gestion.as-asked",
    f"{_CHANGEMENT}[rim:Slot/rim:ValueList/rim:Value[contains(., 'Archived')]]",
    ecrire(_NOUVEAU, "urn:asip:ci-sis:2010:StatusType:Deleted"),
    _ALIM10,
)
