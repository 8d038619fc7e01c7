"""INSi: searching and verifying an INS, by certificate, card or Pro Santé Connect, and keeping only what may be kept."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

import requests
from lxml import etree

from . import insi_messages as messages
from .alterations import Alterations, Couture
from .comptes import Utilisateur
from .configuration import Certificat, Configuration
from .dossier import Dossier, Statut, Traits
from .horloge import Horloge
from .insi_messages import Emetteur, RetourInsi
from .regles import ReglesIns
from .signature import Signataire, charger, signer
from .soap import FauteSoap, ReponseIllisible, lire, octets
from .transport import Envoi, Transport

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


@dataclass(frozen=True, slots=True)
class Issue:
    """What a search gave: the return code, and what the user is told."""

    code: str
    alerte: str = ""


@dataclass(frozen=True, slots=True)
class _Recherche:
    """One search under way: whose traits, who asks and how."""

    traits: Traits
    moyen: Moyen
    utilisateur: Utilisateur


class ClientInsi:
    """One installation of the DUI: ``instance`` never changes for the same legal entity. ``certificat`` is INSI-MANU."""

    def __init__(
        self,
        configuration: Configuration,
        transport: Transport,
        horloge: Horloge,
        regles: ReglesIns,
        alterations: Alterations,
        certificat: Certificat,
    ) -> None:
        self._configuration = configuration
        self._transport = transport
        self._horloge = horloge
        self._regles = regles
        self._alterations = alterations
        self._certificat = certificat
        self._instance = str(uuid.uuid5(_SANS_NOM, configuration.structure.struct_id_nat))

    def rechercher(self, dossier: Dossier, *, par_carte: bool, moyen: Moyen, utilisateur: Utilisateur) -> Issue:
        """Search, and record the answer when it may be recorded."""
        self._verifier_permis(dossier)
        recherche = _Recherche(dossier.identite.traits, self._moyen(moyen), utilisateur)
        par_carte = par_carte and self._regles.sait_lire_la_vitale
        retour = self._rechercher_par_carte(dossier, recherche) if par_carte else self._rechercher_par_traits(recherche)
        return self._enregistrer(dossier, retour)

    def verifier(self, dossier: Dossier, *, moyen: Moyen, utilisateur: Utilisateur) -> str:
        """OK or KO for the INS that the record holds; a KO invalidates it."""
        self._verifier_permis(dossier)
        if dossier.identite.ins is None:
            raise AppelInterdit("L'identité ne porte aucune INS à vérifier.")
        corps = messages.verification(dossier.identite.ins, dossier.identite.traits)
        reponse = messages.lire_verification(self._appeler(messages.VERIFICATION, corps, self._moyen(moyen), utilisateur))
        if reponse == "KO" and not self._regles.comprend_ko:
            return "OK"
        if reponse == "KO":
            dossier.identite = dossier.identite.apres_ko(self._regles)
        return reponse

    def _moyen(self, voulu: Moyen) -> Moyen:
        """The means asked for, when this DUI offers it."""
        offert = {Moyen.CPS: self._regles.sait_par_carte, Moyen.PSC: self._regles.sait_par_psc}
        return voulu if offert.get(voulu, True) else Moyen.CERTIFICAT

    def _verifier_permis(self, dossier: Dossier) -> None:
        if dossier.identite.suspecte and self._regles.appel_bloque_si_suspecte:
            raise AppelInterdit("Identité douteuse ou fictive : l'appel à INSi est bloqué.")
        if dossier.identite.traits.sexe not in ("F", "M"):
            raise AppelInterdit("INSi ne connaît que les sexes féminin et masculin.")

    def _rechercher_par_carte(self, dossier: Dossier, recherche: _Recherche) -> RetourInsi:
        if dossier.carte_vitale is None:
            raise AppelInterdit("Aucune carte Vitale n'a été lue pour cet usager.")
        corps = messages.recherche_vitale(dossier.carte_vitale, recherche.traits)
        return messages.lire_recherche(self._appeler(messages.RECHERCHE_VITALE, corps, recherche.moyen, recherche.utilisateur))

    def _rechercher_par_traits(self, recherche: _Recherche) -> RetourInsi:
        """Each first name alone, then all of them; several answers: all the first names, then the place of birth too."""
        trouve = retour = RetourInsi("", "")
        for prenoms in self._essais(recherche.traits):
            try:
                retour = self._essayer(recherche, prenoms)
            except InsiIndisponible:
                if self._regles.s_arrete_sur_erreur_technique:
                    raise
                continue
            if retour.code == "00":
                trouve = retour
            if retour.code == "02":
                return self._preciser(recherche, prenoms, retour)
            if retour.code == "00" and self._regles.s_arrete_au_premier_succes:
                break
            if retour.code == "01" and not self._regles.continue_apres_01:
                break
        return trouve if trouve.code else retour

    def _preciser(self, recherche: _Recherche, deja: tuple[str, ...], retour: RetourInsi) -> RetourInsi:
        traits = recherche.traits
        if deja != traits.prenoms:
            retour = self._essayer(recherche, traits.prenoms)
        if retour.code == "02" and traits.lieu_naissance:
            retour = self._essayer(recherche, traits.prenoms, avec_lieu=True)
        return retour

    def _essais(self, traits: Traits) -> Iterator[tuple[str, ...]]:
        prenoms = traits.prenoms if self._regles.prenoms_dans_l_ordre else traits.prenoms[::-1]
        if self._regles.essaie_chaque_prenom:
            yield from ((prenom,) for prenom in prenoms)
        if len(traits.prenoms) > 1 or not self._regles.essaie_chaque_prenom:
            yield traits.prenoms

    def _essayer(self, recherche: _Recherche, prenoms: tuple[str, ...], *, avec_lieu: bool = False) -> RetourInsi:
        corps = messages.recherche_traits(recherche.traits, prenoms, avec_lieu=avec_lieu)
        return messages.lire_recherche(self._appeler(messages.RECHERCHE_TRAITS, corps, recherche.moyen, recherche.utilisateur))

    def _enregistrer(self, dossier: Dossier, retour: RetourInsi) -> Issue:
        """Keep an answer only when it is one person, complete, with a real birth date."""
        if retour.code != "00" or retour.ins is None or retour.traits is None:
            if self._regles.recuperee_sans_reponse:
                dossier.identite = replace(dossier.identite, statut=Statut.RECUPEREE)
            return Issue(retour.code, _ALERTES.get(retour.code, f"INSi a répondu {retour.code} : {retour.libelle}"))
        traits = retour.traits
        if self._regles.refuse_date_lunaire and _est_lunaire(traits.date_naissance):
            return Issue("00", "La date de naissance rendue par INSi est incomplète : l'INS n'est pas enregistrée.")
        if self._regles.refuse_reponse_incomplete and not (traits.nom_naissance and traits.prenoms and traits.sexe):
            return Issue("00", "Il manque un trait dans la réponse d'INSi : l'INS n'est pas enregistrée.")
        dossier.identite = dossier.identite.avec_retour_insi(retour.ins, traits, retour.historique, self._regles)
        return Issue("00")

    def _appeler(self, action: str, corps: etree._Element, moyen: Moyen, utilisateur: Utilisateur) -> etree._Element:
        corps = self._alterations.passer(Couture.INSI_CORPS, corps)
        assertion = self._assertion(moyen, utilisateur)
        emetteur = self._emetteur(moyen, utilisateur)
        enveloppe = messages.enveloppe(action, corps, emetteur, self._horloge.maintenant(), assertion)
        enveloppe = self._alterations.passer(Couture.INSI_ENVELOPPE, enveloppe)
        entetes = {"Content-Type": f'application/soap+xml; charset=UTF-8; action="{action}"'}
        envoi = self._alterations.passer(Couture.INSI_APPEL, Envoi(self._configuration.insi_url, entetes, octets(enveloppe)))
        with self._transport.session("insi", self._certificat_de(moyen)) as session:
            try:
                return lire(session.post(envoi.url, data=envoi.contenu, headers=envoi.entetes).content)
            except requests.RequestException as erreur:
                raise InsiIndisponible(f"INSi est injoignable ({type(erreur).__name__}).") from erreur
            except (FauteSoap, ReponseIllisible) as erreur:
                raise InsiIndisponible(f"INSi n'a pas pu répondre : {erreur}.") from erreur

    def _certificat_de(self, moyen: Moyen) -> Certificat | None:
        """The organisation's certificate, unless the professional's assertion speaks."""
        return self._certificat if moyen is Moyen.CERTIFICAT or self._regles.certificat_avec_assertion else None

    def _assertion(self, moyen: Moyen, utilisateur: Utilisateur) -> etree._Element | None:
        """None with a certificate; signed by the card; unsigned after Pro Santé Connect."""
        if moyen is Moyen.CERTIFICAT:
            return None
        signataire = self._signataire(moyen, utilisateur)
        emetteur = self._configuration.psc.client_id if signataire is None else signataire.sujet
        assertion = messages.assertion_ps(
            utilisateur, self._configuration.structure, moyen.value.upper(), emetteur, self._horloge.maintenant()
        )
        assertion = self._alterations.passer(Couture.INSI_ASSERTION, assertion)
        if signataire is None:
            return assertion
        return self._alterations.passer(Couture.INSI_ASSERTION_SIGNEE, signer(assertion, signataire))

    def _signataire(self, moyen: Moyen, utilisateur: Utilisateur) -> Signataire | None:
        if moyen is Moyen.CPS:
            if utilisateur.id_nat not in self._configuration.cps:
                raise AppelInterdit("Aucune carte de professionnel n'est lue pour cet utilisateur.")
            return charger(self._configuration.cps[utilisateur.id_nat]) if self._regles.signe_par_carte else None
        return charger(self._configuration.certificat("sign")) if self._regles.signe_par_psc else None

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
