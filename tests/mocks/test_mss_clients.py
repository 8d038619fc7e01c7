"""Real mail programs send and fetch through the simulated operators over TLS, with tokens of the simulated Pro Santé Connect.

What they sent is read back by another MIME library than Python's: Perl's MIME-tools.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from email.message import EmailMessage
from pathlib import Path

import pytest
from dui_conformance.mocks.pki import Pki
from samples.mss import CAMILLE, DUI, EHPAD, PAUL, Play, mail, playing

pytestmark = pytest.mark.client_etranger

PACKAGES = {"msmtp": "msmtp", "mbsync": "isync", "curl": "curl", "mutt": "mutt", "perl": "libmime-tools-perl"}
READER = """
use MIME::Parser; use Digest::SHA qw(sha1_hex);
my $parser = MIME::Parser->new; $parser->output_to_core(1); $parser->decode_headers(0);
my $entity = $parser->parse(\\*STDIN);
sub walk { my ($e, $d) = @_; my $b = $e->bodyhandle;
  printf "%d %s %s %s\\n", $d, $e->mime_type, $e->head->recommended_filename // '-', $b ? sha1_hex($b->as_string) : '-';
  walk($_, $d + 1) for $e->parts; }
my $s = $entity->head->get('Subject'); chomp $s; print "$s\\n"; walk($entity, 0);
"""


@pytest.fixture
def play(pki: Pki) -> Iterator[Play]:
    with playing(pki) as found:
        yield found
        assert found.runtime.failures == []


def run(command: Sequence[str], *, data: bytes = b"", env: dict[str, str] | None = None, code: int = 0) -> bytes:
    """Run a program, skipped when it is not there."""
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} est absent (paquet {PACKAGES[command[0]]})")
    clean = {k: v for k, v in os.environ.items() if not k.endswith(("CA_BUNDLE", "CERT_FILE", "CERT_DIR", "CA_CERTS"))}
    done = subprocess.run(command, input=data, capture_output=True, timeout=120, env={**clean, **(env or {})}, check=False)
    assert done.returncode == code, (done.stdout[-2000:], done.stderr[-2000:])
    return done.stdout


def msmtp(play: Play, *options: str, de: str = CAMILLE) -> list[str]:
    port = play.runtime.port("mss-smtp")
    tls = ["--tls=on", "--tls-starttls=on", f"--tls-trust-file={play.pki.ac}"]
    return ["msmtp", "--file=/dev/null", "--host=localhost", f"--port={port}", *tls, f"--user={de}", f"--from={de}", *options]


def curl(play: Play, scheme: str, path: str, *options: str, jeton: str) -> list[str]:
    port = play.runtime.port(f"mss-{scheme}")
    access = ["--ssl-reqd", "--cacert", str(play.pki.ac), "--user", f"{CAMILLE}:", "--oauth2-bearer", jeton]
    return ["curl", "-sS", "--url", f"{scheme}://localhost:{port}{path}", *access, *options]


def attached() -> EmailMessage:
    """A mail with an archive and a file name out of ASCII."""
    message = mail(sujet="XDM/1.0/DDM+Résultats ESSAI Jeanne")
    message.add_attachment(b"PK\x03\x04 essai", maintype="application", subtype="zip", filename="IHE_XDM.ZIP")
    message.add_attachment(b"%PDF-1.4 essai", maintype="application", subtype="pdf", filename="20260415_Résultats.pdf")
    return message


def read_by_perl(data: bytes) -> list[str]:
    """Subject, then depth, type, name and SHA-1 of each part."""
    return run(["perl", "-e", READER], data=data).decode("utf-8", "replace").splitlines()


def test_msmtp_sends_with_a_token_and_asks_for_notifications(play: Play) -> None:
    options = ["--auth=xoauth2", f"--passwordeval=echo {play.jeton()}", "--dsn-notify=success,failure", "--dsn-return=hdrs"]
    run(msmtp(play, *options, PAUL), data=attached().as_bytes())
    facts = play.seen("mss.smtp.envoi").reply.facts
    assert facts["auth"]["trame"] == "exacte"
    assert facts["dsn"]["ret"] == "HDRS"
    assert facts["dsn"]["destinataires"][PAUL]["notify"].upper() == "SUCCESS,FAILURE"


def test_msmtp_sends_for_an_applicative_box_with_its_certificate(play: Play) -> None:
    mine = play.pki.client("auth_cli")
    options = ["--auth=external", f"--tls-cert-file={mine.certificate}", f"--tls-key-file={mine.key}"]
    run(msmtp(play, *options, EHPAD, de=DUI), data=mail(de=DUI).as_bytes())
    assert play.seen("mss.smtp.envoi").reply.facts["auth"]["certificat_ou"] == "1990000010"


def test_msmtp_is_told_that_its_token_is_refused(play: Play) -> None:
    run(msmtp(play, "--auth=xoauth2", "--passwordeval=echo faux", PAUL), data=mail().as_bytes(), code=77)
    assert play.seen("mss.smtp.session").reply.facts["authentifications"][0]["verdict"] == "jeton-refuse"


def test_msmtp_refuses_an_expired_certificate_without_a_byte(play: Play) -> None:
    play.runtime.present("mss-smtp", "expire")
    run(msmtp(play, "--auth=xoauth2", "--passwordeval=echo faux", PAUL), data=mail().as_bytes(), code=69)
    refusal = play.recorder.refusal().connection
    assert (refusal.server_certificate, refusal.application_bytes) == ("expire", 0)


def test_mail_sent_by_curl_is_fetched_by_curl_and_read_by_perl(play: Play, tmp_path: Path) -> None:
    message = attached()
    source = tmp_path / "mail.eml"
    source.write_bytes(message.as_bytes().replace(b"\n", b"\r\n"))
    jeton = play.jeton()
    sending = ["--mail-from", CAMILLE, "--mail-rcpt", CAMILLE, "--upload-file", str(source)]
    run(curl(play, "smtp", "", *sending, jeton=jeton))
    fetched = run(curl(play, "imap", "/INBOX;MAILINDEX=1", jeton=jeton))
    assert fetched.endswith(source.read_bytes())
    before, after = read_by_perl(source.read_bytes()), read_by_perl(fetched)
    assert before == after
    assert [line.split()[1] for line in after[1:]] == ["multipart/mixed", "text/plain", "application/zip", "application/pdf"]
    assert play.seen("mss.imap.session").reply.facts["lus"][0]["uid"] == 1


def test_mutt_composes_and_sends(play: Play, tmp_path: Path) -> None:
    zip_file = tmp_path / "IHE_XDM.ZIP"
    zip_file.write_bytes(b"PK\x03\x04 essai")
    rows = {
        "smtp_url": f"smtp://{CAMILLE}@localhost:{play.runtime.port('mss-smtp')}/",
        "smtp_authenticators": "xoauth2",
        "smtp_oauth_refresh_command": f"echo {play.jeton()}",
        "ssl_ca_certificates_file": str(play.pki.ac),
        "from": CAMILLE,
        "hostname": "poste.invalid",
    }
    flags = "set ssl_starttls=yes\nset ssl_force_tls=yes\nset copy=no\nset use_envelope_from=yes\nset ssl_usesystemcerts=no\n"
    (tmp_path / "rc").write_text("".join(f'set {k}="{v}"\n' for k, v in rows.items()) + flags)
    command = ["mutt", "-n", "-F", str(tmp_path / "rc"), "-s", "Résultats", "-a", str(zip_file), "--", PAUL]
    run(command, data="Bonjour, accentué.\n".encode(), env={"HOME": str(tmp_path), "TERM": "dumb", "LC_ALL": "C.UTF-8"})
    seen = play.seen("mss.smtp.envoi")
    assert seen.reply.facts["auth"]["identite"] == "899700000001"
    lines = read_by_perl(seen.request.body.read())
    assert any("application/zip IHE_XDM.ZIP" in line for line in lines)


def test_mbsync_fetches_a_box_of_ten_thousand_messages_and_sends_back_flags(play: Play, tmp_path: Path) -> None:
    play.ordre("remplir", boite=DUI, nombre=10_000)
    mine = play.pki.client("auth_cli")
    rows = (
        f"IMAPAccount a\nHost localhost\nPort {play.runtime.port('mss-imap')}\nUser {DUI}\nPass inutile\nSSLType STARTTLS\n"
        f"CertificateFile {play.pki.ac}\nClientCertificate {mine.certificate}\nClientKey {mine.key}\nAuthMechs PLAIN\n\n"
        f"IMAPStore loin\nAccount a\n\nMaildirStore pres\nPath {tmp_path}/\nInbox {tmp_path}/INBOX\n\n"
        "Channel c\nFar :loin:\nNear :pres:\nPatterns INBOX\nCreate Near\nSyncState *\nExpunge None\n"
    )
    (tmp_path / "rc").write_text(rows)
    run(["mbsync", "-c", str(tmp_path / "rc"), "c"])
    inbox = tmp_path / "INBOX"
    assert len(os.listdir(inbox / "new")) == 10_000
    one = next((inbox / "new").iterdir())
    one.rename(inbox / "cur" / f"{one.name.partition(':')[0]}:2,S")
    chez = play.mss.reseau.boite(DUI)
    assert chez is not None
    play.ordre("remplir", boite=DUI, nombre=1)
    run(["mbsync", "-c", str(tmp_path / "rc"), "c"])
    assert sum("\\Seen" in m.drapeaux for m in chez.reception.messages) == 1
    assert sum(len(os.listdir(inbox / each)) for each in ("new", "cur")) == 10_001
