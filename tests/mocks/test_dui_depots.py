"""Each kind of structured document, deposited in the DMP: its metadata are those that its model and its code call for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from dui_conformance.cli.en_memoire import Banc
from dui_conformance.fixtures.people import usager
from dui_conformance.fixtures.professionals import professionals
from dui_conformance.mocks.dui.exemples import Message, depot
from mocks.test_dui_documents import STRUCTURES


@pytest.fixture(scope="module")
def banc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Banc]:
    folder = tmp_path_factory.mktemp("depots")
    (folder / "dui.toml").touch()
    with Banc(folder / "essai", config=folder / "dui.toml") as made:
        yield made


def envoyer(banc: Banc, message: Message) -> requests.Response:
    certificat = banc.adresses["certificats"][message.role]
    with banc.requests(requests.Session()) as session:
        cert = (str(Path(certificat["certificat"])), str(Path(certificat["cle"])))
        return session.post(message.url, data=message.contenu, headers=dict(message.entetes), cert=cert)


@pytest.mark.parametrize("sorte", STRUCTURES)
def test_a_deposit_of_each_kind_is_stored_and_judged_conforme(banc: Banc, sorte: str) -> None:
    personne = usager("qualifie", sorte)
    banc.services["dmp"].admit(personne)
    faits = len(banc.jugements)
    message = depot(banc.adresses, personne.as_dict(), professionals()["infirmiere-ehpad"], sorte)
    assert "ResponseStatusType:Success" in envoyer(banc, message).text
    (jugement,) = banc.jugements[faits:]
    constats = [(a.check, a.finding.message, a.finding.received) for a in jugement.applications if a.finding]
    assert constats == []
