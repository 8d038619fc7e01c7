"""What a correct DUI does, one named value per obligation. A behaviour fault replaces one of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from .regles_alimentation import ReglesAlimentation
from .regles_consultation import ReglesConsultation
from .regles_dossier import ReglesDossier
from .regles_fichiers import ReglesFichiers
from .regles_ins import ReglesDossiers, ReglesIns
from .regles_messagerie import ReglesAnnuaire, ReglesMss, ReglesReceptionMss, ReglesTableau
from .regles_sdo import ReglesSdo
from .regles_sidoba import ReglesSidoba

EIDAS = frozenset({"eidas1", "eidas2", "eidas3"})


@dataclass(frozen=True, slots=True)
class ReglesCertificats:
    """Which certificate serves for what: names of ``services.json`` (``sign``), faulty variants as ``sign:expire``.

    ``autorite_de_trop`` is one whose chain is trusted besides the root of the services; a correct DUI has none.
    """

    tls: str = "auth_cli"
    signature: str = "sign"
    lot: str = "sign"
    insi: str = "insi_manu"
    psc: str = "auth_cli"
    edc: str = "auth_cli"
    edc_api: str = "auth_cli"
    sidoba: str = "auth_cli"
    mss: str = "auth_cli"
    autorite_de_trop: str = ""


@dataclass(frozen=True, slots=True)
class ReglesPsc:
    """Pro Santé Connect: what is verified before a session opens, and how it ends."""

    exige_state: bool = True
    verifie_state: bool = True
    verifie_nonce: bool = True
    verifie_signature: bool = True
    refuse_sans_signature: bool = True
    refuse_cle_inconnue: bool = True
    recharge_jwks: bool = True
    verifie_emetteur: bool = True
    verifie_emetteur_du_retour: bool = True
    erreur_avant_code: bool = True
    verifie_decouverte: bool = True
    garde_la_configuration: timedelta = timedelta(hours=12)
    verifie_destinataire: bool = True
    verifie_azp: bool = True
    refuse_autre_audience: bool = True
    accepte_audience_en_liste: bool = True
    ignore_les_cles_inconnues: bool = True
    verifie_expiration: bool = True
    verifie_debut: bool = True
    exige_sub: bool = True
    exige_iat: bool = True
    exige_exp: bool = True
    exige_id_token: bool = True
    verifie_type_de_jeton: bool = True
    refuse_hs256_cle_publique: bool = True
    refuse_hs256_secret: bool = True
    exige_acr: bool = True
    acr_acceptes: frozenset[str] = EIDAS
    refuse_autre_acr: bool = True
    lit_userinfo_signe: bool = True
    verifie_userinfo_signe: bool = True
    refuse_userinfo_sans_signature: bool = True
    verifie_destinataire_userinfo: bool = True
    verifie_date_userinfo: bool = True
    lit_userinfo_chiffre: bool = True
    verifie_identifiant_userinfo: bool = True
    verifie_sub: bool = True
    accepte_champs_vides: bool = True
    refus_du_professionnel_respecte: bool = True
    refus_du_code_respecte: bool = True
    panne_respectee: bool = True
    accepte_sans_rpps: bool = True
    jeton_presente: str = "access_token"
    usages_du_code: int = 1
    rapproche_par: str = "identifiant"
    rafraichit: bool = True
    rafraichit_a_temps: bool = True
    garde_l_ancien_sans_nouveau: bool = True
    exige_id_token_rafraichi: bool = False
    rafraichissements: int = 1
    essais_apres_refus: int = 1
    verifie_le_rafraichi: bool = True
    garde_le_dernier_rafraichissement: bool = True
    insiste: bool = False
    ferme_si_refuse: bool = True
    session_max: timedelta = timedelta(hours=4)
    inactivite_max: timedelta = timedelta(minutes=30)
    identite_en_memoire: bool = False
    appelle_fin_de_session: bool = True
    oublie_les_jetons: bool = True
    oublie_malgre_la_panne: bool = True
    rafraichit_apres_la_fin: bool = False
    jeton_du_precedent: bool = False
    trace: bool = True
    trace_les_refus: bool = True
    trace_les_fins: bool = True


@dataclass(frozen=True, slots=True)
class ReglesCiba:
    """Login without browser: what is shown to the user, and how often Pro Santé Connect is asked."""

    montre_le_nombre: bool = True
    respecte_l_intervalle: bool = True
    ralentit: bool = True
    s_arrete_a_l_expiration: bool = True
    s_arrete_au_refus: bool = True
    session_malgre_le_refus: bool = False
    verifie_la_personne: bool = True
    exige_un_nonce: bool = False


@dataclass(frozen=True, slots=True)
class ReglesEdc:
    """The espace de confiance: token exchange, calls of the API, sessions of a proxy, the DUI's own proxy."""

    echange: bool = True
    sujet_frais: bool = True
    presente_l_id_token: bool = False
    reutilise_le_jeton: bool = True
    jeton_par_utilisateur: bool = True
    renouvellements: int = 1
    oublie_a_la_deconnexion: bool = True
    essais_en_panne: int = 2
    annonce_la_panne: bool = True
    reconnecte_avant: bool = False
    montre_la_signature: bool = True
    presente_le_cookie: bool = True
    session_par_utilisateur: bool = True
    comprend_la_reprise: bool = True
    ferme_le_proxy: bool = True
    proxy_exige_session: bool = True
    proxy_reprend: bool = True
    proxy_ferme: bool = True


@dataclass(frozen=True, slots=True)
class ReglesEnvoi:
    """The DMP: what may leave, when, and what happens when it cannot."""

    envoi_automatique: bool = True
    annonce_l_envoi: bool = True
    respecte_opposition: bool = True
    respecte_opposition_tardive: bool = True
    opposition_reversible: bool = True
    respecte_retenue: bool = True
    oublie_la_retenue: bool = True
    respecte_annulation: bool = True
    annulation_offerte: bool = True
    exige_identite_qualifiee: bool = True
    delai: timedelta = timedelta(minutes=10)
    demande_autorisation: bool = False
    nomme_l_utilisateur_psc: bool = True
    reprend_apres_panne: bool = True
    a_la_reprise: str = "identique"
    doublon_vaut_succes: bool = True
    retente_un_refus: bool = False
    sans_dmp_vaut_succes: bool = False
    renvoie_apres_succes: bool = False
    verifie_la_reponse: bool = True
    lit_le_multipart: bool = True
    attente_initiale: timedelta = timedelta(milliseconds=200)
    attente_maximale: timedelta = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class ReglesVaccin:
    """The note de vaccination: what is taken from the drug base and from the box."""

    lit_le_cis: bool = True
    lit_le_nom: bool = True
    lit_la_classe: bool = True
    garde_le_lot: bool = True


@dataclass(frozen=True, slots=True)
class ReglesReception:
    """Documents received: what is filed, and what the user is told."""

    refuse_l_illisible: bool = True
    verifie_l_identite: bool = True
    detecte_les_doublons: bool = True
    annonce_les_versions: bool = True
    accepte_l_exterieur: bool = True
    alerte: bool = True


@dataclass(frozen=True, slots=True)
class Regles:
    """All of them."""

    certificats: ReglesCertificats = ReglesCertificats()
    psc: ReglesPsc = ReglesPsc()
    ciba: ReglesCiba = ReglesCiba()
    edc: ReglesEdc = ReglesEdc()
    ins: ReglesIns = field(default_factory=ReglesIns)
    dossiers: ReglesDossiers = field(default_factory=ReglesDossiers)
    envoi: ReglesEnvoi = ReglesEnvoi()
    alimentation: ReglesAlimentation = field(default_factory=ReglesAlimentation)
    consultation: ReglesConsultation = field(default_factory=ReglesConsultation)
    vaccin: ReglesVaccin = ReglesVaccin()
    reception: ReglesReception = ReglesReception()
    sidoba: ReglesSidoba = field(default_factory=ReglesSidoba)
    mss: ReglesMss = field(default_factory=ReglesMss)
    reception_mss: ReglesReceptionMss = field(default_factory=ReglesReceptionMss)
    annuaire: ReglesAnnuaire = field(default_factory=ReglesAnnuaire)
    tableau: ReglesTableau = field(default_factory=ReglesTableau)
    sdo: ReglesSdo = field(default_factory=ReglesSdo)
    fichiers: ReglesFichiers = field(default_factory=ReglesFichiers)
    dossier: ReglesDossier = field(default_factory=ReglesDossier)
