"""A campaign folder written by hand: every verdict, every kind of event, and hostile content, without service or DUI."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

from dui_conformance.core.campaign import verdict_row
from dui_conformance.core.check import Application
from dui_conformance.core.clock import Clock
from dui_conformance.core.exchange import Body, Connection, Description, Reply, Request
from dui_conformance.core.journal import Journal
from dui_conformance.core.problem import Evidence, Finding, Problem
from dui_conformance.core.recorder import LiveRecorder
from dui_conformance.core.service import Listener
from dui_conformance.core.verdict import Basis, Confidence, Severity, Verdict
from dui_conformance.reports.rem.enregistrement import RemCroise

SECRET = "s3cr3t/à+de&client<très>long"
CODE = "c0de-4utorisation.é"
TOKEN = (
    "eyJhbGciOiJSUzI1NiJ9."
    + base64.urlsafe_b64encode(b'{"sub":"899700000001","acr":"eidas1"}').decode().rstrip("=")
    + ".c2lnbmF0dXJl"
)
OPAQUE = "0123456789abcdefOPAQUE"
SECRETS = (SECRET, CODE, TOKEN, OPAQUE)
SCRIPT = "<script>alert('x')</script>"
ANSI = "\x1b[31mrouge\x1b[0m"
FORMULA = '=HYPERLINK("http://exemple.invalid";"cliquer")'
VIHF_AT = "/soap:Envelope/soap:Header/wsse:Security/saml2:Assertion/saml2:AttributeStatement/saml2:Attribute[@Name='urn:role']"
CDA_AT = "/ClinicalDocument/recordTarget/patientRole/id[2] (ligne 3)"

CDA = (
    '<ClinicalDocument xmlns="urn:hl7-org:v3"><recordTarget><patientRole><id root="1.2.3" extension="IPP"/>'
    '<id root="1.2.250.1.213.1.4.10" extension="FAUX"/></patientRole></recordTarget>'
    f"<title>{SCRIPT.replace('<', '&lt;')}</title></ClinicalDocument>"
)
ENVELOPE = (
    '<soap:Envelope xmlns:soap="http://www.w3.org/2003/05/soap-envelope" '
    'xmlns:wsse="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd">'
    '<soap:Header><wsse:Security><Assertion xmlns="urn:oasis:names:tc:SAML:2.0:assertion" ID="_1"><AttributeStatement>'
    '<Attribute Name="urn:autre"><AttributeValue>A</AttributeValue></Attribute>'
    '<Attribute Name="urn:role"><AttributeValue>MAUVAIS-ROLE</AttributeValue></Attribute>'
    "</AttributeStatement></Assertion></wsse:Security></soap:Header><soap:Body>"
    '<xds:ProvideAndRegisterDocumentSetRequest xmlns:xds="urn:ihe:iti:xds-b:2007">'
    '<xds:Document id="Doc1">{document}</xds:Document>'
    "</xds:ProvideAndRegisterDocumentSetRequest></soap:Body></soap:Envelope>"
)
OPENING = {
    "outil": "0.1.0",
    "produit": {"nom": f"DUI {SCRIPT}", "version": "2.3.4", "nil": FORMULA, "editeur": "Éditeur d'essai"},
    "secteurs": ["PA", "PHO"],
    "pilote": "python",
    "strict": False,
    "selection": [],
    "defauts": [],
}
PLAN = (
    ("dmp_essai.depot_conforme", "Un dépôt conforme est accepté.", ["DMP-ALIM-04", "DMP-ALIM-17"]),
    ("dmp_essai.depot_fautif", "Un dépôt fautif : est-il vu ?", ["DMP-ALIM-17", "DMP-ALIM-18"]),
    ("dmp_essai.conseil", "Un conseil n'est pas suivi.", ["DMP-ALIM-10"]),
    ("dmp_essai.peu_observe", "Trop peu est observé.", ["DMP-ALIM-08"]),
    ("psc_essai.jetons", "Les jetons sont demandés.", ["PSC-01"]),
    ("psc_essai.regard", "Un regard humain conclut.", ["PSC-10"]),
    ("psc_essai.sans_geste", "Le pilote n'offre pas le geste.", ["PSC-04"]),
    ("psc_essai.panne_du_banc", "Le banc échoue.", ["PSC-06"]),
    ("psc_essai.jamais_commence", "La campagne s'arrête avant.", ["PSC-07"]),
)
LEFT = (("mss_essai.absent", "Une lettre est reçue.", ["MSS-01"], "service non simulé : MSSanté"),)


class FakeService:
    """Describes requests by their path, and declares the secrets that they hold."""

    nom = "dmp"
    listeners: Sequence[Listener] = (Listener("dmp"),)

    def __init__(self, nom: str) -> None:
        self.nom = nom

    def describe(self, listener: str, request: Request) -> Description:
        kind = f"{self.nom}.{request.path.strip('/') or 'inconnu'}"
        return Description(kind, secrets=(SECRET, CODE), summary=f"essai de {kind}")


class Written:
    """Writes the folder, scenario by scenario."""

    def __init__(self, folder: Path, rem: RemCroise | None = None) -> None:
        self.clock = Clock()
        self.journal = Journal.create(folder, self.clock, OPENING)
        self.recorder = LiveRecorder(self.journal, self.clock, lambda request: None)
        self.journal.append(
            "contexte",
            reglages=self.journal.blob_json({}),
            jeux=[{"id": "cda.entete", "version": "2026.11", "sha256": "0" * 64, "valide_du": "2023-01-01"}],
            ancres=[],
            revocations=[],
            jour="2026-11-22",
            **({"rem": rem.as_event(self.journal.blob_json)} if rem is not None else {}),
        )
        self.journal.append(
            "plan",
            joues=[{"id": i, "titre": t, "exigences": e} for i, t, e in PLAN],
            laisses=[{"id": i, "titre": t, "exigences": e, "raison": r} for i, t, e, r in LEFT],
        )

    @contextmanager
    def scenario(self, name: str, verdict: Verdict | None, reason: str = "", attempt: int = 1) -> Iterator[None]:
        self.journal.scenario, self.journal.attempt = name, attempt
        self.journal.append("scenario.debut", titre=next(t for i, t, _ in PLAN if i == name))
        yield
        if verdict is None:
            self.journal.append("scenario.interrompu")
        else:
            self.journal.append("scenario.fin", verdict=verdict, raison=reason)
        self.journal.scenario, self.journal.attempt = "", 0

    def gesture(
        self, nom: str, arguments: dict[str, Any], etat: str = "fait", message: str = "", piece: str = "", **seen: Any
    ) -> None:
        self.journal.append("geste", rang=1, geste="G01", nom=nom, arguments=self.journal.blob_json(arguments))
        row = {"etat": etat, "message": message, "observations": seen} if etat else None
        blob = self.journal.blob_json(row)
        self.journal.append(
            "geste.fin", rang=2, geste="G01", etat=etat, fin=self.clock.now().isoformat(), blob=blob, **self._pieces(piece)
        )

    def _pieces(self, nom: str) -> dict[str, Any]:
        return {"pieces": {nom: self.journal.blob(f"contenu de {nom}".encode())}} if nom else {}

    def attestation(self, question: str, answer: dict[str, str] | None, piece: str = "") -> None:
        told = self.journal.blob_json(answer)
        self.journal.append("attestation", rang=7, question=question, reponse=told, **{"pieces": {}, **self._pieces(piece)})

    def exchange(self, service: str, request: Request, reply: Reply | None, issue: str = "envoye") -> str:
        name = self.recorder.received(FakeService(service), service, request)
        if reply is not None:
            self.recorder.answered(name, reply)
        self.recorder.delivered(name, issue)
        return name

    def verdict(self, check: str, verdict: Verdict, exigences: Sequence[str], subjects: Sequence[str], **more: Any) -> None:
        values: dict[str, Any] = {"severity": Severity.ERREUR, "source": "annexe d'essai §1", **more}
        if verdict is Verdict.CONFORME:
            values.setdefault("evidence", Evidence(at=VIHF_AT, note="lu et vérifié", fired=12))
        application = Application(
            check=check,
            rule=f"La règle {check} est tenue.",
            verdict=verdict,
            exigences=tuple(exigences),
            subjects=tuple(subjects),
            **values,
        )
        self.journal.append("verdict", **verdict_row(application, self.journal.blob_json))


def request(path: str, body: bytes = b"", content_type: str = "", method: str = "POST", **connection: Any) -> Request:
    """A request with the headers of a real client, its connection established under TLS 1.2 unless said otherwise."""
    held = Connection(
        **{"id": "c1", "version": "TLSv1.2", "cipher": "ECDHE-RSA-AES256-GCM-SHA384", "server_name": "localhost", **connection}
    )
    headers = (
        ("Host", "localhost"),
        ("User-Agent", f"essai {SCRIPT}"),
        *((("Content-Type", content_type),) if content_type else ()),
    )
    return Request(method, path, headers, Body(body), held, raw=Body(b"POST brut\r\n\r\n" + body))


def deposit(noise: int = 0) -> Request:
    """A deposit whose VIHF has a wrong role and whose document has a wrong identifier."""
    document = base64.b64encode(CDA.encode()).decode()
    text = ENVELOPE.format(document=document)
    padding = "".join(f'<bruit n="{n}">valeur {n}</bruit>' for n in range(noise))
    return request("/td2.1", text.replace("<soap:Body>", f"<soap:Body>{padding}").encode(), "application/soap+xml; charset=utf-8")


def finding(check: str, at: str, **more: Any) -> Finding:
    """A finding with every field filled."""
    texts = {
        "expected": "un rôle de la liste",
        "received": f"MAUVAIS-ROLE {SCRIPT}",
        "hint": "Reprendre le code de la nomenclature.",
    }
    return Finding(check, f"Rôle inconnu {ANSI}", at=at, source="annexe d'essai §1", **{**texts, **more})


def write_campaign(folder: Path, rem: RemCroise | None = None) -> Path:
    """The whole folder, closed; ``rem`` is the one that its journal holds."""
    written = Written(folder, rem)
    _conforming(written)
    _faulty(written)
    _milder(written)
    _tokens(written)
    _untested(written)
    stray = written.exchange("dmp", request("/inconnu", b"\0\1\2binaire\0", "application/octet-stream"), None, "client-parti")
    written.verdict(
        "soap.envelope", Verdict.NON_CONFORME, ["DMP-ALIM-18"], [stray], finding=finding("soap.envelope", "multipart")
    )
    written.journal.append("campagne.fin")
    written.journal.close()
    return folder


def _conforming(written: Written) -> None:
    with written.scenario("dmp_essai.depot_conforme", None, attempt=1):
        written.exchange("dmp", deposit(), Reply(503))
    with written.scenario("dmp_essai.depot_conforme", Verdict.CONFORME, attempt=2):
        written.journal.append("usager", rang=1, id="qualifie-1", profil="qualifie", fiche=written.journal.blob_json({}))
        written.journal.append("professionnel", rang=1, id="infirmiere-ehpad", fiche=written.journal.blob_json({}))
        arguments = {"usager": "qualifie-1", "type": "note-vaccination", "retenir": False}
        written.gesture("valider_document", arguments, piece="note.pdf", document="2.25.1", envoye=True)
        done = written.exchange("dmp", deposit(), Reply(200, (("Content-Type", "application/json"),), Body(b'{"ok": true}')))
        written.verdict("dmp.vihf.role", Verdict.CONFORME, ["DMP-ALIM-04", "DMP-ALIM-17"], [done])
        written.verdict("observe.statut", Verdict.CONFORME, ["INS-07"], ["G01"], basis=Basis.ATTESTE)


def _faulty(written: Written) -> None:
    with written.scenario("dmp_essai.depot_fautif", Verdict.NON_CONFORME, "Rôle inconnu"):
        written.journal.append("panne", rang=3, service="dmp", nom="indisponible", fois=1, cible="dmp.td2.1", armee=True)
        small = written.exchange("dmp", deposit(), Reply(200, body=Body(f"<html>{SCRIPT}</html>".encode())))
        written.journal.append("panne", rang=4, service="dmp", nom="indisponible", fois=1, cible="dmp.td2.1", armee=False)
        large = written.exchange("dmp", deposit(noise=4000), None, "silence")
        role = finding("dmp.vihf.role", VIHF_AT)
        written.verdict("dmp.vihf.role", Verdict.NON_CONFORME, ["DMP-ALIM-17"], [small], finding=role)
        written.verdict("dmp.vihf.role", Verdict.NON_CONFORME, ["DMP-ALIM-17"], [large], finding=role)
        many = tuple(
            Problem("cda.id", "Identifiant faux", f"/ClinicalDocument/id[{n}]", "vrai", f"faux {n}") for n in range(1, 4)
        )
        told = finding("cda.id", CDA_AT, problems=many, received=FORMULA)
        written.verdict("cda.id", Verdict.NON_CONFORME, ["DMP-ALIM-18"], [small], finding=told)


def _milder(written: Written) -> None:
    with written.scenario("dmp_essai.conseil", Verdict.AVERTISSEMENT, "Rôle inconnu"):
        written.journal.append("horloge", rang=5, secondes=601.0, suivie=True)
        written.clock.advance(timedelta(seconds=601))
        name = written.exchange("dmp", request("/td0.2", b"pas du XML <", "text/xml", exercised=False), Reply(400))
        told = finding("dmp.conseil", "en-tête HTTP Content-Type")
        written.verdict("dmp.conseil", Verdict.AVERTISSEMENT, ["DMP-ALIM-10"], [name], finding=told, confidence=Confidence.INFERE)
    with written.scenario("dmp_essai.peu_observe", Verdict.NON_CONCLUANT, "aucune connexion"):
        failed = Connection(
            id="c9",
            established=False,
            error="CERTIFICATE_VERIFY_FAILED",
            alert="certificate_expired",
            server_certificate="expire",
        )
        written.recorder.handshake("dmp", "dmp", failed)
        written.journal.append("attente", rang=6, attendu="dépôt (TD2.1)", service="dmp", echange="")
        written.journal.append("fenetre", attendu="dépôt (TD2.1)", secondes=2.0)
        written.verdict("tls.expired", Verdict.NON_CONCLUANT, ["DMP-ALIM-08"], [], reason="aucune connexion pendant la panne")


def _tokens(written: Written) -> None:
    with written.scenario("psc_essai.jetons", Verdict.CONFORME):
        form = f"grant_type=authorization_code&code={quote_plus(CODE)}&client_secret={quote_plus(SECRET)}&client_id=dui".encode()
        asked = request("/jeton?code=" + quote_plus(CODE), form, "application/x-www-form-urlencoded")
        basic = base64.b64encode(f"dui:{SECRET}".encode()).decode()
        asked = Request(
            asked.method, asked.target, (*asked.headers, ("Authorization", f"Basic {basic}")), asked.body, asked.connection
        )
        answer = json.dumps({"access_token": OPAQUE, "id_token": TOKEN, "token_type": "Bearer", "rappel": f"<{SECRET}>"})
        reply = Reply(
            200,
            (("Content-Type", "application/json"), ("Set-Cookie", "AUTH=abcdef123456; Path=/")),
            Body(answer.encode()),
            secrets=(TOKEN, OPAQUE),
        )
        name = written.exchange("psc", asked, reply)
        again = written.exchange("psc", asked, reply)
        written.verdict("oidc.token", Verdict.CONFORME, ["PSC-01"], [name, again], evidence=Evidence(note=f"jeton {TOKEN} lu"))
    with written.scenario("psc_essai.regard", Verdict.A_EXAMINER):
        written.attestation("Le compte ouvert est-il le bon ?", None)
        written.verdict("attestation", Verdict.A_EXAMINER, ["PSC-10"], [], basis=Basis.ATTESTE)
        written.attestation("La session est-elle close ?", {"verdict": "conforme", "note": f"vu {SCRIPT}"}, f"écran {SCRIPT}.png")
        written.verdict("attestation", Verdict.CONFORME, ["PSC-10"], [], basis=Basis.ATTESTE)


def _untested(written: Written) -> None:
    with written.scenario("psc_essai.sans_geste", Verdict.NON_TESTE, "geste non offert par le pilote : utiliser_session"):
        written.journal.append("geste.absent", rang=1, geste="G01", nom="utiliser_session")
    with written.scenario("psc_essai.panne_du_banc", Verdict.ERREUR, f"un service simulé a échoué : {SECRET}"):
        written.gesture(
            "se_connecter", {"professionnel": "infirmiere-ehpad"}, "refuse", f"Connexion refusée : {TOKEN}", session=False
        )
