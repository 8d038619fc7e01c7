"""Defects of the reception of documents: what is filed without being looked at, and what the user is not told."""

from __future__ import annotations

from functools import partial

from . import registre

defaut = partial(registre.defaut, theme="reception")


def _recu(nom: str, description: str, check: str, regle: str) -> None:
    defaut(f"reception-{nom}", description, check=f"recu.{check}", exigences=("CDA-07",), regles={"reception": {regle: False}})


_recu("document-refuse", "refuse tout document écrit par un autre logiciel", "filed", "accepte_l_exterieur")
_recu("doublon", "range un document reçu deux fois en deux exemplaires", "duplicate", "detecte_les_doublons")
_recu("muette", "écarte un document reçu deux fois sans le dire à l'utilisateur", "duplicate", "alerte")
_recu("version-tue", "range une nouvelle version d'un document sans l'annoncer", "new-version", "annonce_les_versions")
_recu("autre-usager", "range le document d'une autre personne sans comparer son identité", "stranger", "verifie_l_identite")
_recu("illisible", "range un document reçu tronqué comme s'il avait été lu", "unreadable", "refuse_l_illisible")
