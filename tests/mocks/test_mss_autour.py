"""Around the mail: autoconfiguration, name server, armed faults, orders, settings."""

from __future__ import annotations

import imaplib
import io
import smtplib
import socket
import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests
from dui_conformance.core.errors import HarnessError, InputError, RealDataError
from dui_conformance.core.exchange import Body, Connection, Request
from dui_conformance.core.real_data import guard
from dui_conformance.core.settings import Mssante, Settings
from dui_conformance.fixtures.boites import boites
from dui_conformance.mocks.mss.adresses import messagerie
from dui_conformance.mocks.mss.faults import EFFETS, PANNES
from dui_conformance.mocks.mss.messages import lisible, message_keys
from dui_conformance.mocks.mss.profils import PROFILS
from dui_conformance.mocks.mss.state import declarees
from dui_conformance.mocks.pki import Pki
from lxml import etree
from samples.mss import CAMILLE, PAUL, Play, mail, playing


@pytest.fixture
def play(pki: Pki) -> Iterator[Play]:
    with playing(pki) as found:
        yield found
        assert found.runtime.failures == []


@contextmanager
def armed(play: Play, nom: str, operateur: str = "mss") -> Iterator[None]:
    play.services[operateur].arm(nom, times=None)
    yield
    play.services[operateur].disarm(nom)


def question(nom: str, type: int = 33) -> bytes:
    labels = b"".join(bytes([len(part)]) + part.encode() for part in nom.split(".")) + b"\0"
    return b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00" + labels + struct.pack("!HH", type, 1)


def resolve(play: Play, message: bytes, listener: str = "mss-dns") -> bytes:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(10)
        sock.sendto(message, ("127.0.0.1", play.runtime.port(listener)))
        return sock.recv(4096)


class TestAutoconfiguration:
    def get(self, play: Play, query: str = "", **headers: str) -> requests.Response:
        session = requests.Session()
        session.trust_env = False
        url = play.runtime.url("mss-autoconfig") + "/mail/config-v1.1.xml" + query
        return session.get(url, verify=str(play.pki.ac), headers=headers)

    def test_servers_are_those_that_listen(self, play: Play) -> None:
        answer = self.get(play, f"?emailaddress={CAMILLE}")
        root = etree.fromstring(answer.content)
        found = {s.get("type"): (s.findtext("hostname"), s.findtext("port"), s.findtext("socketType")) for s in root[0][2:]}
        assert found == {
            "imap": ("localhost", str(play.runtime.port("mss-imap")), "STARTTLS"),
            "smtp": ("localhost", str(play.runtime.port("mss-smtp")), "STARTTLS"),
        }
        assert play.seen("mss.autoconfig").reply.facts["domaine"] == "pro.formation.mssante.fr"

    def test_host_says_the_domain(self, play: Play) -> None:
        answer = self.get(play, Host="autoconfig.tilleuls.formation.mssante.fr")
        assert b'id="tilleuls.formation.mssante.fr"' in answer.content

    def test_domain_of_another_operator_is_unknown(self, play: Play) -> None:
        assert self.get(play, "?emailaddress=x@pro-b.formation.mssante.fr").status_code == 404

    def test_other_page_is_an_unknown_call(self, play: Play) -> None:
        requests.get(play.runtime.url("mss-autoconfig") + "/autre", verify=str(play.pki.ac), timeout=10)
        assert play.seen("mss.inconnu").reply.status == 404


class TestNoms:
    def test_srv_names_host_and_port(self, play: Play) -> None:
        answer = resolve(play, question("_submission._tcp.pro.formation.mssante.fr"))
        assert answer[:2] == b"\x12\x34"
        assert struct.unpack("!HH", answer[2:4] + answer[6:8]) == (0x8500, 1)
        assert struct.pack("!HHH", 0, 1, play.runtime.port("mss-smtp")) + b"\x09localhost\0" in answer
        seen = play.seen("mss.dns")
        assert seen.reply.facts["nom"] == "_submission._tcp.pro.formation.mssante.fr"
        assert not seen.connection.exercised

    def test_service_not_offered_has_the_root_as_target(self, play: Play) -> None:
        answer = resolve(play, question("_imaps._tcp.pro.formation.mssante.fr"))
        assert answer.endswith(struct.pack("!HHH", 0, 1, 0) + b"\0")

    @pytest.mark.parametrize(
        ("nom", "type", "code", "count"),
        [
            ("_imap._tcp.pro-b.formation.mssante.fr", 33, 3, 0),
            ("localhost", 1, 0, 1),
            ("localhost", 28, 0, 0),
            ("exemple.fr", 1, 3, 0),
        ],
    )
    def test_other_names(self, play: Play, nom: str, type: int, code: int, count: int) -> None:
        answer = resolve(play, question(nom, type))
        assert (answer[3] & 0xF, answer[7]) == (code, count)

    def test_same_over_tcp(self, play: Play) -> None:
        message = question("_imap._tcp.pro.formation.mssante.fr")
        with socket.create_connection(("127.0.0.1", play.runtime.port("mss-dns")), timeout=10) as sock:
            sock.sendall(struct.pack("!H", len(message)) + message)
            assert struct.pack("!H", play.runtime.port("mss-imap")) in sock.recv(4096)

    @pytest.mark.parametrize("data", [b"", b"x", b"\0" * 12, b"\x12\x34" + b"\xff" * 40, question("a" * 63 + ".fr")[:-3]])
    def test_malformed_query_gets_a_format_error(self, play: Play, data: bytes) -> None:
        if not data:
            resolve(play, b"x")
            return
        assert resolve(play, data)[3] & 0xF in (1, 3)

    def test_name_server_may_fail(self, play: Play) -> None:
        for panne, code in (("dns-inconnu", 3), ("dns-echec", 2)):
            with armed(play, panne):
                assert resolve(play, question("_imap._tcp.pro.formation.mssante.fr"))[3] & 0xF == code


SMTP_FINAL = {
    "indisponible": 421,
    "erreur-interne": 451,
    "message-differe": 451,
    "stockage-plein": 452,
    "message-trop-gros": 552,
    "message-refuse": 554,
    "message-virus": 554,
}
SMTP_STEPS = {
    "expediteur-refuse": 553,
    "expediteur-differe": 451,
    "destinataire-inconnu": 550,
    "destinataire-differe": 450,
    "destinataire-plein": 552,
}


class TestPannes:
    @pytest.mark.parametrize(("panne", "code"), SMTP_FINAL.items())
    def test_message_is_refused_at_its_end(self, play: Play, panne: str, code: int) -> None:
        client = play.connecte()
        with armed(play, panne), pytest.raises(smtplib.SMTPDataError) as refused:
            client.send_message(mail())
        client.close()
        assert refused.value.smtp_code == code
        seen = play.seen("mss.smtp.envoi")
        assert (seen.reply.status, seen.reply.facts["panne"]) == (code, panne)
        chez = play.mss.reseau.boite(PAUL)
        assert chez is not None
        assert chez.reception.messages == []

    @pytest.mark.parametrize(("panne", "code"), SMTP_STEPS.items())
    def test_envelope_is_refused(self, play: Play, panne: str, code: int) -> None:
        client = play.connecte()
        play.mss.arm(panne, times=1)
        replies = [client.mail(CAMILLE)[0], client.rcpt(PAUL)[0]]
        assert code in replies
        client.rset()
        client.send_message(mail())
        client.quit()
        assert panne in play.recorder.wait(lambda s: s.reply and s.reply.facts.get("pannes")).reply.facts["pannes"]

    @pytest.mark.parametrize(("panne", "code"), [("jeton-refuse", 535), ("authentification-indisponible", 454)])
    def test_authentication_is_refused(self, play: Play, panne: str, code: int) -> None:
        play.mss.arm(panne, times=1)
        with pytest.raises(smtplib.SMTPAuthenticationError) as refused:
            play.connecte()
        assert refused.value.smtp_code == code
        assert play.seen("mss.smtp.session").reply.facts["authentifications"][0]["verdict"] == "panne"
        play.connecte().quit()

    @pytest.mark.parametrize(("panne", "code"), [("accueil-refuse", 554), ("accueil-421", 421)])
    def test_greeting_is_a_refusal(self, play: Play, panne: str, code: int) -> None:
        with armed(play, panne), pytest.raises(smtplib.SMTPConnectError) as refused:
            smtplib.SMTP("localhost", play.runtime.port("mss-smtp"), timeout=10)
        assert refused.value.smtp_code == code

    def test_no_greeting_at_all(self, play: Play) -> None:
        with armed(play, "accueil-muet"), pytest.raises((TimeoutError, smtplib.SMTPServerDisconnected)):
            smtplib.SMTP("localhost", play.runtime.port("mss-smtp"), timeout=0.3)

    def test_starttls_is_stripped_or_refused(self, play: Play) -> None:
        with armed(play, "starttls-absent"):
            client = smtplib.SMTP("localhost", play.runtime.port("mss-smtp"), timeout=10)
            client.ehlo()
            assert not client.has_extn("starttls")
            assert client.docmd("STARTTLS")[0] == 502
            client.quit()
            reader = imaplib.IMAP4("localhost", play.runtime.port("mss-imap"), timeout=10)
            assert "STARTTLS" not in reader.capabilities
            reader.logout()
        with armed(play, "starttls-refuse"):
            client = smtplib.SMTP("localhost", play.runtime.port("mss-smtp"), timeout=10)
            with pytest.raises(smtplib.SMTPResponseException, match="454"):
                client.starttls(context=play.context())
            client.quit()

    def test_connection_breaks_within_the_message(self, play: Play) -> None:
        client = play.connecte()
        long = mail()
        long.set_content("ligne\n" * 5000)
        with armed(play, "coupure-data"), pytest.raises((smtplib.SMTPServerDisconnected, OSError)):
            client.send_message(long)
        client.close()
        assert play.seen("mss.smtp.envoi").reply.status == 451

    @pytest.mark.parametrize("panne", ["coupure", "reset", "reponse-perdue"])
    def test_reply_never_comes(self, play: Play, panne: str) -> None:
        client = play.connecte()
        with armed(play, panne), pytest.raises((smtplib.SMTPServerDisconnected, OSError)):
            client.send_message(mail())
        client.close()
        chez = play.mss.reseau.boite(PAUL)
        assert chez is not None
        assert len(chez.reception.messages) == (panne == "reponse-perdue")

    @pytest.mark.parametrize(
        ("panne", "command"),
        [
            ("imap-no-select", lambda c: c.select("Sent")),
            ("imap-no-fetch", lambda c: c.fetch("1", "(BODY[])")),
            ("imap-no-append", lambda c: c.append("Sent", None, None, b"Subject: x\r\n\r\nx")),
        ],
    )
    def test_command_of_imap_is_refused(self, play: Play, panne: str, command) -> None:  # type: ignore[no-untyped-def]
        play.ordre("remplir", boite=CAMILLE, nombre=1)
        client = play.imap()
        client.select()
        with armed(play, panne):
            assert command(client)[0] == "NO"
        client.logout()
        assert panne in play.recorder.wait(lambda s: s.reply and s.reply.facts.get("pannes")).reply.facts["pannes"]

    @pytest.mark.parametrize("panne", ["imap-bye-session", "imap-coupure-fetch"])
    def test_session_of_imap_is_ended(self, play: Play, panne: str) -> None:
        play.ordre("remplir", boite=CAMILLE, nombre=1)
        client = play.imap()
        client.select()
        with armed(play, panne), pytest.raises((imaplib.IMAP4.abort, OSError)):
            client.fetch("1", "(BODY[])")
        client.shutdown()
        assert play.seen("mss.imap.session").reply.facts["fin"] == "panne"

    def test_reader_is_turned_away(self, play: Play) -> None:
        with armed(play, "imap-bye"), pytest.raises(imaplib.IMAP4.error):
            imaplib.IMAP4("localhost", play.runtime.port("mss-imap"), timeout=10)

    def test_a_fault_of_one_operator_spares_the_other(self, play: Play) -> None:
        with armed(play, "message-refuse"):
            client = play.connecte(CAMILLE.replace("@pro.", "@pro-b."), operateur="mss-b")
            client.send_message(mail(de=CAMILLE.replace("@pro.", "@pro-b.")))
            client.quit()

    def test_every_fault_has_a_sentence_and_steps_exist(self) -> None:
        assert len(PANNES) >= 30
        assert all(p.description.endswith(".") for p in PANNES)
        assert set(EFFETS) <= {p.nom for p in PANNES}


class TestReglages:
    def test_boxes_declared_in_the_settings(self) -> None:
        lines = ("PER a@x.mssante.fr 899", "ORG b@x.mssante.fr 990 899 898", "APP c@x.mssante.fr 990")
        found = declarees(lines, "mss-b", "1990000010")
        assert [(b.genre, b.operateur) for b in found] == [("PER", "mss-b"), ("ORG", "mss-b"), ("APP", "mss-b")]
        assert found[1].delegues == ("899", "898")
        assert found[2].certificat == "1990000010"

    @pytest.mark.parametrize(("line", "operateur"), [("PER sans-adresse 1", "mss"), ("CAB a@b 1", "mss"), ("", "mss"), ("", "x")])
    def test_a_wrong_line_is_explained(self, line: str, operateur: str) -> None:
        with pytest.raises(InputError, match="mssante"):
            declarees((line,), operateur, "")

    def test_services_file_tells_where_each_operator_is(self, play: Play) -> None:
        told = messagerie(Settings(mssante=Mssante(operateur="mss-b")), play.runtime)
        assert told["operateur"] == "mss-b"
        one = told["operateurs"]["mss"]
        assert one["smtp"] == {"hote": "localhost", "port": play.runtime.port("mss-smtp")}
        assert "imaps" not in one
        assert "imaps" in told["operateurs"]["mss-b"]
        assert {b["genre"] for b in one["boites"]} == {"PER", "ORG", "APP"}

    def test_addresses_are_told_apart_between_operators(self) -> None:
        assert not set(PROFILS["mss"].domaines) & set(PROFILS["mss-b"].domaines)
        assert all(b.domaine in PROFILS[b.operateur].domaines for b in boites().values())

    @pytest.mark.parametrize("arguments", [{}, {"boite": "inconnue@x"}, {"boite": CAMILLE}])
    def test_wrong_orders_are_errors_of_the_scenario(self, play: Play, arguments: dict[str, str]) -> None:
        with pytest.raises(HarnessError):
            play.mss.command("deposer", arguments)
        with pytest.raises(HarnessError, match="ne connaît pas l'ordre"):
            play.mss.command("danser", {})

    def test_orders_on_boxes(self, play: Play) -> None:
        reseau = play.mss.reseau
        play.ordre("remplir", boite=CAMILLE, nombre=3)
        play.ordre("vider", boite=CAMILLE)
        chez = reseau.boite(CAMILLE)
        assert chez is not None
        assert (chez.octets, chez.reception.messages, chez.reception.uidnext) == (0, [], 4)
        play.ordre("inconnue", adresse=CAMILLE)
        assert reseau.boite(CAMILLE) is None
        play.ordre("inconnue", adresse=CAMILLE, oui=False)
        assert reseau.boite(CAMILLE) is not None


class TestReelles:
    def test_real_matricule_hidden_in_an_archive_is_found_before_anything_is_stored(self) -> None:
        sent = mail()
        sent.add_attachment(archive("<id root='1.2.250.1.213.1.4.8' extension='185017512345678'/>"), **ZIP)
        request = Request("SMTP", "/envoi", (), Body(sent.as_bytes()), Connection())
        lisible(request)
        with pytest.raises(RealDataError, match="identifiant CDA"):
            guard(lambda matricule: False)(request)

    def test_patient_and_document_are_read_in_the_archive(self) -> None:
        metadata = (
            "<x>179035121518989^^^&amp;1.2.250.1.213.1.4.10&amp;ISO^NH</x><v>PID-5|ESSAI^Jeanne</v><v>PID-7|19790301</v>"
            '<v>PID-8|F</v><e identificationScheme="urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab" value="1.2.3"/>'
        )
        sent = mail()
        sent.add_attachment(archive(metadata), **ZIP)
        found = {(key.espace, key.valeur) for key in message_keys(Body(sent.as_bytes()))}
        assert {("ins", "1790351215189"), ("uid", "1.2.3"), ("traits", "ESSAI|19790301|F")} <= found
        assert ("uid", "<essai-1@pro.formation.mssante.fr>") in found


ZIP = {"maintype": "application", "subtype": "zip", "filename": "IHE_XDM.ZIP"}


def archive(metadata: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        file.writestr("IHE_XDM/SUBSET01/METADATA.XML", metadata)
    return made.getvalue()
