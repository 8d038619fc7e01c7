"""Consulting the DMP: search (TD3.1), retrieval (TD3.2), change of metadata (TD3.3), list of the authorised DMPs (TD0.4)."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from urllib.parse import unquote

from lxml import etree

from .alterations import Couture
from .dmp import RS
from .dmp_appels import Appel, AppelsDmp, DepotRefuse, DmpIndisponible, Reponse
from .dmp_gestion import Action, modification, suppression
from .dmp_recherche import (
    HAS_MEMBER,
    PAR_LOT,
    QUERY,
    Fiche,
    Filtres,
    Trouve,
    fiches_et_liens,
    liens_de,
    lire,
    lots_depuis,
    reference,
    trouver,
)
from .dossier import Ins
from .ebrim import Auteur
from .regles_consultation import ReglesConsultation
from .vihf import Authentification
from .xml import Espace

TD04 = "urn:si-dmp-patients:PatientSpecificEndPoint:patientList"
TD31 = "urn:ihe:iti:2007:RegistryStoredQuery"
TD32 = "urn:ihe:iti:2007:RetrieveDocumentSet"
TD33 = "urn:ihe:iti:2010:UpdateDocumentSet"
DEUX_ANS = timedelta(days=730)
_SUCCES = "urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Success"
_PASSAGERES = frozenset({"XDSRegistryBusy", "XDSRepositoryBusy", "XDSRegistryError", "XDSRepositoryError"})

xdsb = Espace("urn:ihe:iti:xds-b:2007", None)
patients = Espace("urn:si-dmp-patients", None)
XOP = "{http://www.w3.org/2004/08/xop/include}"


class ClientConsultation:
    """Over the calls of :class:`AppelsDmp`. Raises ``DepotRefuse`` for a judged refusal, ``DmpIndisponible`` otherwise."""

    def __init__(self, appels: AppelsDmp, regles: ReglesConsultation) -> None:
        self._appels = appels
        self._regles = regles

    def lister(self, ins: Ins, qui: Authentification, statuts: Iterable[str], filtres: Filtres, le: datetime) -> list[Fiche]:
        """FindDocuments, over two years unless the user asks for more."""
        plus_ancien = le - DEUX_ANS if self._regles.limite_a_deux_ans else None
        fiches = self._chercher(ins, qui, trouver(ins, statuts, filtres, plus_ancien)).fiches
        return _uniques(fiches) if self._regles.ecarte_les_doubles else list(fiches)

    def depuis(self, ins: Ins, qui: Authentification, le: datetime) -> list[Fiche]:
        """The documents submitted since a moment: submission sets, their members, then the entries by batches."""
        lots = self._chercher(ins, qui, lots_depuis(ins, le)).lots
        if not lots:
            return []
        liens = self._chercher(ins, qui, liens_de(lots)).liens
        membres = list(dict.fromkeys(cible for sorte, source, cible in liens if sorte == HAS_MEMBER and source in lots))
        trouvees = (self._chercher(ins, qui, fiches_et_liens("EntryUUID", lot)).fiches for lot in self._par_lots(membres))
        return _uniques(fiche for lot in trouvees for fiche in lot)

    def relire(self, ins: Ins, qui: Authentification, uniques: list[str]) -> Trouve:
        """The entries of documents already known, and the associations that replace them."""
        trouves = [self._chercher(ins, qui, fiches_et_liens("UniqueId", lot)) for lot in self._par_lots(uniques)]
        return Trouve(
            fiches=tuple(fiche for un in trouves for fiche in un.fiches), liens=tuple(lien for un in trouves for lien in un.liens)
        )

    def ouvrir(self, ins: Ins, qui: Authentification, fiche: Fiche) -> bytes:
        """The bytes of a document, which are those that its entry describes."""
        demande = xdsb(
            "RetrieveDocumentSetRequest",
            None,
            xdsb(
                "DocumentRequest",
                None,
                xdsb("RepositoryUniqueId", None, fiche.entrepot),
                xdsb("DocumentUniqueId", None, fiche.unique_id),
            ),
        )
        reponse = self._appeler(Appel("repository", TD32, ins, qui), demande, Couture.TD32)
        _verifier(reponse.corps.find(f"{RS}RegistryResponse"))
        octets = self._document(reponse)
        if self._regles.verifie_l_empreinte and fiche.empreinte and _sha1(octets) != fiche.empreinte.lower():
            raise DmpIndisponible("le document reçu n'est pas celui que décrit la liste (empreinte différente).")
        return octets

    def modifier(self, ins: Ins, qui: Authentification, fiche: Fiche, action: Action, auteur: Auteur, le: datetime) -> None:
        """TD3.3."""
        demande = modification(fiche, action, ins, le, auteur)
        _verifier(self._appeler(Appel("registry", TD33, ins, qui), demande, Couture.TD33).corps)

    def supprimer(self, ins: Ins, qui: Authentification, unique_id: str, auteur: Auteur, le: datetime) -> None:
        """Delete a document that this structure has deposited; neither consent nor authorisation is needed."""
        references = self._chercher(ins, qui, reference(unique_id)).references
        if not references:
            raise DepotRefuse("le document n'est plus au DMP")
        demande = suppression(references[0], ins, le, auteur)
        _verifier(self._appeler(Appel("registry", TD33, ins, qui), demande, Couture.TD33).corps)

    def autorises(self, qui: Authentification, depuis: str) -> int:
        """TD0.4: how many DMPs this user may consult, authorised since a moment."""
        demande = patients(
            "patientList",
            None,
            patients("startDate", None, depuis),
            patients("dateType", None, "LASTAUTORIZATION"),
        )
        corps = self._appeler(Appel("patientsSpecific", TD04, None, qui), demande, Couture.TD04).corps
        return len(corps.findall(f".//{patients.nom('patient')}"))

    def site_web(self, ins: Ins) -> None:
        """Open the documents of a usager in the web site of the DMP."""
        self._appels.naviguer(f"/AccesDirect/Documents/{ins.complet}")

    def _chercher(self, ins: Ins, qui: Authentification, demande: etree._Element) -> Trouve:
        corps = self._appeler(Appel("registry", TD31, ins, qui), demande, Couture.TD31).corps
        if corps.tag != f"{{{QUERY}}}AdhocQueryResponse":
            raise DmpIndisponible("réponse inattendue à la recherche.")
        _verifier(corps)
        return lire(corps)

    def _appeler(self, appel: Appel, corps: etree._Element, couture: Couture) -> Reponse:
        enveloppe = self._appels.enveloppe(appel, self._appels.alterations.passer(couture, corps))
        return self._appels.envoyer(self._appels.sans_piece(appel, enveloppe), enveloppe)

    def _par_lots(self, valeurs: list[str]) -> list[list[str]]:
        taille = PAR_LOT if self._regles.lit_par_lots else max(1, len(valeurs))
        return [valeurs[i : i + taille] for i in range(0, len(valeurs), taille)]

    def _document(self, reponse: Reponse) -> bytes:
        """The only document of an answer: an attachment, or base64 in the envelope."""
        element = reponse.corps.find(f".//{xdsb.nom('Document')}")
        if element is None:
            raise DmpIndisponible("réponse sans document.")
        inclus = element.find(f"{XOP}Include")
        if inclus is not None:
            cid = unquote(inclus.get("href", "").removeprefix("cid:"))
            if cid not in reponse.pieces:
                raise DmpIndisponible("la pièce jointe du document manque : message incomplet.")
            return reponse.pieces[cid]
        if not self._regles.lit_le_base64:
            raise DmpIndisponible("réponse sans pièce jointe.")
        return base64.b64decode(element.text or "")


def _verifier(reponse: etree._Element | None) -> None:
    """The status of a registry answer; what is partial, refused or busy is raised with its codes."""
    if reponse is None or "status" not in reponse.attrib:
        raise DmpIndisponible("réponse inattendue.")
    if reponse.get("status") == _SUCCES:
        return
    erreurs = [(e.get("errorCode", ""), e.get("codeContext", "")) for e in reponse.iter(f"{RS}RegistryError")]
    texte = " ; ".join(f"{code} {contexte}".strip() for code, contexte in erreurs) or "échec sans motif"
    if _PASSAGERES & {code for code, _ in erreurs}:
        raise DmpIndisponible(f"le DMP demande de réessayer ({texte}).")
    raise DepotRefuse(texte)


def _uniques(fiches: Iterable[Fiche]) -> list[Fiche]:
    """Each document once: registries in several instances may serve it twice."""
    return list({fiche.unique_id: fiche for fiche in fiches}.values())


def _sha1(octets: bytes) -> str:
    return hashlib.sha1(octets, usedforsecurity=False).hexdigest()
