"""Defects of the editor's file: what a reader of the pieces would refuse."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from ..regles_dossier import SECTEURS, ReglesDossier
from .registre import AVERTISSEMENT
from .registre import defaut as inscrire

defaut = partial(inscrire, theme="dossier de l'éditeur")
_JUSTES = ReglesDossier()

defaut(
    "dossier-secteur-oublie",
    "ne déclare pas le secteur de la protection de l'enfance",
    check="dossier.sectors-declared",
    exigences=("GEN-01",),
    regles={"dossier": {"secteurs": tuple(s for s in SECTEURS if s != "PDE")}},
)
defaut(
    "dossier-guides-vides",
    "joint des guides sans contenu",
    check="dossier.documents-readable",
    exigences=("GEN-03",),
    regles={"dossier": {"guides_ecrits": False}},
)
defaut(
    "dossier-deux-guides",
    "ne joint que deux des trois documents",
    check="dossier.three-guides",
    exigences=("GEN-03",),
    effet=AVERTISSEMENT,
    regles={"dossier": {"guides": _JUSTES.guides[:2]}},
)
defaut(
    "dossier-certificat-ferme",
    "joint un certificat fermé par un mot de passe",
    check="dossier.pdf-readable",
    exigences=("DMP-ALIM-20",),
    regles={"dossier": {"certificat_ouvert": False}},
)
defaut(
    "dossier-certificat-d-un-autre-logiciel",
    "joint le certificat d'un autre logiciel",
    check="dossier.names-product",
    exigences=("DMP-ALIM-20",),
    effet=AVERTISSEMENT,
    regles={"dossier": {"produit": "Logiciel Voisin"}},
)
defaut(
    "dossier-certificat-d-une-autre-version",
    "joint le certificat d'une version antérieure",
    check="dossier.names-version",
    exigences=("DMP-ALIM-20",),
    effet=AVERTISSEMENT,
    regles={"dossier": {"version": "0.9.4"}},
)
defaut(
    "dossier-hebergement-ordinaire",
    "joint un certificat d'hébergement qui n'est pas HDS",
    check="dossier.hds-wording",
    exigences=("SSI-01",),
    effet=AVERTISSEMENT,
    regles={"dossier": {"hebergement": "Hébergeur certifié ISO 27001"}},
)
defaut(
    "dossier-hebergement-echu",
    "joint un certificat d'hébergement échu",
    check="dossier.hds-validity",
    exigences=("SSI-01",),
    effet=AVERTISSEMENT,
    regles={"dossier": {"validite_hebergement": timedelta(days=-10)}},
)
defaut(
    "dossier-intrusion-sans-signature",
    "joint le formulaire de test d'intrusion sans signature",
    check="dossier.pentest-signed",
    exigences=("SSI-02",),
    regles={"dossier": {"formulaire_signe": False}},
)
defaut(
    "dossier-intrusion-retouche",
    "joint un formulaire de test d'intrusion retouché depuis sa signature",
    check="dossier.pentest-intact",
    exigences=("SSI-02",),
    regles={"dossier": {"formulaire_intact": False}},
)
defaut(
    "dossier-intrusion-ancienne",
    "joint un test d'intrusion de plus d'un an",
    check="dossier.pentest-recent",
    exigences=("SSI-02",),
    regles={"dossier": {"age_du_test": timedelta(days=380)}},
)
defaut(
    "dossier-intrusion-point-haut",
    "joint un relevé où un point de gravité haute n'est pas conforme",
    check="dossier.pentest-high",
    exigences=("SSI-03",),
    regles={"dossier": {"points_hauts_refuses": 1}},
)
defaut(
    "dossier-intrusion-onze-moyens",
    "joint un relevé de onze points moyens négatifs",
    check="dossier.pentest-medium",
    exigences=("SSI-03",),
    regles={"dossier": {"points_moyens_refuses": 11}},
)
