"""INSi: searching and verifying an INS, by certificate, card or Pro Santé Connect, and keeping only what may be kept."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

import requests
from lxml import etree

from . import insi_messages as messages
from .alterations import Alterations, Couture
from .comptes import Utilisateur
from .configuration import Certificat, Configuration
from .dossier import Dossier, Dossiers, Ins, Statut, Traits
from .horloge import Horloge
from .insi_controles import LIEUX, concorde, est_lunaire
from .insi_lot import DEPOT_LOT, RESULTAT_LOT, Lot, ResultatLot, lire_depot, lire_resultat_lot, lot, resultat_lot
from .insi_messages import Emetteur, RetourInsi
from .regles_ins import ReglesDossiers, ReglesIns
from .signature import Signataire, charger, signer
from .soap import FauteSoap, ReponseIllisible, lire, octets
from .traces_ins import ERREUR, TracesIns
from .transport import Envoi, Transport

R = TypeVar("R")
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
class Appelant:
    """Who calls, how, and for which usager: what the assertion and the traces say."""

    utilisateur: Utilisateur
    moyen: Moyen
    usager: str = ""
    nature: str = "recherche"
    automatique: bool = False


class ClientInsi:
    """One installation of the DUI: ``instance`` never changes for the same legal entity. ``certificat`` is INSI-MANU, and
    ``automate`` INSI-AUTO, for what no user waits for."""

    def __init__(
        self,
        configuration: Configuration,
        transport: Transport,
        horloge: Horloge,
        regles: tuple[ReglesIns, ReglesDossiers],
        alterations: Alterations,
        certificats: tuple[Certificat, Certificat],
        traces: TracesIns,
    ) -> None:
        self._configuration = configuration
        self._transport = transport
        self._horloge = horloge
        self._regles, self._dossiers = regles
        self._alterations = alterations
        self._certificat, self._automate = certificats
        self._traces = traces
        self._instance = str(uuid.uuid5(_SANS_NOM, configuration.structure.struct_id_nat))

    def rechercher(self, dossier: Dossier, tous: Dossiers, appelant: Appelant, *, par_carte: bool) -> Issue:
        """Search, and record the answer when it may be recorded."""
        self._verifier_permis(dossier)
        appelant = replace(appelant, moyen=self._moyen(appelant.moyen))
        par_carte = par_carte and self._regles.sait_lire_la_vitale
        traits = dossier.identite.traits
        retour = self._rechercher_par_carte(dossier, appelant) if par_carte else self._rechercher_par_traits(traits, appelant)
        cible = dossier if self._dossiers.separe_les_homonymes else tous.homonymes(traits)[0]
        return self._enregistrer(cible, retour)

    def verifier(self, dossier: Dossier, appelant: Appelant) -> str:
        """OK or KO for the INS that the record holds; a KO invalidates it."""
        self._verifier_permis(dossier)
        if dossier.identite.ins is None:
            raise AppelInterdit("L'identité ne porte aucune INS à vérifier.")
        traits = dossier.identite.traits
        if not self._regles.verifie_avec_les_traits_stricts:
            traits = replace(traits, prenoms=(dossier.prenom_utilise or traits.prenoms[-1],))
        reponse = self.confirmer(dossier.identite.ins, traits, appelant)
        if reponse == "KO" and not self._regles.comprend_ko:
            return "OK"
        if reponse == "KO":
            dossier.identite = dossier.identite.apres_ko(self._regles)
        return reponse

    def confirmer(self, ins: Ins, traits: Traits, appelant: Appelant) -> str:
        """OK or KO for an INS and traits, whosever they are."""
        appelant = replace(appelant, moyen=self._moyen(appelant.moyen), nature="vérification")
        corps = messages.verification(ins, traits)
        return self._demander(messages.VERIFICATION, corps, appelant, messages.lire_verification, str)

    def deposer(self, dossiers: Mapping[str, Dossier], appelant: Appelant) -> Lot:
        """Send the INS of these records to be verified together."""
        identites = {nom: (d.identite.ins, d.identite.traits) for nom, d in dossiers.items() if d.identite.ins is not None}
        numero = self._demander(DEPOT_LOT, lot(identites), appelant, lire_depot, lambda _: "")
        return Lot(numero, {nom: dossiers[nom] for nom in identites})

    def relever(self, depose: Lot, appelant: Appelant) -> ResultatLot:
        """Ask for the result of a lot."""

        def code(resultat: ResultatLot) -> str:
            return ",".join(resultat.reponses.values())

        return self._demander(RESULTAT_LOT, resultat_lot(depose.numero), appelant, lire_resultat_lot, code)

    def _moyen(self, voulu: Moyen) -> Moyen:
        """The means asked for, when this DUI offers it."""
        offert = {Moyen.CPS: self._regles.sait_par_carte, Moyen.PSC: self._regles.sait_par_psc}
        return voulu if offert.get(voulu, True) else Moyen.CERTIFICAT

    def _verifier_permis(self, dossier: Dossier) -> None:
        if dossier.identite.suspecte and self._regles.appel_bloque_si_suspecte:
            raise AppelInterdit("Identité douteuse ou fictive : l'appel à INSi est bloqué.")
        if dossier.identite.traits.sexe not in ("F", "M"):
            raise AppelInterdit("INSi ne connaît que les sexes féminin et masculin.")

    def _rechercher_par_carte(self, dossier: Dossier, appelant: Appelant) -> RetourInsi:
        if dossier.carte_vitale is None:
            raise AppelInterdit("Aucune carte Vitale n'a été lue pour cet usager.")
        corps = messages.recherche_vitale(dossier.carte_vitale, dossier.identite.traits)
        return self._demander(messages.RECHERCHE_VITALE, corps, appelant, messages.lire_recherche, _code)

    def _rechercher_par_traits(self, traits: Traits, appelant: Appelant) -> RetourInsi:
        """Each first name alone, then all of them; several answers: all the first names, then the place of birth too."""
        trouve = retour = RetourInsi("", "")
        for prenoms in self._essais(traits):
            try:
                retour = self._essayer(traits, appelant, prenoms)
            except InsiIndisponible:
                if self._regles.s_arrete_sur_erreur_technique:
                    raise
                continue
            if retour.code == "00":
                trouve = retour
            if retour.code == "02":
                return self._preciser(traits, appelant, prenoms, retour) if self._regles.precise_sur_02 else retour
            if retour.code == "00" and self._regles.s_arrete_au_premier_succes:
                break
            if retour.code == "01" and not self._regles.continue_apres_01:
                break
        return trouve if trouve.code else retour

    def _preciser(self, traits: Traits, appelant: Appelant, deja: tuple[str, ...], retour: RetourInsi) -> RetourInsi:
        if deja != traits.prenoms:
            retour = self._essayer(traits, appelant, traits.prenoms)
        if retour.code == "02" and traits.lieu_naissance:
            retour = self._essayer(traits, appelant, traits.prenoms, avec_lieu=True)
        return retour

    def _essais(self, traits: Traits) -> Iterator[tuple[str, ...]]:
        prenoms = traits.prenoms if self._regles.prenoms_dans_l_ordre else traits.prenoms[::-1]
        if self._regles.essaie_chaque_prenom:
            yield from ((prenom,) for prenom in prenoms)
        if len(traits.prenoms) > 1 or not self._regles.essaie_chaque_prenom:
            yield traits.prenoms

    def _essayer(self, traits: Traits, appelant: Appelant, prenoms: tuple[str, ...], *, avec_lieu: bool = False) -> RetourInsi:
        lieu = LIEUX[self._regles.lieu_transmis](traits.lieu_naissance) if avec_lieu else ""
        corps = messages.recherche_traits(traits, prenoms, lieu_naissance=lieu, regles=self._regles)
        return self._demander(messages.RECHERCHE_TRAITS, corps, appelant, messages.lire_recherche, _code)

    def _enregistrer(self, dossier: Dossier, retour: RetourInsi) -> Issue:
        """Keep an answer only when it is one person, complete, with a real birth date."""
        if retour.code != "00" or retour.ins is None or retour.traits is None:
            if self._regles.recuperee_sans_reponse:
                dossier.identite = replace(dossier.identite, statut=Statut.RECUPEREE)
            return Issue(retour.code, _ALERTES.get(retour.code, f"INSi a répondu {retour.code} : {retour.libelle}"))
        traits = retour.traits
        if self._regles.refuse_date_lunaire and est_lunaire(traits.date_naissance, jour=self._regles.refuse_le_jour_inconnu):
            return Issue("00", "La date de naissance rendue par INSi est incomplète : l'INS n'est pas enregistrée.")
        if self._regles.refuse_reponse_incomplete and not (traits.nom_naissance and traits.prenoms and traits.sexe):
            return Issue("00", "Il manque un trait dans la réponse d'INSi : l'INS n'est pas enregistrée.")
        attendu = dossier.identite.traits.prenoms
        dossier.identite = dossier.identite.avec_retour_insi(retour.ins, traits, retour.historique, self._regles, self._dossiers)
        if self._dossiers.alerte_si_premier_prenom_differe and not concorde(attendu[0], traits.prenoms):
            return Issue("00", "Le premier prénom saisi n'ouvre pas la liste des prénoms rendue par INSi : à vérifier.")
        return Issue("00")

    def _demander(
        self,
        action: str,
        corps: etree._Element,
        appelant: Appelant,
        lire_reponse: Callable[[etree._Element], R],
        code: Callable[[R], str],
    ) -> R:
        """One call, and its trace whatever comes of it."""
        rendu = ERREUR
        try:
            reponse = lire_reponse(self._appeler(action, corps, appelant))
            rendu = code(reponse)
        except ReponseIllisible as erreur:
            raise InsiIndisponible(f"INSi n'a pas pu répondre : {erreur}.") from erreur
        finally:
            self._traces.appel(appelant.nature, appelant.utilisateur, appelant.usager, appelant.moyen.value, rendu)
        return reponse

    def _appeler(self, action: str, corps: etree._Element, appelant: Appelant) -> etree._Element:
        moyen, utilisateur = appelant.moyen, appelant.utilisateur
        corps = self._alterations.passer(Couture.INSI_CORPS, corps)
        assertion = self._assertion(moyen, utilisateur)
        emetteur = self._emetteur(moyen, utilisateur)
        enveloppe = messages.enveloppe(action, corps, emetteur, self._horloge.maintenant(), assertion)
        enveloppe = self._alterations.passer(Couture.INSI_ENVELOPPE, enveloppe)
        entetes = {"Content-Type": f'application/soap+xml; charset=UTF-8; action="{action}"'}
        envoi = self._alterations.passer(Couture.INSI_APPEL, Envoi(self._configuration.insi_url, entetes, octets(enveloppe)))
        with self._transport.session("insi", self._certificat_de(appelant)) as session:
            try:
                return lire(session.post(envoi.url, data=envoi.contenu, headers=envoi.entetes).content)
            except requests.RequestException as erreur:
                raise InsiIndisponible(f"INSi est injoignable ({type(erreur).__name__}).") from erreur
            except (FauteSoap, ReponseIllisible) as erreur:
                raise InsiIndisponible(f"INSi n'a pas pu répondre : {erreur}.") from erreur

    def _certificat_de(self, appelant: Appelant) -> Certificat | None:
        """The organisation's certificate, unless the professional's assertion speaks."""
        moyen = appelant.moyen
        if appelant.automatique and self._regles.lot_par_certificat_auto:
            return self._automate
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
            carte = self._configuration.cps[utilisateur.id_nat]
            signataire = charger(carte if self._regles.signe_avec == "carte" else self._configuration.certificat("sign"))
            return self._alterations.passer(Couture.INSI_SIGNATAIRE, signataire) if self._regles.signe_par_carte else None
        return charger(self._configuration.certificat("sign")) if self._regles.signe_par_psc else None

    def _emetteur(self, moyen: Moyen, utilisateur: Utilisateur) -> Emetteur:
        numero = self._configuration.structure.struct_id_nat if moyen is Moyen.CERTIFICAT else utilisateur.id_nat
        return Emetteur(numero, self._configuration.logiciel, self._instance)


_ALERTES = {
    "01": "INSi n'a trouvé aucune identité.",
    "02": "INSi a trouvé plusieurs identités : complétez les traits.",
}


def _code(retour: RetourInsi) -> str:
    return retour.code
