"""The reference DUI's mail, part by part: archives opened with caution, names, dashboards, receipts, the server of names."""

from __future__ import annotations

import io
import socket
import struct
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from dui_conformance.core.gestures.messagerie import GESTES
from dui_conformance.fixtures.people import usager
from dui_conformance.fixtures.professionals import professionals
from dui_conformance.mocks.dui.alterations import Alterations
from dui_conformance.mocks.dui.comptes import Comptes, Utilisateur
from dui_conformance.mocks.dui.configuration import Logiciel
from dui_conformance.mocks.dui.documents.document import Document
from dui_conformance.mocks.dui.exemples import document, structure_de
from dui_conformance.mocks.dui.mss_archive import ArchiveRefusee, annonces, contaminee, fichiers
from dui_conformance.mocks.dui.mss_configuration import _srv
from dui_conformance.mocks.dui.mss_envois import Canal
from dui_conformance.mocks.dui.mss_lettre import nom_du_pdf, objet, sans_accents
from dui_conformance.mocks.dui.mss_operateurs import Boite, BoiteInconnue, Hote, Operateurs
from dui_conformance.mocks.dui.mss_xdm import Emetteur, archive, empaqueter
from dui_conformance.mocks.dui.regles_messagerie import ReglesTableau
from dui_conformance.mocks.dui.tableau import Fait, Tableau

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
USAGER = usager("accents", "dui-messagerie")


@pytest.fixture(scope="module")
def made() -> Document:
    return document("consultation", USAGER.as_dict(), professionals()["medecin-multi"], structure_de(None), graine=7)


def auteur() -> Utilisateur:
    """The doctor who writes."""
    return Comptes(structure_de(None)).local(professionals()["medecin-multi"])


def test_every_gesture_of_mail_has_a_phrase_with_its_arguments() -> None:
    for geste in GESTES:
        values = dict.fromkeys(geste.__slots__, "x")
        assert geste(**values).consigne()  # type: ignore[arg-type]


def test_archive_is_read_back_as_it_was_written(made: Document) -> None:
    emetteur = Emetteur(auteur(), structure_de(None), Logiciel("DUI", "1", "DUI", "1", "H", "I"))
    octets = archive([made], emetteur, NOW, Alterations(), remplace="2.25.1")
    contenu = fichiers(octets)
    assert list(contenu) == ["README.TXT", "INDEX.HTM", "IHE_XDM/SUBSET01/METADATA.XML", "IHE_XDM/SUBSET01/DOC0001.XML"]
    (annonce,) = annonces(contenu)
    assert (annonce.uri, annonce.intacte, annonce.obsolete) == ("DOC0001.XML", True, False)
    assert annonce.matricule == USAGER.ins
    assert b"RPLC" in contenu["IHE_XDM/SUBSET01/METADATA.XML"]
    with pytest.raises(ArchiveRefusee, match="manque"):
        annonces({k: v for k, v in contenu.items() if "DOC" not in k})
    with pytest.raises(ArchiveRefusee, match="métadonnées"):
        annonces({"README.TXT": b""})


@pytest.mark.parametrize(
    ("chemins", "why"),
    [
        ({"../dehors.txt": b"x"}, "dangereux"),
        ({"/dehors.txt": b"x"}, "dangereux"),
        ({"C:\\dehors.txt": b"x"}, "dangereux"),
        ({"gros.txt": b"\0" * 3_000_000}, "enfle"),
        ({f"{n}.txt": b"" for n in range(501)}, "enfle"),
    ],
)
def test_trapped_archive_is_not_opened(chemins: dict[str, bytes], why: str) -> None:
    with pytest.raises(ArchiveRefusee, match=why):
        fichiers(empaqueter(chemins, NOW))


@pytest.mark.parametrize("data", [b"", b"ceci n'est pas une archive", empaqueter({"a": b"b"}, NOW)[:-10]])
def test_broken_archive_is_told(data: bytes) -> None:
    with pytest.raises(ArchiveRefusee, match="illisible"):
        fichiers(data)


def test_symbolic_link_is_refused() -> None:
    tampon = io.BytesIO()
    with zipfile.ZipFile(tampon, "w") as zip_:
        info = zipfile.ZipInfo("lien")
        info.external_attr = 0o120777 << 16
        zip_.writestr(info, "/etc/passwd")
    with pytest.raises(ArchiveRefusee, match="dangereux"):
        fichiers(tampon.getvalue())


def test_virus_is_recognised() -> None:
    assert contaminee(b"avant " + "-".join(("EICAR-STANDARD", "ANTIVIRUS-TEST", "FILE")).encode())
    assert not contaminee(b"rien")


def test_names_are_without_accents(made: Document) -> None:
    root = made.racine
    assert objet([root]).startswith("XDM/1.0/DDM+CR ou fiche de consultation ou de visite ")
    assert objet([root, root]).startswith("XDM/1.0/DDM+2 documents ")
    assert objet([root]).isascii()
    assert nom_du_pdf(root).endswith(f"_{sans_accents(USAGER.nom_naissance).upper()}_{sans_accents(USAGER.prenom)}.pdf")


def facts() -> list[Fait]:
    done = Fait(NOW, "99700000002", Canal.DMP, "consultation", True, True)
    return [done, replace(done, canal=Canal.USAGER), replace(done, canal=Canal.PROFESSIONNEL, reussi=False, ins_qualifiee=False)]


def test_dashboard_counts_in_both_layouts() -> None:
    tableau = Tableau("990000028", facts(), ReglesTableau(), Alterations())
    lignes = tableau.par_envoi().decode("utf-8-sig").splitlines()
    assert len(lignes) == 4
    assert lignes[3].endswith(";MSSanté professionnel;consultation;échec;non")
    mois = tableau.par_mois(NOW).decode("utf-8-sig").splitlines()
    assert mois[0] == "Tableau de bord des envois;990000028"
    assert mois[1].split(";")[1] == "01/2025"
    assert mois[1].split(";")[-3:] == ["11/2026", "Total 2025", "Total 2026"]
    assert {row.split(";")[0]: row.split(";")[-1] for row in mois[2:]} == {
        "DMP : réussites": "1",
        "DMP : échecs": "0",
        "MSSanté professionnel : réussites": "0",
        "MSSanté professionnel : échecs": "1",
        "MSSanté usager : réussites": "1",
        "MSSanté usager : échecs": "0",
        "INS qualifiée": "2",
        "INS non qualifiée": "1",
    }


def test_boxes_are_those_of_the_user_or_of_his_structure() -> None:
    declared = {
        "smtp": {"hote": "h", "port": 1},
        "imap": {"hote": "h", "port": 2},
        "autoconfig": "https://h/",
        "dns": {"hote": "127.0.0.1", "port": 3},
        "taille_max": 10,
        "boites": [
            {
                "adresse": "a@x",
                "genre": "PER",
                "libelle": "A",
                "titulaire": professionals()["medecin-multi"].id_nat,
                "delegues": [],
            },
            {"adresse": "o@x", "genre": "ORG", "libelle": "O", "titulaire": "990000028", "delegues": []},
        ],
    }
    operateurs = Operateurs({"mss": {"operateurs": {"mss": declared}}}, structure_de(None))
    paul = auteur()
    assert operateurs.boite("mss", "personnelle", paul).adresse == "a@x"
    assert operateurs.boite("mss", "organisation", paul) == Boite("o@x", "ORG", "O", "mss", "990000028")
    operateurs.adopter("mss", Hote("autre", 25), Hote("autre", 143))
    assert str(operateurs.trouver("mss").smtp) == "autre:25"
    with pytest.raises(BoiteInconnue):
        operateurs.boite("mss", "applicative", paul)
    with pytest.raises(BoiteInconnue):
        operateurs.trouver("mss-b")


@contextmanager
def answering(tail: bytes, *, code: int = 0, records: int = 1) -> Iterator[Hote]:
    """A server of names that answers once: the question, then ``tail``."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))
    server.settimeout(5)

    def serve() -> None:
        data, address = server.recvfrom(512)
        head = data[:2] + bytes([0x84, code]) + struct.pack("!HHHH", 1, records, 0, 0)
        server.sendto(head + data[12:] + tail, address)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield Hote("127.0.0.1", server.getsockname()[1])
    finally:
        thread.join()
        server.close()


RECORD = b"\xc0\x0c" + struct.pack("!HHIH", 33, 1, 60, 16)
TARGET = struct.pack("!HHH", 0, 1, 2525) + b"\x09localhost\0"


def test_server_of_names_gives_a_host() -> None:
    with answering(RECORD + TARGET) as serveur:
        assert _srv("_submission._tcp.x", serveur) == Hote("localhost", 2525)


@pytest.mark.parametrize(
    ("tail", "code", "records"),
    [(b"", 3, 0), (b"", 0, 0), (RECORD, 0, 1), (RECORD + struct.pack("!HHH", 0, 1, 0) + b"\0", 0, 1)],
)
def test_server_of_names_without_answer(tail: bytes, code: int, records: int) -> None:
    with answering(tail, code=code, records=records) as serveur:
        assert _srv("_imap._tcp.x", serveur) is None
