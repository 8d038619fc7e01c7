"""Submission at the simulated operators: who may send, from where, to whom; what comes back; what is recorded."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default

import pytest
from dui_conformance.core.errors import HarnessError
from dui_conformance.core.people import Usager
from dui_conformance.fixtures.boites import adresse_patient
from dui_conformance.mocks.pki import Pki
from samples.mss import CAMILLE, DUI, EHPAD, PAUL, Play, b64, mail, playing, xoauth2

PATIENT = adresse_patient("279035121518989")
PAUL_B = PAUL.replace("@pro.", "@pro-b.")


@pytest.fixture
def play(pki: Pki) -> Iterator[Play]:
    with playing(pki) as found:
        yield found
        assert found.runtime.failures == []


def received(play: Play, adresse: str) -> list:  # type: ignore[type-arg]
    """The messages of a box, parsed."""
    chez = play.mss.reseau.boite(adresse)
    assert chez is not None
    store = play.mss.reseau.magasin
    return [message_from_bytes(store.lire(m.morceau), policy=default) for m in chez.reception.messages]


def admit(play: Play) -> None:
    """Open the citizen's box."""
    usager = Usager("u", "ESSAI", ("Jeanne",), "F", "1979-03-01", "51215", matricule_insi="2790351215189", cle_insi="89")
    play.mss.admit(usager)


class TestEnvoi:
    def test_message_is_delivered_and_recorded_byte_for_byte(self, play: Play) -> None:
        client = play.connecte()
        sent = mail().as_bytes().replace(b"\n", b"\r\n") + b".point\r\n"
        client.sendmail(CAMILLE, [PAUL], sent)
        seen = play.seen("mss.smtp.envoi")
        assert seen.order[:2] == ["received", "answered"]
        assert seen.request.body.read() == sent
        assert seen.reply.status == 250
        (letter,) = received(play, PAUL)
        assert letter["Return-Path"] == f"<{CAMILLE}>"
        assert letter["Received"].startswith("from ")
        assert letter.get_content().endswith(".point\r\n")
        client.quit()

    def test_facts_say_envelope_identity_and_tls(self, play: Play) -> None:
        client = play.connecte()
        options = ["RET=HDRS", "ENVID=AbC-1"]
        client.send_message(mail(), mail_options=options, rcpt_options=["NOTIFY=SUCCESS,FAILURE", f"ORCPT=rfc822;{PAUL}"])
        client.quit()
        facts = play.seen("mss.smtp.envoi").reply.facts
        assert facts["auth"]["mecanisme"] == "XOAUTH2"
        assert (facts["auth"]["identite"], facts["auth"]["jeton_etat"]) == ("899700000001", "valide")
        assert (facts["auth"]["trame"], facts["auth"]["genre"]) == ("exacte", "PER")
        assert facts["enveloppe"]["a"] == [PAUL]
        assert facts["dsn"]["envid"] == "AbC-1"
        assert facts["dsn"]["destinataires"][PAUL] == {"notify": "SUCCESS,FAILURE", "orcpt": f"rfc822;{PAUL}"}
        assert facts["tls"]["version"] == "TLSv1.2"

    def test_token_is_a_secret_to_mask(self, play: Play) -> None:
        client = play.connecte()
        client.send_message(mail())
        client.quit()
        seen = play.seen("mss.smtp.envoi")
        raw = seen.request.raw.read()
        secrets = play.mss.describe("mss-smtp", seen.request).secrets
        frame = next(s for s in secrets if s.encode() in raw)
        assert raw.startswith(b"ehlo ")
        assert frame

    def test_two_messages_of_one_connection_are_two_exchanges(self, play: Play) -> None:
        client = play.connecte()
        client.send_message(mail(sujet="un"))
        client.send_message(mail(sujet="deux"))
        client.quit()
        play.recorder.wait(lambda s: s.reply is not None and s.reply.facts.get("rang") == 2)
        assert [s.kind for s in play.recorder.seen] == ["mss.smtp.envoi", "mss.smtp.envoi"]

    def test_applicative_box_sends_with_its_certificate(self, play: Play) -> None:
        for mecanisme, trame in (("EXTERNAL", DUI), ("EXTERNAL", ""), ("PLAIN", f"\0{DUI}\0"), ("PLAIN", f"\0{DUI}\0x")):
            client = play.smtp(credential=play.pki.client("auth_cli"))
            assert client.docmd("AUTH", f"{mecanisme} {b64(trame) or '='}")[0] == 235
            client.sendmail(DUI, [EHPAD], mail(de=DUI).as_bytes())
            client.quit()
        assert len(received(play, EHPAD)) == 4

    def test_organisational_box_opens_to_its_delegates(self, play: Play) -> None:
        play.connecte(EHPAD, "medecin-multi").quit()
        with pytest.raises(smtplib.SMTPAuthenticationError):
            play.connecte(EHPAD, "infirmier-ssiad")


class TestRefus:
    def test_refused_token_gets_the_challenge_then_535_and_the_end(self, play: Play) -> None:
        client = play.smtp()
        client.putcmd("AUTH", f"XOAUTH2 {b64(xoauth2(CAMILLE, 'faux'))}")
        assert client.getreply() == (334, b64('{"status":"401","schemes":"bearer","scope":"mail"}').encode())
        client.send("\r\n")
        assert client.getreply()[0] == 535
        with pytest.raises(smtplib.SMTPServerDisconnected):
            client.noop()
        facts = play.seen("mss.smtp.session").reply.facts
        assert facts["authentifications"][0]["verdict"] == "jeton-refuse"
        assert facts["authentifications"][0]["jeton_etat"] == "inconnu"

    def test_second_operator_lets_the_client_try_again(self, play: Play) -> None:
        adresse = CAMILLE.replace("@pro.", "@pro-b.")
        client, jeton = play.smtp("mss-b"), play.jeton()
        client.putcmd("AUTH", f"XOAUTH2 {b64(xoauth2(adresse, 'faux'))}")
        client.getreply()
        client.send("\r\n")
        assert client.getreply()[0] == 535
        assert client.docmd("AUTH", f"XOAUTH2 {b64(xoauth2(adresse, jeton))}")[0] == 235
        client.quit()

    def test_expired_token_is_refused(self, play: Play) -> None:
        from datetime import timedelta

        client, jeton = play.smtp(), play.jeton()
        play.clock.advance(timedelta(minutes=3))
        client.putcmd("AUTH", f"XOAUTH2 {b64(xoauth2(CAMILLE, jeton))}")
        assert client.getreply()[0] == 334
        client.close()
        assert play.seen("mss.smtp.session").reply.facts["authentifications"][0]["jeton_etat"] == "expire"

    def test_authentication_in_clear_is_refused_and_seen(self, play: Play) -> None:
        client = smtplib.SMTP("localhost", play.runtime.port("mss-smtp"), timeout=10)
        client.ehlo()
        assert "auth" not in client.esmtp_features
        assert client.docmd("AUTH", f"XOAUTH2 {b64(xoauth2(CAMILLE, play.jeton()))}")[0] == 538
        client.quit()
        seen = play.seen("mss.smtp.session")
        assert seen.reply.facts["authentifications"][0]["verdict"] == "avant-tls"
        assert not seen.connection.established

    def test_nothing_is_sent_without_authentication(self, play: Play) -> None:
        client = play.smtp()
        assert client.mail(CAMILLE)[0] == 530
        client.quit()

    @pytest.mark.parametrize(
        ("adresse", "code"),
        [
            ("quelqu-un@exemple.fr", 550),
            ("inconnu@pro.formation.mssante.fr", 550),
            ("quelqu-un@autre.mssante.fr", 250),
            (PAUL_B, 250),
        ],
    )
    def test_recipients_belong_to_the_espace_de_confiance(self, play: Play, adresse: str, code: int) -> None:
        client = play.connecte()
        client.mail(CAMILLE)
        assert client.rcpt(adresse)[0] == code
        client.quit()
        refused = play.seen("mss.smtp.refus").reply.facts["enveloppe"]
        assert [r["adresse"] for r in refused["refuses"]] == ([adresse] if code == 550 else [])

    def test_sender_is_the_authenticated_box_or_nobody(self, play: Play) -> None:
        client = play.connecte()
        assert client.mail(PAUL)[0] == 553
        client.rset()
        assert client.mail("")[0] == 250
        client.quit()

    def test_size_announced_too_large_is_refused_at_once(self, play: Play) -> None:
        client = play.connecte()
        assert client.mail(CAMILLE, [f"SIZE={27_000_000}"])[0] == 552
        client.quit()

    def test_applicative_box_without_or_with_another_certificate(self, play: Play) -> None:
        client = play.smtp()
        assert client.docmd("AUTH", f"EXTERNAL {b64(DUI)}")[0] == 535
        other = play.smtp(credential=play.pki.client("auth_cli", "eg"))
        assert other.docmd("AUTH", f"EXTERNAL {b64(DUI)}")[0] == 535
        seen = play.recorder.wait(lambda s: s.reply and s.reply.facts.get("tls", {}).get("certificat_ou") == "1990000028")
        assert seen.reply.facts["authentifications"][0]["verdict"] == "certificat-autre-structure"
        client.close()
        other.close()


class TestNotifications:
    def test_success_is_told_when_asked(self, play: Play) -> None:
        client = play.connecte()
        client.send_message(mail(), mail_options=["RET=FULL", "ENVID=E1"], rcpt_options=["NOTIFY=SUCCESS"])
        client.quit()
        (dsn,) = received(play, CAMILLE)
        assert dsn.get_content_type() == "multipart/report"
        status = dsn.get_payload()[1].as_string()
        assert "Action: delivered" in status
        assert "Original-Envelope-Id: E1" in status
        assert dsn.get_payload()[2].get_content_type() == "message/rfc822"

    def test_unknown_box_of_the_other_operator_bounces(self, play: Play) -> None:
        client = play.connecte()
        client.sendmail(CAMILLE, ["inconnu@pro-b.formation.mssante.fr"], mail().as_bytes())
        client.quit()
        (dsn,) = received(play, CAMILLE)
        assert "Status: 5.1.1" in dsn.as_string()

    @pytest.mark.parametrize("options", [["NOTIFY=NEVER"], ["NOTIFY=SUCCESS"]])
    def test_failure_is_not_told_when_not_asked(self, play: Play, options: list[str]) -> None:
        client = play.connecte()
        client.sendmail(CAMILLE, ["inconnu@pro-b.formation.mssante.fr"], mail().as_bytes(), rcpt_options=options)
        client.quit()
        assert received(play, CAMILLE) == []

    def test_full_box_refuses_then_bounces(self, play: Play) -> None:
        play.ordre("boite-pleine", boite=PAUL)
        play.ordre("boite-pleine", boite=PAUL_B)
        client = play.connecte()
        client.mail(CAMILLE)
        assert client.rcpt(PAUL)[0] == 552
        client.rset()
        client.sendmail(CAMILLE, [PAUL_B], mail().as_bytes())
        client.quit()
        assert "Status: 5.2.2" in received(play, CAMILLE)[0].as_string()

    def test_citizen_receives_answers_or_bounces_in_plain_text(self, play: Play) -> None:
        admit(play)
        client = play.connecte()
        client.sendmail(CAMILLE, [PATIENT], mail(a=PATIENT).as_bytes())
        client.sendmail(CAMILLE, [adresse_patient("100000000000000")], mail().as_bytes())
        client.quit()
        play.ordre("repondre", boite=CAMILLE)
        bounce, answer = received(play, CAMILLE)
        assert (bounce.get_content_type(), answer["In-Reply-To"]) == ("text/plain", "<essai-1@pro.formation.mssante.fr>")
        assert answer["From"] == PATIENT
        assert answer["Subject"] == "Re: Essai"

    def test_answer_of_nobody_is_an_error_of_the_scenario(self, play: Play) -> None:
        with pytest.raises(HarnessError, match="aucun patient"):
            play.ordre("repondre", boite=CAMILLE)


class TestTls:
    def test_faulty_certificate_replaces_the_listener(self, play: Play) -> None:
        play.runtime.present("mss-smtp", "expire")
        client = smtplib.SMTP("localhost", play.runtime.port("mss-smtp"), timeout=10)
        with pytest.raises(ssl.SSLCertVerificationError):
            client.starttls(context=play.context())
        client.close()
        refusal = play.recorder.refusal()
        assert refusal.connection.server_certificate == "expire"
        assert refusal.connection.alert == "certificate_expired"
        play.runtime.present("mss-smtp", "bon")
        play.connecte().quit()

    @pytest.mark.parametrize(
        "suite",
        [
            "ECDHE-RSA-AES256-GCM-SHA384",
            "ECDHE-RSA-AES128-GCM-SHA256",
            "ECDHE-RSA-AES256-SHA384",
            "ECDHE-RSA-AES128-SHA256",
            "DHE-RSA-AES256-GCM-SHA384",
            "DHE-RSA-AES128-GCM-SHA256",
        ],
    )
    def test_each_of_the_six_suites_is_accepted(self, play: Play, suite: str) -> None:
        context = play.context()
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(suite)
        client = smtplib.SMTP("localhost", play.runtime.port("mss-smtp"), timeout=10)
        client.starttls(context=context)
        assert client.sock.cipher()[0] == suite
        client.quit()

    def test_any_other_suite_is_refused(self, play: Play) -> None:
        context = play.context()
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers("AES256-GCM-SHA384")
        client = smtplib.SMTP("localhost", play.runtime.port("mss-smtp"), timeout=10)
        with pytest.raises(ssl.SSLError):
            client.starttls(context=context)
        client.close()
        assert play.recorder.refusal().connection.error == "NO_SHARED_CIPHER"

    def test_revoked_client_certificate_ends_the_negotiation(self, play: Play) -> None:
        client = smtplib.SMTP("localhost", play.runtime.port("mss-smtp"), timeout=10)
        context = play.context(play.pki.client("auth_cli", "revoque"))
        with pytest.raises((OSError, smtplib.SMTPException)):
            client.starttls(context=context)
        client.close()
        assert play.recorder.refusal().connection.error == "CERTIFICATE_VERIFY_FAILED"

    def test_commands_sent_in_clear_before_tls_are_dropped(self, play: Play) -> None:
        with socket.create_connection(("localhost", play.runtime.port("mss-smtp")), timeout=10) as raw:
            raw.recv(1000)
            raw.sendall(b"EHLO x\r\n")
            said = b""
            while b"250 " not in said:
                said += raw.recv(1000)
            raw.sendall(b"STARTTLS\r\nMAIL FROM:<a@b.fr>\r\n")
            assert raw.recv(1000).startswith(b"220")
            with play.context().wrap_socket(raw, server_hostname="localhost") as secured:
                secured.sendall(b"NOOP\r\n")
                assert secured.recv(1000).startswith(b"250")
