"""The page on which the tester says who logs in: in groups, searched without JavaScript, usable by keyboard and by voice."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Iterable

from ...core.exchange import Key, Reply
from ...core.people import Professionnel
from ...fixtures.personas import subject_name_id
from ...fixtures.professionals import professionals
from ...fixtures.structures import structures
from .messages import page, with_keys
from .provider import Provider

TRAITS = {
    "medecin-multi": "exerce en cabinet et en EHPAD",
    "medecin-liberal": "exerce en libéral, dans deux cabinets",
    "pharmacien": "section d’inscription à l’Ordre",
    "sans-rpps": "sans numéro RPPS",
    "sans-rpps-accueil": "sans numéro RPPS",
    "accents": "accents, apostrophes, espaces",
    "deux-finess": "deux établissements",
    "trois-lieux": "trois établissements",
    "deux-professions": "infirmière et psychologue",
    "homonyme-1": "même nom qu’un autre professionnel",
    "homonyme-2": "même nom qu’un autre professionnel",
}
"""What makes a persona worth trying, beside a profession."""
SOCIALES = {"41", "42", "43", "44", "45", "46", "47", "48", "49", "51", "52", "53", "99"}


def login_page(provider: Provider, handle: str, search: str) -> Reply:
    """The page for a demand; ``search`` keeps the people of whom every word is found."""
    words = _plain(search).split()
    found = [person for person in professionals().values() if all(word in _plain(_told(person)) for word in words)]
    number = f"{len(found)} identité{'s' if len(found) > 1 else ''} fictive{'s' if len(found) > 1 else ''}"
    content = (
        f"<p>Choisissez le professionnel fictif qui se connecte ({number}).</p>"
        f'<form method="get" action="{provider.login}" class="recherche" role="search">'
        f'<input type="hidden" name="demande" value="{handle}">'
        f'<label>Rechercher un nom, une profession, un identifiant<input name="recherche" type="search" '
        f'value="{html.escape(search[:100])}" autocomplete="off"></label>'
        '<button type="submit" class="bouton">Rechercher</button></form>'
        f'<form method="post" action="{provider.login}"><input type="hidden" name="demande" value="{handle}">'
        f"{_groups(found) or _nobody(provider, handle)}"
        '<p class="refus"><button type="submit" name="identite" value="" class="bouton secondaire">'
        "Refuser la connexion</button></p></form>"
    )
    return with_keys(page("Qui se connecte\u00a0?", content, facts={"issue": "page"}, title=provider.titre), Key("state", handle))


def _groups(people: list[Professionnel]) -> str:
    special = [p for p in people if p.id in TRAITS]
    social = [p for p in people if p.profession in SOCIALES and p not in special]
    care = [p for p in people if p not in special and p not in social]
    named = (("Soignants", care), ("Professions sociales", social), ("Cas particuliers", special))
    return "".join(f"<h2>{title}</h2><ul>{''.join(_button(p) for p in each)}</ul>" for title, each in named if each)


def _nobody(provider: Provider, handle: str) -> str:
    return f'<p>Personne ne correspond. <a href="{provider.login}?demande={handle}">Montrer tout le monde</a></p>'


def _button(person: Professionnel) -> str:
    name = f"{person.prenom} {person.nom}"
    role = (
        " – ".join(part for part in (person.profession_libelle, person.savoir_faire_libelle) if part) or "Profession non déclarée"
    )
    places = ", ".join(structures()[where].nom for where in person.structures) or "Aucun établissement"
    lines = (role, places, subject_name_id(person))
    text = f"<strong>{html.escape(name)}</strong>" + "".join(f"<span>{html.escape(line)}</span>" for line in lines)
    trait = TRAITS.get(person.id, "")
    text += f'<span class="cas">{html.escape(trait[:1].upper() + trait[1:])}</span>' if trait else ""
    return f'<li><button type="submit" name="identite" value="{html.escape(person.id)}" class="personne">{text}</button></li>'


def _told(person: Professionnel) -> str:
    parts: Iterable[str] = (
        person.prenom,
        person.nom,
        person.profession_libelle,
        person.savoir_faire_libelle,
        subject_name_id(person),
        person.id,
        TRAITS.get(person.id, ""),
        *(structures()[where].nom for where in person.structures),
    )
    return " ".join(parts)


def _plain(text: str) -> str:
    """Without accents nor case, any apostrophe or hyphen as a space."""
    folded = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c)).casefold()
    return "".join(c if c.isalnum() else " " for c in folded)
