"""The TLS rules: one green and several red each, on connections as the runtime records them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from dui_conformance.checks import tls
from dui_conformance.core.check import apply
from dui_conformance.core.errors import Inconclusive
from dui_conformance.core.exchange import Body, Connection, Exchange, Request, Times
from dui_conformance.core.people import Professionnel
from dui_conformance.core.settings import Settings
from dui_conformance.core.verdict import Verdict
from dui_conformance.mocks.pki import Credential, Parameters, Pki
from dui_conformance.validation.tls import ClientCertificate, TlsConnection, explain
from samples.refus import refused

CARD = "899700000001"
GOOD = Connection(
    id="dmp-1",
    version="TLSv1.2",
    cipher="ECDHE-RSA-AES256-GCM-SHA384",
    offered_versions=("TLSv1.3", "TLSv1.2"),
    offered_ciphers=("ECDHE-RSA-AES256-GCM-SHA384",),
)
FAILED = Connection(id="dmp-2", established=False, error="CERTIFICATE_VERIFY_FAILED", detail="certificate has expired")
LEFT = Connection(id="dmp-3", established=False, error="ConnectionResetError")


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    structure = Settings().structure
    folder: Path = tmp_path_factory.mktemp("pki") / "pki"
    made = Pki.create(
        folder,
        finess_ej=structure.finess_ej,
        finess_eg=structure.finess_eg,
        professionals=[Professionnel("i", "TESTEUR", "Élise", CARD, "60", "Infirmier")],
    )
    assert made.parameters == replace(
        Parameters(), **{k: getattr(made.parameters, k) for k in ("finess_ej", "finess_eg", "professionnels")}
    )
    return made


def seen(connection: Connection, *, requests: int = 1, at: datetime | None = None) -> TlsConnection:
    return TlsConnection(connection.id, "dmp.td2.1", at or datetime.now(UTC), connection, requests)


def der(credential: Credential) -> bytes:
    return credential.x509().public_bytes(Encoding.DER)


def client(credential: Credential) -> ClientCertificate:
    return ClientCertificate.from_der(der(credential))


def test_version() -> None:
    rule = tls.version_is_1_2_or_later
    assert rule(seen(GOOD)).fired == 1
    refused(rule, seen(replace(GOOD, version="TLSv1.1")))
    old = refused(rule, seen(replace(FAILED, error="UNSUPPORTED_PROTOCOL", offered_versions=("TLSv1",))))
    assert "TLSv1" in old.received
    with pytest.raises(Inconclusive):
        rule(seen(LEFT))


def test_obsolete_versions_offered() -> None:
    rule = tls.no_obsolete_version_is_offered
    assert rule(seen(GOOD))
    refused(rule, seen(replace(GOOD, offered_versions=("TLSv1.2", "TLSv1.1"))))
    with pytest.raises(Inconclusive):
        rule(seen(replace(GOOD, offered_versions=())))


def test_suite() -> None:
    rule = tls.suite_is_one_of_the_dmp
    assert rule(seen(GOOD))
    refused(rule, seen(replace(GOOD, cipher="AES128-SHA")))
    none = refused(rule, seen(replace(FAILED, error="NO_SHARED_CIPHER", offered_ciphers=("AES128-SHA",))))
    assert "AES128-SHA" in none.received
    with pytest.raises(Inconclusive):
        rule(seen(LEFT))


def test_client_certificate_presented(pki: Pki) -> None:
    rule = tls.client_certificate_is_presented
    assert rule(seen(replace(GOOD, client_der=der(pki.client("auth_cli")))))
    assert rule(seen(FAILED))
    refused(rule, seen(GOOD))
    refused(rule, seen(replace(FAILED, error="PEER_DID_NOT_RETURN_A_CERTIFICATE")))
    with pytest.raises(Inconclusive):
        rule(seen(LEFT))


def test_client_certificate_valid(pki: Pki) -> None:
    rule = tls.client_certificate_is_valid
    good = replace(GOOD, client_der=der(pki.client("auth_cli")))
    assert rule(seen(good))
    refused(rule, seen(good, at=datetime.now(UTC) + timedelta(days=100)))
    refused(rule, seen(good, at=datetime.now(UTC) - timedelta(days=1)))
    assert refused(rule, seen(FAILED)).received == "certificat client expiré"
    assert refused(rule, seen(replace(FAILED, detail="autre chose"))).received == "autre chose"
    with pytest.raises(Inconclusive):
        rule(seen(GOOD))


def test_organisation_certificate(pki: Pki) -> None:
    rule = tls.client_is_an_organisation
    settings = Settings()
    assert rule(seen(GOOD), client(pki.client("auth_cli")), settings)
    assert rule(seen(GOOD), client(pki.client("insi_manu")), settings)
    card = client(pki.cps(CARD))
    refused(rule, seen(GOOD), card, settings)
    assert rule(seen(GOOD), card, replace(settings, dmp=replace(settings.dmp, mode="DIRECTE")))
    refused(rule, seen(GOOD), client(pki.client("auth_cli", "autre-ac")), settings)
    refused(rule, seen(GOOD), replace(client(pki.client("auth_cli")), ou="750000019"), settings)


def test_legal_entity(pki: Pki) -> None:
    rule = tls.certificate_belongs_to_the_legal_entity
    assert rule(seen(GOOD), client(pki.client("auth_cli")), Settings())
    geographic = refused(rule, seen(GOOD), client(pki.client("auth_cli", "eg")), Settings())
    assert "géographique" in geographic.received
    other = refused(rule, seen(GOOD), replace(client(pki.client("auth_cli")), ou="1130000001"), Settings())
    assert "autre structure" in other.message
    settings = Settings()
    with pytest.raises(Inconclusive):
        rule(seen(GOOD), client(pki.cps(CARD)), settings)
    assert rule(seen(GOOD), client(pki.cps(CARD)), replace(settings, dmp=replace(settings.dmp, mode="DIRECTE")))


def test_no_byte_after_a_bad_certificate() -> None:
    rule = tls.nothing_is_sent_after_a_bad_certificate
    control = seen(GOOD)
    left = seen(replace(LEFT, server_certificate="expire", alert="certificate_expired"), requests=0)
    silent = seen(replace(GOOD, server_certificate="mauvais-hote"), requests=0)
    proved = rule((control, left, silent))
    assert proved.fired == 2
    assert "certificate_expired" in proved.note
    assert "expiré" in refused(rule, (control, seen(replace(GOOD, server_certificate="expire")))).message
    assert "12 octets" in refused(rule, (control, seen(replace(silent.connection, application_bytes=12), requests=0))).received
    with pytest.raises(Inconclusive, match="témoin"):
        rule((left,))
    with pytest.raises(Inconclusive, match="aucune connexion"):
        rule((control,))


def exchange(connection: Connection, *, request: bool = True) -> Exchange:
    now = datetime.now(UTC)
    asked = Request("GET", "/", (), Body(), connection) if request else None
    return Exchange("e1", "dmp", "dmp.td2.1", asked, None, connection, Times(now, now, 0))


def test_views_come_from_exchanges(pki: Pki) -> None:
    good = exchange(replace(GOOD, client_der=der(pki.client("auth_cli"))))
    bad = exchange(replace(LEFT, server_certificate="expire"), request=False)
    for rule in (tls.version_is_1_2_or_later, tls.client_is_an_organisation, tls.certificate_belongs_to_the_legal_entity):
        assert apply(rule, [good], context=[Settings()]).verdict is Verdict.CONFORME
    assert apply(tls.nothing_is_sent_after_a_bad_certificate, [good, bad]).verdict is Verdict.CONFORME


def test_in_process_exchange_proves_nothing_of_tls(pki: Pki) -> None:
    mounted = exchange(Connection(exercised=False, client_der=der(pki.client("auth_cli"))))
    for rule in (tls.client_certificate_is_presented, tls.client_is_an_organisation, tls.version_is_1_2_or_later):
        found = apply(rule, [mounted], context=[Settings()])
        assert found.verdict is Verdict.NON_CONCLUANT
        assert "processus" in found.reason


def test_unreadable_certificate_is_inconclusive() -> None:
    found = apply(tls.client_is_an_organisation, [exchange(replace(GOOD, client_der=b"abc"))], context=[Settings()])
    assert found.verdict is Verdict.NON_CONCLUANT


@pytest.mark.parametrize(
    ("connection", "words"),
    [
        (GOOD, "s'est tu"),
        (replace(LEFT, alert="unknown_ca"), "magasin de confiance"),
        (replace(LEFT, alert="carte_perdue"), "carte_perdue"),
        (FAILED, "certificat du client est refusé (certificate has expired)"),
        (replace(FAILED, error="HTTP_REQUEST", detail=""), "https://"),
        (replace(FAILED, error="AUTRE", detail=""), "AUTRE"),
    ],
)
def test_connection_without_request_is_explained(connection: Connection, words: str) -> None:
    assert words in explain(connection)


def test_profiles_of_handshakes_run() -> None:
    from dui_conformance.checks.registry import all_profiles, run_profile

    failed = exchange(FAILED, request=False)
    verdicts = {a.check: a.verdict for a in run_profile(all_profiles()["TLS-DMP"], [failed], context=[Settings()])}
    assert verdicts["tls.client-certificate-valid"] is Verdict.NON_CONFORME
    assert verdicts["tls.client-certificate-presented"] is Verdict.CONFORME
