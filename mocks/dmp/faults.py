"""Named misbehaviours of the simulated DMP, beside the generic ones of every service. A correct DUI survives them all."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from ...core.exchange import Body, Reply, Request
from ...core.service import Panne
from .faults_answers import ANSWERS, edit
from .messages import multipart_reply, operation_of

if TYPE_CHECKING:
    from .app import Dmp

_RELATES_TO = re.compile(rb"<wsa:RelatesTo>[^<]*</wsa:RelatesTo>")
_BOUNDARY = "limite-reponse-dmp"


def _busy(service: Dmp, request: Request, now: datetime) -> Reply:
    code = "XDSRegistryBusy" if operation_of(request).suffix == "/registry" else "XDSRepositoryBusy"
    return service.refuse(request, code, "service momentanément surchargé : recommencer plus tard")


def _repository_error(service: Dmp, request: Request, now: datetime) -> Reply:
    return service.refuse(request, "XDSRepositoryError", "erreur interne de l'entrepôt")


def _unknown_dmp(service: Dmp, request: Request, now: datetime) -> Reply:
    if operation_of(request).kind == "dmp.td0.2":
        return service.not_found(request, now)
    return service.refuse(request, "XDSUnknownPatientId", "aucun DMP pour l'identifiant de patient")


def _fault(reason: str, subcode: str) -> Callable[[Dmp, Request, datetime], Reply]:
    return lambda service, request, now: service.fault(request, reason, subcode=subcode)


def _wrong_relates_to(service: Dmp, request: Request, reply: Reply) -> Reply:
    other = b"<wsa:RelatesTo>" + service.store.uuid().encode() + b"</wsa:RelatesTo>"
    return edit(reply, lambda body: _RELATES_TO.sub(other, body))


def _no_relates_to(service: Dmp, request: Request, reply: Reply) -> Reply:
    return edit(reply, lambda body: _RELATES_TO.sub(b"", body))


def _multipart(service: Dmp, request: Request, reply: Reply) -> Reply:
    """The same answer, in a multipart of one part, as the DMP does for some transactions."""
    if reply.header("Content-Type").startswith("multipart/"):
        return reply
    made = multipart_reply(reply.body.read(), (), action="", boundary=_BOUNDARY, status=reply.status)
    return replace(reply, headers=made.headers, body=made.body)


def _truncated_multipart(service: Dmp, request: Request, reply: Reply) -> Reply:
    """A well transported HTTP answer whose multipart has lost its end."""
    whole = _multipart(service, request, reply)
    data = whole.body.read()
    return replace(whole, body=Body(data[: len(data) * 2 // 3]))


def _refused(code: str, context: str) -> Callable[[Dmp, Request, datetime], Reply]:
    return lambda service, request, now: service.refuse(request, code, context)


def _only(kind: str, strike: Callable[[Dmp, Request, datetime], Reply]) -> Callable[[Dmp, Request, datetime], Reply | None]:
    """The fault for one transaction; the others are served."""
    return lambda service, request, now: strike(service, request, now) if operation_of(request).kind == kind else None


PANNES = (
    Panne(
        "indisponible-metier",
        "L'entrepôt se dit occupé (XDSRepositoryBusy, XDSRegistryBusy) ; la demande n'a pas été traitée.",
        exigences=("DMP-ALIM-08", "DMP-ALIM-09"),
        before=_busy,
    ),
    Panne("erreur-entrepot", "L'entrepôt répond XDSRepositoryError ; la demande n'a pas été traitée.", before=_repository_error),
    Panne(
        "dmp-inconnu",
        "Le DMP de l'usager n'existe pas (NF au test d'existence, XDSUnknownPatientId au dépôt).",
        before=_unknown_dmp,
    ),
    Panne(
        "acces-refuse",
        "Erreur SOAP DMPAccessDeniedByRightsService : la matrice d'habilitation refuse l'opération.",
        before=_fault("Opération refusée par le service de gestion des droits", "DMPAccessDeniedByRightsService"),
    ),
    Panne(
        "certificat-vihf-refuse",
        "Erreur SOAP DMPInvalidCertificate : le signataire du VIHF est refusé.",
        before=_fault("Le certificat qui signe le VIHF est refusé", "DMPInvalidCertificate"),
    ),
    Panne(
        "relatesto-faux",
        "La demande est traitée ; la réponse est reliée (RelatesTo) à un autre message.",
        after=_wrong_relates_to,
    ),
    Panne("relatesto-absent", "La demande est traitée ; la réponse n'a pas d'en-tête RelatesTo.", after=_no_relates_to),
    Panne("reponse-multipart", "La demande est traitée ; la réponse SOAP est dans un message multipart.", after=_multipart),
    Panne(
        "mtom-tronque", "La demande est traitée ; la réponse multipart n'a pas de délimiteur de fin.", after=_truncated_multipart
    ),
    Panne(
        "registre-erreur",
        "Le registre répond XDSRegistryError ; la demande n'a pas été traitée.",
        before=_refused("XDSRegistryError", "erreur interne du registre"),
    ),
    Panne(
        "structure-inconnue",
        "Erreur SOAP : la structure du VIHF est inconnue ou inactive.",
        before=_fault("La structure est inconnue ou n'est plus active", ""),
    ),
    Panne(
        "structure-non-liee",
        "Erreur SOAP : le professionnel n'exerce pas dans la structure du VIHF.",
        before=_fault("Le professionnel et la structure ne sont pas liés", ""),
    ),
    Panne(
        "specialite-absente",
        "Erreur SOAP : le VIHF ne porte pas de spécialité.",
        before=_fault("Aucune spécialité dans le VIHF", ""),
    ),
    Panne(
        "auteur-hors-structure",
        "Erreur SOAP au dépôt : aucun auteur n'appartient à la structure du VIHF.",
        exigences=("DMP-ALIM-19",),
        before=_only("dmp.td2.1", _fault("Aucune authorInstitution ne correspond à l'utilisateur du VIHF", "")),
    ),
    Panne(
        "unique-id-connu",
        "Le dépôt est refusé : son uniqueId est déjà enregistré (XDSDuplicateUniqueIdInRegistry).",
        exigences=("DMP-ALIM-09",),
        before=_only("dmp.td2.1", _refused("XDSDuplicateUniqueIdInRegistry", "document déjà enregistré")),
    ),
    Panne(
        "metadonnees-refusees",
        "Le dépôt est refusé pour ses métadonnées (XDSRepositoryMetadataError).",
        exigences=("DMP-ALIM-19",),
        before=_only("dmp.td2.1", _refused("XDSRepositoryMetadataError", "métadonnée refusée")),
    ),
    Panne(
        "autorisation-refusee",
        "La demande d'autorisation (TD0.3) est refusée : DMPAccessDeniedByRightsService.",
        exigences=("DMP-CONS-08",),
        before=_only(
            "dmp.td0.3", _fault("Autorisation refusée par le service de gestion des droits", "DMPAccessDeniedByRightsService")
        ),
    ),
    Panne(
        "trop-de-resultats",
        "La recherche (TD3.1) est refusée : XDSTooManyResults.",
        exigences=("DMP-CONS-16",),
        before=_only("dmp.td3.1", _refused("XDSTooManyResults", "trop de résultats : préciser la recherche")),
    ),
    Panne(
        "document-introuvable",
        "La consultation (TD3.2) est refusée : XDSDocumentUniqueIdError, dans un message multipart.",
        exigences=("DMP-CONS-17",),
        before=_only("dmp.td3.2", _refused("XDSDocumentUniqueIdError", "document introuvable")),
    ),
    Panne(
        "document-refuse",
        "La consultation (TD3.2) est refusée par la matrice : erreur SOAP dans un message multipart.",
        exigences=("DMP-CONS-17",),
        before=_only(
            "dmp.td3.2", _fault("Consultation refusée par le service de gestion des droits", "DMPAccessDeniedByRightsService")
        ),
    ),
    Panne(
        "version-perimee",
        "La modification (TD3.3) est refusée : XDSMetadataVersionError, les métadonnées ont changé entre-temps.",
        exigences=("DMP-ALIM-14",),
        before=_only("dmp.td3.3", _refused("XDSMetadataVersionError", "PreviousVersion n'est pas la version courante")),
    ),
    Panne(
        "suppression-refusee",
        "La modification (TD3.3) est refusée par la matrice : DMPAccessDeniedByRightsService.",
        exigences=("DMP-ALIM-14",),
        before=_only(
            "dmp.td3.3", _fault("Modification refusée par le service de gestion des droits", "DMPAccessDeniedByRightsService")
        ),
    ),
    *ANSWERS,
)
