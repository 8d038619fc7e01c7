"""The boxes of the simulated operators, read by the IMAP client of the standard library and by exact bytes."""

from __future__ import annotations

import imaplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.message import EmailMessage

import pytest
from dui_conformance.mocks.pki import Pki
from samples.mss import CAMILLE, DUI, Play, b64, mail, playing, xoauth2


@pytest.fixture
def play(pki: Pki) -> Iterator[Play]:
    with playing(pki) as found:
        yield found
        assert found.runtime.failures == []


def put(play: Play, *messages: EmailMessage, boite: str = CAMILLE) -> None:
    for message in messages:
        play.ordre("deposer", boite=boite, de="labo@labo.formation.mssante.fr", hex=message.as_bytes().hex())


def composed() -> EmailMessage:
    """A mail with a text, an archive and a mail within."""
    message = mail(sujet="Été et « guillemets »")
    message.add_attachment(b"PK-essai", maintype="application", subtype="zip", filename="IHE_XDM.ZIP")
    message.add_attachment(mail(sujet="dedans"))
    return message


@contextmanager
def raw(play: Play, operateur: str = "mss") -> Iterator[ssl.SSLSocket]:
    """A TLS connection after STARTTLS, spoken by hand."""
    with socket.create_connection(("localhost", play.runtime.port(f"{operateur}-imap")), timeout=10) as clear:
        clear.recv(4096)
        clear.sendall(b"a STARTTLS\r\n")
        assert clear.recv(4096).startswith(b"a OK")
        with play.context().wrap_socket(clear, server_hostname="localhost") as secured:
            yield secured


def ask(sock: ssl.SSLSocket, command: bytes, until: bytes) -> bytes:
    """Send, and read until these bytes or the end."""
    sock.sendall(command)
    found = b""
    while until not in found:
        data = sock.recv(65536)
        if not data:
            break
        found += data
    return found


def authenticate(play: Play, sock: ssl.SSLSocket) -> None:
    frame = b64(xoauth2(CAMILLE, play.jeton())).encode()
    assert b"b OK" in ask(sock, b"b AUTHENTICATE XOAUTH2 " + frame + b"\r\n", b"b OK")


class TestLecture:
    def test_mail_is_found_read_and_marked(self, play: Play) -> None:
        put(play, mail(sujet="premier"), composed())
        client = play.imap()
        assert client.select() == ("OK", [b"2"])
        assert client.search(None, "UNSEEN") == ("OK", [b"1 2"])
        assert client.search(None, "SUBJECT", "premier")[1] == [b"1"]
        client.literal = "Été".encode()  # type: ignore[attr-defined]
        assert client.search("UTF-8", "SUBJECT")[1] == [b"2"]
        whole = client.fetch("2", "(RFC822)")[1][0][1]
        assert whole == b"Return-Path: <labo@labo.formation.mssante.fr>\r\n" + composed_bytes(play)
        assert client.search(None, "UNSEEN")[1] == [b"1"]
        assert b"$MDNSent" in client.store("1", "+FLAGS", "(\\Seen $MDNSent)")[1][0]
        client.logout()

    def test_session_tells_what_was_read_and_changed(self, play: Play) -> None:
        put(play, mail())
        client = play.imap()
        client.select()
        client.fetch("1", "(BODY.PEEK[HEADER])")
        client.uid("FETCH", "1", "(BODY[])")
        client.uid("STORE", "1", "+FLAGS", "(\\Deleted)")
        client.expunge()
        client.logout()
        seen = play.seen("mss.imap.session")
        facts = seen.reply.facts
        assert facts["auth"]["boite"] == CAMILLE
        assert facts["lus"] == [{"dossier": "INBOX", "uid": 1, "message_id": "<essai-1@pro.formation.mssante.fr>"}]
        assert facts["supprimes"][0]["uid"] == 1
        assert facts["commandes"][-4:] == ["UID FETCH", "UID STORE", "EXPUNGE", "LOGOUT"]
        assert facts["fin"] == "logout"
        assert b"UID FETCH 1 (BODY[])" in seen.request.body.read()

    def test_structure_sections_and_parts_of_them(self, play: Play) -> None:
        put(play, composed())
        client = play.imap()
        client.select(readonly=True)
        structure = client.fetch("1", "(BODYSTRUCTURE)")[1][0]
        assert b'"application" "zip" ("name" "IHE_XDM.ZIP")' in structure or b'("filename" "IHE_XDM.ZIP")' in structure
        assert b'"message" "rfc822"' in structure
        sections = client.fetch("1", "(BODY.PEEK[2] BODY.PEEK[3.HEADER] BODY.PEEK[1]<0.7> BODY.PEEK[9])")[1]
        assert sections[0][1].strip() == b"UEstZXNzYWk="
        assert b"Subject: dedans" in sections[1][1]
        assert sections[2][1] == b"Bonjour"
        assert b"BODY[9] NIL" in sections[3]
        client.logout()

    def test_uid_forms_and_sets(self, play: Play) -> None:
        put(play, *(mail(sujet=f"n{i}") for i in range(5)))
        client = play.imap()
        client.select()
        client.store("2,4", "+FLAGS.SILENT", "\\Deleted")
        assert client.expunge()[1] == [b"2", b"3"]
        assert client.uid("SEARCH", "ALL")[1] == [b"1 3 5"]
        assert client.uid("FETCH", "3:*", "(FLAGS)")[1][0].startswith(b"2 (UID 3 ")
        assert client.uid("COPY", "1,5", "Trash")[0] == "OK"
        assert client.select("Trash")[1] == [b"2"]
        client.logout()

    def test_search_criteria(self, play: Play) -> None:
        put(play, mail(sujet="alpha"), mail(sujet="beta"), composed())
        client = play.imap()
        client.select()
        for criteria, expected in (
            (("OR", "SUBJECT", "alpha", "SUBJECT", "beta"), b"1 2"),
            (("NOT", "SUBJECT", "alpha"), b"2 3"),
            (("LARGER", "600"), b"3"),
            (("BODY", "accentu"), b"1 2 3"),
            (("FROM", "camille", "SINCE", "1-Jan-2020"), b"1 2 3"),
            (("(1:2 UNSEEN)",), b"1 2"),
            (("HEADER", "Message-ID", "essai-1"), b"1 2 3"),
            (("BEFORE", "1-Jan-2020"), b""),
        ):
            assert client.search(None, *criteria)[1] == [expected], criteria
        client.logout()

    def test_deposit_is_an_exchange(self, play: Play) -> None:
        client = play.imap()
        sent = mail().as_bytes().replace(b"\n", b"\r\n")
        assert client.append("Sent", "(\\Seen)", None, sent)[0] == "OK"
        assert client.append("Absent", None, None, sent)[1][0].startswith(b"[TRYCREATE]")
        client.logout()
        seen = play.seen("mss.imap.depot")
        assert seen.request.body.read() == sent
        assert seen.reply.facts["dossier"] == "Sent"

    def test_folders(self, play: Play) -> None:
        client = play.imap()
        assert client.create("Patients/2026")[0] == "OK"
        assert client.create("Patients/2026")[0] == "NO"
        assert client.rename("Patients/2026", "Classes")[0] == "OK"
        assert [row.split()[-1] for row in client.list(pattern="C*")[1]] == [b'"Classes"']
        assert client.status("INBOX", "(MESSAGES UNSEEN)")[1] == [b'"INBOX" (MESSAGES 0 UNSEEN 0)']
        assert client.delete("Classes")[0] == "OK"
        assert client.delete("INBOX")[0] == "NO"
        client.logout()

    def test_idle_tells_what_arrives(self, play: Play) -> None:
        with raw(play) as sock:
            authenticate(play, sock)
            ask(sock, b"c SELECT INBOX\r\n", b"c OK")
            assert ask(sock, b"d IDLE\r\n", b"+ ").startswith(b"+ ")
            put(play, mail())
            assert b"* 1 EXISTS" in ask(sock, b"", b"EXISTS")
            assert b"d OK" in ask(sock, b"DONE\r\n", b"d OK")
        first = play.seen("mss.imap.session").reply.facts
        assert (first["fin"], first["idle"]) == ("idle", 1)

    def test_two_sessions_see_the_same_box(self, play: Play) -> None:
        put(play, mail(), mail())
        one, two = play.imap(), play.imap()
        one.select()
        two.select()
        one.store("1", "+FLAGS", "\\Deleted")
        one.expunge()
        two.noop()
        assert two.response("EXPUNGE")[1] == [b"1"]
        assert two.fetch("1", "(UID)")[1] == [b"1 (UID 2)"]
        for client in (one, two):
            client.logout()


def composed_bytes(play: Play) -> bytes:
    """What was put, as the store keeps it (boundaries are drawn anew each time a mail is composed)."""
    chez = play.mss.reseau.boite(CAMILLE)
    assert chez is not None
    kept = play.mss.reseau.magasin.lire(chez.reception.messages[1].morceau)
    return kept.partition(b"\r\n")[2]


class TestConnexion:
    def test_second_operator_also_listens_with_tls_at_once(self, play: Play) -> None:
        adresse = CAMILLE.replace("@pro.", "@pro-b.")
        client = imaplib.IMAP4_SSL("localhost", play.runtime.port("mss-b-imaps"), ssl_context=play.context(), timeout=10)
        jeton = play.jeton()
        client.authenticate("XOAUTH2", lambda _: xoauth2(adresse, jeton).encode())
        assert client.select()[0] == "OK"
        client.logout()
        assert play.seen("mss.imap.session").connection.version == "TLSv1.3"

    @pytest.mark.parametrize(("mecanisme", "trame"), [("EXTERNAL", ""), ("EXTERNAL", DUI), ("PLAIN", f"\0{DUI}\0")])
    def test_applicative_box_opens_with_its_certificate(self, play: Play, mecanisme: str, trame: str) -> None:
        client = imaplib.IMAP4("localhost", play.runtime.port("mss-imap"), timeout=10)
        client.starttls(play.context(play.pki.client("auth_cli")))
        assert client.authenticate(mecanisme, lambda _: trame.encode())[0] == "OK"
        client.logout()
        assert play.seen("mss.imap.session").reply.facts["auth"]["certificat_ou"] == "1990000010"

    def test_refused_token_gets_its_challenge(self, play: Play) -> None:
        with raw(play) as sock:
            frame = b64(xoauth2(CAMILLE, "faux")).encode()
            said = ask(sock, b"b AUTHENTICATE XOAUTH2 " + frame + b"\r\n", b"\r\n")
            assert said == b"+ " + b64('{"status":"401","schemes":"bearer","scope":"mail"}').encode() + b"\r\n"
            assert b"b NO [AUTHENTICATIONFAILED]" in ask(sock, b"\r\n", b"b NO")
        facts = play.seen("mss.imap.session").reply.facts
        assert (facts["fin"], facts["authentifications"][0]["verdict"]) == ("refus", "jeton-refuse")

    def test_login_in_clear_is_refused(self, play: Play) -> None:
        client = imaplib.IMAP4("localhost", play.runtime.port("mss-imap"), timeout=10)
        assert "LOGINDISABLED" in client.capabilities
        with pytest.raises(imaplib.IMAP4.error, match="LOGIN interdit"):
            client.login("x", "y")
        client.logout()

    def test_session_ends_with_its_token_on_order(self, play: Play) -> None:
        play.ordre("expirer")
        client = play.imap()
        client.select()
        play.clock.advance(timedelta(minutes=3))
        with pytest.raises(imaplib.IMAP4.abort, match=r"BYE|EOF|jeton"):
            client.noop()
        client.shutdown()
        play.recorder.wait(lambda s: s.reply is not None and s.reply.facts.get("fin") == "jeton-expire")

    def test_sessions_are_ended_on_order(self, play: Play) -> None:
        client = play.imap()
        client.select()
        play.ordre("fermer-imap")
        assert play.seen("mss.imap.session").reply.facts["fin"] == "bye"
        client.shutdown()

    def test_faulty_certificate_is_presented_to_readers_too(self, play: Play) -> None:
        play.runtime.present("mss-imap", "mauvais-hote")
        client = imaplib.IMAP4("localhost", play.runtime.port("mss-imap"), timeout=10)
        with pytest.raises(ssl.SSLCertVerificationError):
            client.starttls(play.context())
        assert play.recorder.refusal().connection.server_certificate == "mauvais-hote"


class TestAbus:
    @pytest.mark.parametrize(
        "command",
        [
            b"x",
            b"x \x00\xff",
            b"x LIST (((((((((((((((((((((((",
            b"x SELECT " + b"(" * 40,
            b'x LIST "" "non fini',
            b"x NOSUCH a b",
            b"x FETCH 1 ALL",
            b"x AUTHENTICATE XOAUTH2 =====",
            b"x AUTHENTICATE",
            b")",
        ],
    )
    def test_what_is_not_a_command_is_refused_and_the_session_goes_on(self, play: Play, command: bytes) -> None:
        with raw(play) as sock:
            assert b"BAD" in ask(sock, command + b"\r\n", b"BAD")
            assert b"z OK" in ask(sock, b"z NOOP\r\n", b"z OK")

    def test_literal_announced_too_large_is_refused(self, play: Play) -> None:
        with raw(play) as sock:
            assert b"[TOOBIG]" in ask(sock, b"x SELECT {999999999}\r\n", b"\r\n")
            assert b"z OK" in ask(sock, b"z NOOP\r\n", b"z OK")
            assert b"[TOOBIG]" in ask(sock, b"x SELECT {999999999+}\r\n", b"\r\n")
            assert sock.recv(100) == b""

    def test_endless_line_ends_the_session(self, play: Play) -> None:
        with raw(play) as sock:
            assert b"BYE ligne trop longue" in ask(sock, b"x" * 200_000, b"BYE ligne trop longue")

    def test_too_many_errors_end_the_session(self, play: Play) -> None:
        with raw(play) as sock:
            assert b"BYE trop d'erreurs" in ask(sock, b"x NOSUCH\r\n" * 60, b"BYE trop d'erreurs")

    def test_large_deposit_goes_to_a_file_then_away(self, play: Play) -> None:
        client = play.imap()
        sent = b"Subject: gros\r\n\r\n" + b"x" * 998 + b"\r\n" + b"y" * 3_000_000
        assert client.append("Drafts", None, None, sent)[0] == "OK"
        client.select("Drafts")
        assert client.fetch("1", "(BODY.PEEK[])")[1][0][1] == sent
        client.logout()
        path = play.seen("mss.imap.depot").request.body.path
        assert path is not None
        assert not path.exists()
