"""The client of the Annuaire Santé: searches by every criterion, all pages, every mailbox that may be shown."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests

from .alterations import Alterations, Couture
from .regles_messagerie import ReglesAnnuaire
from .transport import Transport

_RPPS = "https://rpps.esante.gouv.fr"
_FINESS = "https://finess.esante.gouv.fr"
_TYPE_MESSAGERIE = "TRE-R256-TypeMessagerie"
_METADONNEES = "as-ext-mailbox-mss-metadata"
_ESSAIS = 3
_PAR_LOT = 40
_AVEC_EXERCICES = 100
"""People of whom places of work are looked for; beyond, the user must say more."""
_PAR_SECONDE = 16


class AnnuaireIndisponible(Exception):
    """The directory does not answer, or refuses; the message is shown to the user."""


@dataclass(slots=True)
class Demande:
    """A call to the directory, before it is sent."""

    url: str
    entetes: dict[str, str]
    parametres: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Criteres:
    """What the user typed; empty values do not count."""

    rpps: str = ""
    famille: str = ""
    prenom: str = ""
    profession: str = ""
    specialite: str = ""
    lieu: str = ""
    structure: str = ""
    finess: str = ""

    @property
    def personne(self) -> bool:
        """True when someone is looked for, and not a structure alone."""
        return any((self.rpps, self.famille, self.prenom, self.profession, self.specialite))

    @property
    def endroit(self) -> bool:
        """True when a place or a structure was typed."""
        return any((self.lieu, self.structure, self.finess))


@dataclass(frozen=True, slots=True)
class Trouvee:
    """An address that the user may choose. ``source`` is the resource that holds it."""

    adresse: str
    titulaire: str
    type: str
    structure: str
    identifiant: str
    preferee: bool
    source: str


class ClientAnnuaire:
    """Asks the directory. Addresses that were shown are remembered with the resource that holds them."""

    def __init__(
        self, reglages: Mapping[str, str], transport: Transport, regles: ReglesAnnuaire, alterations: Alterations
    ) -> None:
        self._base = reglages.get("base", "").rstrip("/")
        self._entete = reglages.get("entete", "")
        self._cle = reglages.get("cle", "")
        self._transport = transport
        self._regles = regles
        self._alterations = alterations
        self._carnet: dict[str, str] = {}
        self._appels: deque[float] = deque(maxlen=_PAR_SECONDE)

    def chercher(self, criteres: Criteres) -> list[Trouvee]:
        """Every mailbox of whom these criteria designate, preferred ones first; raises ``AnnuaireIndisponible``."""
        lieux = {o["id"]: o for o in self._structures(criteres)} if criteres.endroit else {}
        if criteres.personne:
            trouvees = self._chez(list(self._personnes(criteres)), lieux if criteres.endroit else None)
        else:
            trouvees = [une for lieu in lieux.values() for une in self._boites(lieu, str(lieu.get("name", "")))]
        trouvees = sorted(dict.fromkeys(trouvees), key=lambda t: (not t.preferee, t.titulaire, t.adresse))
        if not self._regles.montre_toutes_les_adresses:
            trouvees = trouvees[:1]
        self._carnet.update({t.adresse: t.source for t in trouvees})
        return trouvees

    def encore_la(self, adresse: str) -> bool:
        """Whether an address that was chosen in the directory is still there; one that was typed is not looked for."""
        source = self._carnet.get(adresse)
        if source is None or not self._regles.verifie_avant_envoi:
            return True
        return any(p.get("value") == adresse for p in self._lire(f"{self._base}/{source}", []).get("telecom", ()))

    def _structures(self, criteres: Criteres) -> Iterator[dict[str, Any]]:
        parametres = [("active", "true")]
        if criteres.finess:
            parametres.append(("identifier", f"{_FINESS}|{criteres.finess}"))
        if criteres.structure:
            parametres.append(("name:contains", criteres.structure))
        if criteres.lieu:
            nom = "address-postalcode" if criteres.lieu.isdigit() else "address-city"
            parametres.append((nom, criteres.lieu))
        yield from self._ressources("Organization", parametres)

    def _personnes(self, criteres: Criteres) -> Iterator[dict[str, Any]]:
        if not self._regles.parametres_connus:
            parametres = [("nom", criteres.famille), ("profession", criteres.profession)]
        elif not self._regles.utilise_les_criteres:
            parametres = [("name", criteres.famille or criteres.rpps)]
        else:
            parametres = [
                ("identifier", f"{_RPPS}|{criteres.rpps}" if criteres.rpps else ""),
                ("family", criteres.famille),
                ("given", criteres.prenom),
                ("qualification-code", criteres.profession),
                ("qualification-code", criteres.specialite),
            ]
        yield from self._ressources("Practitioner", [("active", "true"), *((n, v) for n, v in parametres if v)])

    def _chez(self, personnes: list[dict[str, Any]], lieux: Mapping[str, Any] | None) -> list[Trouvee]:
        """The mailboxes of these people: their own, and those of the places where they work, among ``lieux`` when given."""
        exercices = self._exercices([p["id"] for p in personnes]) if len(personnes) <= _AVEC_EXERCICES or lieux else {}
        trouvees: list[Trouvee] = []
        for personne in personnes:
            siens = exercices.get(personne["id"], [])
            if lieux is not None:
                siens = [e for e in siens if _id(e[0].get("organization")) in lieux]
                if not siens:
                    continue
            trouvees += self._boites(personne, _nom(personne))
            for exercice, lieu in siens:
                trouvees += self._boites(exercice, _nom(personne), lieu, _identifiant(personne))
        return trouvees

    def _exercices(self, personnes: list[str]) -> dict[str, list[tuple[dict[str, Any], str]]]:
        """Where these people work now: the roles of each, with the name of the place."""
        trouves: dict[str, list[tuple[dict[str, Any], str]]] = {}
        for debut in range(0, len(personnes), _PAR_LOT):
            qui = ",".join(personnes[debut : debut + _PAR_LOT])
            parametres = [("practitioner", qui), ("active", "true"), ("_include", "PractitionerRole:organization")]
            lues = list(self._ressources("PractitionerRole", parametres, incluses=True))
            noms = {r["id"]: str(r.get("name", "")) for r in lues if r.get("resourceType") == "Organization"}
            for role in lues:
                if role.get("resourceType") == "PractitionerRole":
                    lieu = noms.get(_id(role.get("organization")), "")
                    trouves.setdefault(_id(role.get("practitioner")), []).append((role, lieu))
        return trouves

    def _boites(self, ressource: dict[str, Any], titulaire: str, structure: str = "", identifiant: str = "") -> Iterator[Trouvee]:
        if ressource.get("active") is False and self._regles.ignore_les_inactifs:
            return
        for point in ressource.get("telecom", ()):
            lue = _metadonnees(point)
            if point.get("system") != "email" or (lue is None and self._regles.ignore_les_courriels):
                continue
            dites = lue or {}
            if dites.get("listeRouge") and self._regles.ignore_la_liste_rouge:
                continue
            yield Trouvee(
                adresse=str(point.get("value", "")),
                titulaire=titulaire,
                type=str(dites.get("type", "")),
                structure=structure or str(ressource.get("name", "") if isinstance(ressource.get("name"), str) else ""),
                identifiant=identifiant or _identifiant(ressource),
                preferee=point.get("rank") == 1,
                source=f"{ressource['resourceType']}/{ressource['id']}",
            )

    def _ressources(self, type: str, parametres: list[tuple[str, str]], *, incluses: bool = False) -> Iterator[dict[str, Any]]:
        """The resources of all pages; those that come along only when asked for."""
        url, suite = f"{self._base}/{type}", parametres
        while url:
            lot = self._lire(url, suite)
            for entree in lot.get("entry", ()):
                ressource = entree.get("resource", {})
                if ressource.get("resourceType") == type or incluses:
                    yield ressource
            liens = {lien.get("relation"): str(lien.get("url", "")) for lien in lot.get("link", ())}
            url, suite = liens.get("next", "") if self._regles.suit_les_pages else "", []

    def _lire(self, url: str, parametres: list[tuple[str, str]]) -> dict[str, Any]:
        entetes = {"Accept": "application/fhir+json"}
        if self._regles.cle_en_entete:
            entetes[self._entete] = self._cle
        else:
            parametres = [*parametres, ("api-key", self._cle)]
        demande = self._alterations.passer(Couture.ANNUAIRE, Demande(url, entetes, list(parametres)))
        if urlsplit(demande.url)[:2] != urlsplit(self._base)[:2]:
            raise AnnuaireIndisponible("L'annuaire renvoie vers un autre serveur.")
        for _ in range(_ESSAIS):
            reponse = self._appeler(demande)
            if reponse.status_code != requests.codes.too_many_requests:
                break
            if self._regles.attend_apres_quota:
                time.sleep(min(float(reponse.headers.get("Retry-After", "1")), 5.0))
        if reponse.status_code != requests.codes.ok:
            raise AnnuaireIndisponible(f"L'annuaire a répondu {reponse.status_code}{_motif(reponse)}.")
        try:
            lu = reponse.json()
        except requests.JSONDecodeError as erreur:
            raise AnnuaireIndisponible("La réponse de l'annuaire est illisible.") from erreur
        if not isinstance(lu, dict) or "resourceType" not in lu:
            raise AnnuaireIndisponible("La réponse de l'annuaire n'est pas une ressource FHIR.")
        return lu

    def _appeler(self, demande: Demande) -> requests.Response:
        if len(self._appels) == _PAR_SECONDE and self._regles.attend_apres_quota:
            time.sleep(max(0.0, self._appels[0] + 1 - time.monotonic()))
        self._appels.append(time.monotonic())
        try:
            with self._transport.session("annuaire") as session:
                return session.get(demande.url, params=demande.parametres, headers=demande.entetes)
        except requests.RequestException as erreur:
            raise AnnuaireIndisponible(f"L'annuaire est injoignable ({type(erreur).__name__}).") from erreur


def _motif(reponse: requests.Response) -> str:
    try:
        lu = reponse.json()
    except requests.JSONDecodeError:
        return ""
    problemes = lu.get("issue", ()) if isinstance(lu, dict) else ()
    return "".join(f" : {p['diagnostics']}" for p in problemes[:1] if isinstance(p, dict) and p.get("diagnostics"))


def _metadonnees(point: Mapping[str, Any]) -> dict[str, Any] | None:
    """What a contact point says of itself as a mailbox of MSSanté; None when it is not one."""
    extensions = {str(e.get("url", "")).rpartition("/")[2]: e for e in point.get("extension", ())}
    genre: Mapping[str, Any] = next((e["valueCoding"] for e in extensions.values() if "valueCoding" in e), {})
    if not str(genre.get("system", "")).endswith(_TYPE_MESSAGERIE) or genre.get("code") != "MSSANTE":
        return None
    dites: dict[str, Any] = {}
    for une in extensions.get(_METADONNEES, {}).get("extension", ()):
        valeur = next((v for nom, v in une.items() if nom.startswith("value")), None)
        if isinstance(valeur, dict):
            valeur = next((c.get("code") for c in valeur.get("coding", ())), "")
        dites[str(une.get("url", ""))] = valeur
    return dites


def _nom(personne: Mapping[str, Any]) -> str:
    nom: Mapping[str, Any] = next(iter(personne.get("name", ())), {})
    return " ".join([*nom.get("given", ()), str(nom.get("family", ""))])


def _identifiant(ressource: Mapping[str, Any]) -> str:
    return next((str(i.get("value", "")) for i in ressource.get("identifier", ())), "")


def _id(reference: Mapping[str, Any] | None) -> str:
    return str((reference or {}).get("reference", "")).rpartition("/")[2]
