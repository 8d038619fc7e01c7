"""What a PDF/A-1 draws and carries: colours, fonts, transparency, annotations, actions, structure (ISO 19005-1, 6.2 to 6.9)."""

from __future__ import annotations

from ..core.problem import Evidence
from ..validation.pdf import PdfA1Report
from .pdf_a1 import COVERS, judged, source
from .registry import check


@check("pdf.a1.output-intent", covers=COVERS, source=source("pdf.a1.output-intent"), confidence="vu")
def output_intent_is_valid(report: PdfA1Report) -> Evidence:
    """L'intention de sortie PDF/A a un profil ICC admis, le même pour toutes."""
    return judged(report, "pdf.a1.output-intent")


@check("pdf.a1.icc-profiles", covers=COVERS, source=source("pdf.a1.icc-profiles"), confidence="vu")
def icc_profiles_are_valid(report: PdfA1Report) -> Evidence:
    """Les profils ICC des couleurs sont admis en PDF/A-1."""
    return judged(report, "pdf.a1.icc-profiles")


@check("pdf.a1.device-colours", covers=COVERS, source=source("pdf.a1.device-colours"), confidence="vu")
def device_colours_have_their_intent(report: PdfA1Report) -> Evidence:
    """Une couleur non calibrée n'est employée qu'avec l'intention de sortie qui lui convient."""
    return judged(report, "pdf.a1.device-colours")


@check("pdf.a1.images", covers=COVERS, source=source("pdf.a1.images"), confidence="vu")
def images_are_plain(report: PdfA1Report) -> Evidence:
    """Les images n'ont ni variante, ni OPI, ni interpolation."""
    return judged(report, "pdf.a1.images")


@check("pdf.a1.no-postscript", covers=COVERS, source=source("pdf.a1.no-postscript"), confidence="vu")
def no_postscript_object(report: PdfA1Report) -> Evidence:
    """Le PDF n'a ni objet PostScript, ni renvoi à un autre PDF."""
    return judged(report, "pdf.a1.no-postscript")


@check("pdf.a1.graphics-state", covers=COVERS, source=source("pdf.a1.graphics-state"), confidence="vu")
def graphics_state_has_no_transfer(report: PdfA1Report) -> Evidence:
    """Aucun état graphique n'a de fonction de transfert."""
    return judged(report, "pdf.a1.graphics-state")


@check("pdf.a1.rendering-intents", covers=COVERS, source=source("pdf.a1.rendering-intents"), confidence="vu")
def rendering_intents_are_known(report: PdfA1Report) -> Evidence:
    """Les modes de rendu sont ceux de PDF 1.4."""
    return judged(report, "pdf.a1.rendering-intents")


@check("pdf.a1.operators", covers=COVERS, source=source("pdf.a1.operators"), confidence="vu")
def operators_are_known(report: PdfA1Report) -> Evidence:
    """Le contenu des pages n'emploie que les opérateurs de PDF 1.4."""
    return judged(report, "pdf.a1.operators")


@check("pdf.a1.font-dictionaries", covers=COVERS, source=source("pdf.a1.font-dictionaries"), confidence="vu")
def font_dictionaries_are_complete(report: PdfA1Report) -> Evidence:
    """Le dictionnaire de chaque police employée est complet."""
    return judged(report, "pdf.a1.font-dictionaries")


@check("pdf.a1.composite-fonts", covers=COVERS, source=source("pdf.a1.composite-fonts"), confidence="vu")
def composite_fonts_are_complete(report: PdfA1Report) -> Evidence:
    """Les polices composites ont leur CMap et leur table de glyphes."""
    return judged(report, "pdf.a1.composite-fonts")


@check("pdf.a1.fonts-embedded", covers=COVERS, source=source("pdf.a1.fonts-embedded"), confidence="vu")
def fonts_are_embedded(report: PdfA1Report) -> Evidence:
    """Toute police qui écrit un texte visible est incorporée."""
    return judged(report, "pdf.a1.fonts-embedded")


@check("pdf.a1.font-subsets", covers=COVERS, source=source("pdf.a1.font-subsets"), confidence="vu")
def font_subsets_are_listed(report: PdfA1Report) -> Evidence:
    """Un sous-ensemble de police énumère ses caractères."""
    return judged(report, "pdf.a1.font-subsets")


@check("pdf.a1.font-encodings", covers=COVERS, source=source("pdf.a1.font-encodings"), confidence="vu")
def font_encodings_are_standard(report: PdfA1Report) -> Evidence:
    """Les polices TrueType ont l'encodage que leur nature demande."""
    return judged(report, "pdf.a1.font-encodings")


@check("pdf.a1.no-transparency", covers=COVERS, source=source("pdf.a1.no-transparency"), confidence="vu")
def no_transparency(report: PdfA1Report) -> Evidence:
    """Le PDF n'emploie aucune transparence."""
    return judged(report, "pdf.a1.no-transparency")


@check("pdf.a1.annotation-types", covers=COVERS, source=source("pdf.a1.annotation-types"), confidence="vu")
def annotation_types_are_allowed(report: PdfA1Report) -> Evidence:
    """Les annotations sont d'un type admis."""
    return judged(report, "pdf.a1.annotation-types")


@check("pdf.a1.annotation-flags", covers=COVERS, source=source("pdf.a1.annotation-flags"), confidence="vu")
def annotations_are_printed(report: PdfA1Report) -> Evidence:
    """Les annotations sont imprimables, visibles et opaques."""
    return judged(report, "pdf.a1.annotation-flags")


@check("pdf.a1.actions", covers=COVERS, source=source("pdf.a1.actions"), confidence="vu")
def actions_are_allowed(report: PdfA1Report) -> Evidence:
    """Aucune action interdite : ni JavaScript, ni lancement de programme, ni son, ni film."""
    return judged(report, "pdf.a1.actions")


@check("pdf.a1.no-additional-actions", covers=COVERS, source=source("pdf.a1.no-additional-actions"), confidence="vu")
def no_additional_actions(report: PdfA1Report) -> Evidence:
    """Ni le catalogue ni les champs ne déclenchent d'action."""
    return judged(report, "pdf.a1.no-additional-actions")


@check("pdf.a1.tagged", covers=COVERS, source=source("pdf.a1.tagged"), confidence="vu")
def level_a_is_tagged(report: PdfA1Report) -> Evidence:
    """Un fichier de niveau A est balisé."""
    return judged(report, "pdf.a1.tagged")


@check("pdf.a1.forms", covers=COVERS, source=source("pdf.a1.forms"), confidence="vu")
def forms_draw_their_fields(report: PdfA1Report) -> Evidence:
    """Le formulaire, s'il y en a un, contient l'apparence de ses champs."""
    return judged(report, "pdf.a1.forms")
