"""The five drivers: the reference DUI behind each of them gives the same verdicts, per scenario and per check."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from dui_conformance.cli.services import make_services
from dui_conformance.core.gestures import GESTURES
from dui_conformance.core.settings import Settings
from e2e.campaigns import Verdicts, gestures, verdicts
from e2e.commands import Running, dui, free_ports
from e2e.dossier import write_dossier
from e2e.tester import ScriptedTester

TOKEN = "jeton-de-test"
OTHERS = ("python", "http", "commande", "manuel")
ONE_PER_GESTURE = (
    "psc_connexion.connexion_par_pro_sante_connect",
    "psc_refus.signature_fausse",
    "psc_session.rafraichissement_du_jeton_d_acces",
    "psc_session.deconnexion_explicite",
    "insi_recherche.recherche_par_traits",
    "insi_vitale.recherche_par_carte_vitale",
    "insi_recherche.recherche_d_une_personne_inconnue",
    "insi_statuts.provisoire_validee_qualifiee",
    "insi_statuts.identite_douteuse",
    "insi_verification.verification_refusee",
    "dmp_alimentation.note_de_vaccination_alimente_le_dmp",
    "dmp_consultation_ahi.aucune_consultation_au_secteur_ahi",
    "dmp_consultation_documents.document_integre",
    "dmp_consultation_etats.dmp_absent",
    "dmp_consultation_gestion.document_masque",
    "dmp_consultation_gestion.document_supprime",
    "dmp_consultation_parcours.autorisation_retiree",
    "dmp_consultation_parcours.liste_des_dmp_autorises",
    "dmp_consultation_parcours.ordre_des_appels",
    "dmp_consultation_urgence.retour_a_l_acces_normal",
    "dmp_opposition.opposition_bloque_le_depot",
    "dmp_panne.reponse_a_un_autre_message",
    "dmp_report.envoi_annule_pendant_le_delai",
    "documents_papier.identite_imprimee",
    "documents_reception.document_recu_est_range",
    "edc_echange.echange_puis_appel",
    "psc_traces.traces_des_connexions",
)
OTHER_SYSTEMS = (
    "annuaire_recherche.recherche_par_rpps",
    "biologie.prelevement_sans_ins_qualifiee",
    "dmp_choix.document_de_l_historique",
    "dmp_choix.refus_du_dmp_visible_et_compte",
    "dmp_remplacement.modification_pendant_le_delai",
    "fichiers_reporting.archive_d_un_dossier",
    "fichiers_reporting.perimetre_d_utilisation",
    "fichiers_reporting.tableau_des_places",
    "insi_ecran.recherche_d_anteriorite",
    "insi_statuts.traits_stricts_verrouilles",
    "insi_tiers.identite_recue_d_un_usager_connu",
    "insi_traces.traces_des_appels_et_des_acces",
    "insi_verification.verification_en_masse_en_cours",
    "mss_accuses.reponse_dans_le_fil",
    "mss_reception.nouvelle_version_recue",
    "mss_suivi.remise_et_lecture_affichees",
    "mss_traces.traces_des_envois",
    "mss_transport.boite_configuree_sans_saisie",
    "mss_usager.opposition_a_mon_espace_sante",
    "sidoba_panne.reponse_incomplete",
    "sidoba_rama.depot_par_l_api",
    "sidoba_setmin.lot_rejete_puis_corrige",
    "tableau_de_bord.une_ligne_par_envoi",
    "viatrajectoire_consentement.consentement_puis_evaluation",
    "viatrajectoire_reprise.service_indisponible",
    "viatrajectoire_statuts.contact_puis_liste_d_attente",
)
"""With those above, every gesture: mail, orientations, SIDOBA, extracted files."""
AGAIN = ("psc_session.session_de_quatre_heures", "dmp_report.envoi_differe")
EDITOR = '''
from dui_conformance.core.gestures import GESTURES
from dui_conformance.mocks.dui.dui import Dui


class MonDui:
    """An editor's class: dictionaries in, dictionaries out."""

    def __init__(self, services):
        self._dui = Dui(services)

    def avancer_horloge(self, secondes):
        self._dui.avancer_horloge(secondes)

    def close(self):
        self._dui.close()


def _geste(nom):
    return lambda self, **arguments: getattr(self._dui, nom)(**arguments).as_wire()


for nom in GESTURES:
    setattr(MonDui, nom, _geste(nom))
'''


def only(scenarios: tuple[str, ...]) -> list[str]:
    """The options that select these scenarios."""
    return [word for scenario in scenarios for word in ("--seulement", scenario)]


@dataclass
class Bench:
    """An editor's project: fixed ports, the DUI configured once, from the services.json of a first ``serve``."""

    folder: Path
    ports: dict[str, int]
    references: dict[tuple[str, ...], Path] = field(default_factory=dict)

    @classmethod
    def make(cls, folder: Path) -> Bench:
        services = make_services(Settings(), None).values()
        ports = free_ports(*(listener.nom for service in services for listener in service.listeners))
        fixed = "\n".join(f"{name} = {port}" for name, port in ports.items())
        (folder / "dui.toml").write_text(f"[services.ports]\n{fixed}\n", encoding="utf-8")
        (folder / "mon_pilote.py").write_text(EDITOR, encoding="utf-8")
        with Running(folder, "serve", "--sortie", "premier") as serving:
            serving.line("Répétition hors ligne")
            assert serving.interrupt() == 0, serving.out
        return cls(folder, ports)

    def daemon(self) -> Running:
        """The DUI as a process of its own."""
        return Running(self.folder, "temoin", "--services", "premier/services.json", "--jeton", TOKEN)

    def config(self, driver: str, url: str = "") -> str:
        """The dui.toml of a driver, beside the others."""
        command = [sys.executable, "-m", "dui_conformance", "temoin", "geste", "--url", url, "--jeton", TOKEN]
        chosen = {
            "python": 'cible = "mon_pilote:MonDui"',
            "http": f'cible = "{url}"\njeton = "{TOKEN}"',
            "commande": f'[pilote.commandes]\n"*" = {json.dumps(command)}\nhorloge = {json.dumps([*command, "horloge"])}',
            "manuel": '[pilote.options]\nhorloge = "oui"',
        }
        text = (self.folder / "dui.toml").read_text(encoding="utf-8")
        name = f"{driver}.toml"
        attested = f'[attestations]\nfichier = "{write_dossier(self.folder)}"\n'
        (self.folder / name).write_text(f'{text}\n{attested}[pilote]\nnom = "{driver}"\n{chosen[driver]}\n', encoding="utf-8")
        return name

    def temoin(self, scenarios: tuple[str, ...]) -> Path:
        """The campaign that the driver ``temoin`` gives, played once."""
        if scenarios not in self.references:
            folder = self.folder / f"temoin-{len(self.references)}"
            ended = dui(self.folder, "run", *only(scenarios), "--sortie", str(folder))
            assert ended.code == 0, ended.out
            self.references[scenarios] = folder
        return self.references[scenarios]

    def campaign(self, driver: str, scenarios: tuple[str, ...], daemon: Running | None, sortie: str) -> Verdicts:
        """What this driver gives."""
        url = json.loads(daemon.line('"url"'))["url"] if daemon is not None else ""
        arguments = ["run", "--config", self.config(driver, url), *only(scenarios), "--sortie", sortie]
        if driver != "manuel":
            ended = dui(self.folder, *arguments, timeout=1500)
            assert ended.code == 0, ended.out
            return verdicts(self.folder / sortie)
        dui(self.folder, "init", "--dossier", "modele")
        with Running(self.folder, *arguments) as terminal:
            usagers = self.folder / "modele" / "jeu-d-essai.csv"
            ScriptedTester(terminal, url, TOKEN, usagers, self.folder / sortie).work()
            assert terminal.ended() == 0, terminal.out
        return verdicts(self.folder / sortie)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench.make(tmp_path_factory.mktemp("editeur"))


@pytest.fixture
def daemon(bench: Bench, request: pytest.FixtureRequest) -> Iterator[Running | None]:
    if request.getfixturevalue("driver") == "python":
        yield None
        return
    with bench.daemon() as running:
        yield running


def test_the_chosen_scenarios_ask_for_every_gesture(bench: Bench) -> None:
    folders = (bench.temoin(ONE_PER_GESTURE), bench.temoin(OTHER_SYSTEMS))
    assert {verdict for folder in folders for verdict, _ in verdicts(folder).values()} == {"conforme"}
    assert set().union(*map(gestures, folders)) | {"creer_usager"} == set(GESTURES)


@pytest.mark.parametrize("driver", OTHERS)
def test_every_driver_gives_the_same_verdicts(bench: Bench, driver: str, daemon: Running | None) -> None:
    assert bench.campaign(driver, ONE_PER_GESTURE, daemon, driver) == verdicts(bench.temoin(ONE_PER_GESTURE))


@pytest.mark.parametrize("driver", ["http"])
def test_the_other_systems_give_the_same_verdicts(bench: Bench, driver: str, daemon: Running) -> None:
    assert bench.campaign(driver, OTHER_SYSTEMS, daemon, "autres") == verdicts(bench.temoin(OTHER_SYSTEMS))


@pytest.mark.parametrize("driver", ["http"])
def test_a_dui_configured_once_serves_campaign_after_campaign(bench: Bench, driver: str, daemon: Running) -> None:
    first = json.loads((bench.folder / "premier" / "services.json").read_text(encoding="utf-8"))
    for sortie in ("encore-1", "encore-2"):
        assert bench.campaign(driver, AGAIN, daemon, sortie) == verdicts(bench.temoin(AGAIN))
        assert json.loads((bench.folder / sortie / "services.json").read_text(encoding="utf-8")) == first
    assert first["ports"] == bench.ports


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("driver", OTHERS)
def test_every_driver_gives_the_same_verdicts_on_the_whole_campaign(bench: Bench, driver: str, daemon: Running | None) -> None:
    assert bench.campaign(driver, (), daemon, f"{driver}-entiere") == verdicts(bench.temoin(()))
