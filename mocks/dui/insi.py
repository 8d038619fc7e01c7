"""INSi: searching and verifying an INS, by certificate, card or Pro Santé Connect, and keeping only what may be kept."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

import requests
from lxml import etree

from . import insi_messages as messages
from .alterations import Alterations, Couture
from .comptes import Utilisateur
from .configuration import Certificat, Configuration
from .dossier import Dossier, Traits
from .horloge import Horloge
from .insi_messages import Emetteur, RetourInsi
from .regles import ReglesIns
from .signature import charger, signer
from .soap import FauteSoap, ReponseIllisible, lire, octets
from .transport import Transport

_SANS_NOM = uuid.UUID("6f1c1d0e-3c55-4c7a-9d27-000000000001")


class Moyen(StrEnum):
    """How the caller proves who he is. Each excludes the others."""

    CERTIFICAT = "certificat"
    CPS = "cps"
    PSC = "psc"


class AppelInterdit(Exception):
    """The DUI refuses to call INSi; the message says why."""


class InsiIndisponible(Exception):
    """INSi could not answer: nothing changes in the record, the user may try again."""


@dataclass(slots=True)
class Appel:
    """A call before it is sent: what a fault may change besides the envelope."""

    moyen: Moyen
    certificat: Certificat | None
    entetes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Issue:
    """What a search gave: the return code, and what the user is told."""

    code: str
    alerte: str = ""


class ClientInsi:
    """One installation of the DUI: ``instance`` never changes for the same legal entity."""

    def __init__(
        self, configuration: Configuration, transport: Transport, horloge: Horloge, regles: ReglesIns, alterations: Alterations
    ) -> None:
        self._configuration = configuration
        self._transport = transport
        self._horloge = horloge
        self._regles = regles
        self._alterations = alterations
        self._instance = str(uuid.uuid5(_SANS_NOM, configuration.structure.struct_id_nat))

    def rechercher(self, dossier: Dossier, *, par_carte: bool, moyen: Moyen, utilisateur: Utilisateur) -> Issue:
        """Search, and record the answer when it may be recorded."""
        self._verifier_permis(dossier)
        if par_carte:
            retour = self._rechercher_par_carte(dossier, moyen, utilisateur)
        else:
            retour = self._rechercher_par_traits(dossier.identite.traits, moyen, utilisateur)
        return self._enregistrer(dossier, retour)

    def verifier(self, dossier: Dossier, *, moyen: Moyen, utilisateur: Utilisateur) -> str:
        """OK or KO for the INS that the record holds; a KO invalidates it."""
        self._verifier_permis(dossier)
        if dossier.identite.ins is None:
            raise AppelInterdit("L'identité ne porte aucune INS à vérifier.")
        corps = messages.verification(dossier.identite.ins, dossier.identite.traits)
        reponse = messages.lire_verification(self._appeler(messages.VERIFICATION, corps, moyen, utilisateur))
        if reponse == "KO":
            dossier.identite = dossier.identite.apres_ko(self._regles)
        return reponse

    def _verifier_permis(self, dossier: Dossier) -> None:
        if dossier.identite.suspecte and self._regles.appel_bloque_si_suspecte:
            raise AppelInterdit("Identité douteuse ou fictive : l'appel à INSi est bloqué.")

    def _rechercher_par_carte(self, dossier: Dossier, moyen: Moyen, utilisateur: Utilisateur) -> RetourInsi:
        if dossier.carte_vitale is None:
            raise AppelInterdit("Aucune carte Vitale n'a été lue pour cet usager.")
        corps = messages.recherche_vitale(dossier.carte_vitale, dossier.identite.traits)
        return messages.lire_recherche(self._appeler(messages.RECHERCHE_VITALE, corps, moyen, utilisateur))

    def _rechercher_par_traits(self, traits: Traits, moyen: Moyen, utilisateur: Utilisateur) -> RetourInsi:
        """Each first name alone, then all of them; several answers: all the first names, then the place of birth too."""
        retour = RetourInsi("", "")
        for prenoms in self._essais(traits):
            retour = self._essayer(traits, prenoms, False, moyen, utilisateur)
            if retour.code == "00" and self._regles.s_arrete_au_premier_succes:
                return retour
            if retour.code == "02":
                return self._preciser(traits, prenoms, retour, moyen, utilisateur)
        return retour

    def _preciser(
        self, traits: Traits, deja: tuple[str, ...], retour: RetourInsi, moyen: Moyen, utilisateur: Utilisateur
    ) -> RetourInsi:
        if deja != traits.prenoms:
            retour = self._essayer(traits, traits.prenoms, False, moyen, utilisateur)
        if retour.code == "02" and traits.lieu_naissance:
            retour = self._essayer(traits, traits.prenoms, True, moyen, utilisateur)
        return retour

    def _essais(self, traits: Traits) -> Iterator[tuple[str, ...]]:
        if self._regles.essaie_chaque_prenom:
            yield from ((prenom,) for prenom in traits.prenoms)
        if len(traits.prenoms) > 1 or not self._regles.essaie_chaque_prenom:
            yield traits.prenoms

    def _essayer(
        self, traits: Traits, prenoms: tuple[str, ...], avec_lieu: bool, moyen: Moyen, utilisateur: Utilisateur
    ) -> RetourInsi:
        corps = messages.recherche_traits(traits, prenoms, avec_lieu=avec_lieu)
        return messages.lire_recherche(self._appeler(messages.RECHERCHE_TRAITS, corps, moyen, utilisateur))

    def _enregistrer(self, dossier: Dossier, retour: RetourInsi) -> Issue:
        """Keep an answer only when it is one person, complete, with a real birth date."""
        if retour.code != "00" or retour.ins is None or retour.traits is None:
            return Issue(retour.code, _ALERTES.get(retour.code, f"INSi a répondu {retour.code} : {retour.libelle}"))
        traits = retour.traits
        if self._regles.refuse_date_lunaire and _est_lunaire(traits.date_naissance):
            return Issue("00", "La date de naissance rendue par INSi est incomplète : l'INS n'est pas enregistrée.")
        if self._regles.refuse_reponse_incomplete and not (traits.nom_naissance and traits.prenoms and traits.sexe):
            return Issue("00", "Il manque un trait dans la réponse d'INSi : l'INS n'est pas enregistrée.")
        dossier.identite = dossier.identite.avec_retour_insi(retour.ins, traits, retour.historique, self._regles)
        return Issue("00")

    def _appeler(self, action: str, corps: etree._Element, moyen: Moyen, utilisateur: Utilisateur) -> etree._Element:
        appel = self._alterations.passer(Couture.INSI_APPEL, self._preparer(moyen, utilisateur, action))
        corps = self._alterations.passer(Couture.INSI_CORPS, corps)
        assertion = self._assertion(appel.moyen, utilisateur)
        emetteur = self._emetteur(appel.moyen, utilisateur)
        enveloppe = messages.enveloppe(action, corps, emetteur, self._horloge.maintenant(), assertion)
        enveloppe = self._alterations.passer(Couture.INSI_ENVELOPPE, enveloppe)
        with self._transport.session("insi", appel.certificat) as session:
            try:
                reponse = session.post(self._configuration.insi_url, data=octets(enveloppe), headers=appel.entetes)
                return lire(reponse.content)
            except requests.RequestException as erreur:
                raise InsiIndisponible(f"INSi est injoignable ({type(erreur).__name__}).") from erreur
            except (FauteSoap, ReponseIllisible) as erreur:
                raise InsiIndisponible(f"INSi n'a pas pu répondre : {erreur}.") from erreur

    def _preparer(self, moyen: Moyen, utilisateur: Utilisateur, action: str) -> Appel:
        if moyen is Moyen.CPS and utilisateur.id_nat not in self._configuration.cps:
            raise AppelInterdit("Aucune carte de professionnel n'est lue pour cet utilisateur.")
        certificat = self._configuration.insi_manu if moyen is Moyen.CERTIFICAT else None
        return Appel(moyen, certificat, {"Content-Type": f'application/soap+xml; charset=UTF-8; action="{action}"'})

    def _assertion(self, moyen: Moyen, utilisateur: Utilisateur) -> etree._Element | None:
        """None with a certificate; signed by the card; unsigned after Pro Santé Connect."""
        if moyen is Moyen.CERTIFICAT:
            return None
        structure, maintenant = self._configuration.structure, self._horloge.maintenant()
        if moyen is Moyen.PSC:
            emetteur = self._configuration.psc.client_id
            return self._altere(messages.assertion_ps(utilisateur, structure, "PSC", emetteur, maintenant))
        carte = charger(self._configuration.cps[utilisateur.id_nat])
        return signer(self._altere(messages.assertion_ps(utilisateur, structure, "CPS", carte.sujet, maintenant)), carte)

    def _altere(self, assertion: etree._Element) -> etree._Element:
        return self._alterations.passer(Couture.INSI_ASSERTION, assertion)

    def _emetteur(self, moyen: Moyen, utilisateur: Utilisateur) -> Emetteur:
        numero = self._configuration.structure.struct_id_nat if moyen is Moyen.CERTIFICAT else utilisateur.id_nat
        return Emetteur(numero, self._configuration.logiciel, self._instance)


_ALERTES = {
    "01": "INSi n'a trouvé aucune identité.",
    "02": "INSi a trouvé plusieurs identités : complétez les traits.",
}


def _est_lunaire(date: str) -> bool:
    """True for a date whose day or month is unknown (00) or out of the calendar."""
    morceaux = date.split("-")
    return len(morceaux) != 3 or "00" in morceaux[1:] or not 1 <= int(morceaux[1]) <= 12
