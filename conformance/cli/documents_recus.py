"""Documents handed to a DUI as received from elsewhere: correct, or with one thing wrong, by the reference DUI's generator."""

from __future__ import annotations

import hashlib

from ..core.errors import HarnessError
from ..core.people import Usager
from ..fixtures.people import usager as fictional
from ..fixtures.professionals import professionals

AUTHOR = "medecin-multi"
VARIANTS = ("", "nouvelle-version", "autre-usager", "tronque")


def received(type: str, usager: Usager, variant: str, seed: str) -> bytes:
    """The bytes of a document of this type about this usager.

    ``nouvelle-version``: the second version of the same document. ``autre-usager``: about someone else. ``tronque``: cut in
    its middle.
    """
    from ..mocks.dui.documents.document import serialiser
    from ..mocks.dui.exemples import document, structure_de

    if variant not in VARIANTS:
        raise HarnessError(f"variante de document inconnue : {variant}")
    number = int.from_bytes(hashlib.sha256(usager.id.encode()).digest()[:4], "big")
    person = fictional("qualifie", f"{seed}/{variant}") if variant == "autre-usager" else usager
    made = document(type, person.as_dict(), professionals()[AUTHOR], structure_de(None), graine=number)
    if variant == "tronque":
        return made.octets[: len(made.octets) // 2]
    if variant != "nouvelle-version":
        return made.octets
    root = made.racine
    for name, attribute, value in (("versionNumber", "value", "2"), ("id", "root", f"2.25.{number}{number}")):
        for element in root.iterchildren(f"{{urn:hl7-org:v3}}{name}"):
            element.set(attribute, value)
    return serialiser(root)
