"""The identities of the DUI: first names, history, homonyms, locked traits, attributes, search of a record."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..core.campaign import Geste
from ..core.errors import CheckFailed, Inconclusive
from ..core.gestures import Etat
from ..core.gestures.identite import ModifierIdentite, RechercherDossier
from ..core.people import Usager
from ..core.problem import Evidence
from ..validation.ins.identity import AVEC_INS, DeclaredIdentity
from ..validation.ins.response import InsResponse
from ..validation.ins.traits import folded
from .registry import check

RNIV = "RNIV, règles de l'INS"


@check("insi.first-name-alert", covers=("INS-10",), source="EXI ID 10 (premier prénom et liste)", confidence="vu")
def first_name_that_does_not_open_the_list_is_signalled(response: InsResponse, usager: Usager, geste: Geste) -> Evidence:
    """Quand le premier prénom saisi n'ouvre pas la liste rendue par INSi, l'utilisateur en est averti."""
    if response.tiq is None:
        raise Inconclusive("INSi n'a rendu aucun trait")
    listed = folded(response.tiq.liste_prenoms or response.tiq.prenom)
    if f"{listed} ".startswith(f"{folded(usager.prenom)} "):
        raise Inconclusive("le premier prénom ouvre la liste rendue par INSi")
    alert = geste.observation("alerte")
    if alert is None and geste.resultat is not None and not geste.resultat.message:
        raise Inconclusive("le DUI ne déclare pas d'alerte : à constater à l'écran")
    if not (alert or (geste.resultat and geste.resultat.message)):
        raise CheckFailed(
            "Premier prénom différent de celui d'INSi, sans alerte",
            expected=f"une alerte : « {folded(usager.prenom)} » n'ouvre pas « {listed} »",
            received="aucun message",
            at=f"{geste.id}, observation alerte",
            hint="Comparer le premier prénom au début de la liste, tirets et apostrophes lus comme des espaces.",
        )
    return Evidence(at=geste.id)


@check("insi.history-kept", covers=("INS-01",), source="EXI REC 07, 08 (INSHISTO conservé)", confidence="vu")
def past_matricules_are_kept(response: InsResponse, identity: DeclaredIdentity) -> Evidence:
    """Les matricules antérieurs rendus par INSi sont conservés avec l'identité."""
    past = [ins.matricule for ins in response.history]
    if not past:
        raise Inconclusive("INSi n'a rendu aucun matricule antérieur")
    if identity.historique is None:
        raise Inconclusive("le DUI ne déclare pas l'historique des matricules : à constater à l'écran")
    lost = [matricule for matricule in past if matricule not in {kept[:13] for kept in identity.historique}]
    if lost:
        raise CheckFailed(
            "Matricule antérieur perdu",
            expected=f"{len(past)} matricule(s) antérieur(s) conservé(s)",
            received=f"{len(past) - len(lost)}",
            at=f"{identity.geste}, observation historique",
            hint="Enregistrer chaque INSHISTO : un document ancien porte l'ancien matricule.",
        )
    return Evidence(at=identity.geste, note=f"{len(past)} matricule(s) antérieur(s)")


@check("ins.homonyms-apart", covers=("INS-07",), source=RNIV, confidence="secondaire")
def each_homonym_has_his_own_ins(identities: Sequence[DeclaredIdentity], usagers: Sequence[Usager]) -> Evidence:
    """Deux homonymes ont chacun l'INS qu'INSi a rendue pour lui."""
    if len(identities) != len(usagers) or len(identities) < 2:
        raise Inconclusive("il faut l'identité affichée de chaque homonyme")
    for identity, usager in zip(identities, usagers, strict=True):
        if identity.matricule is None:
            raise Inconclusive("le DUI ne déclare pas le matricule")
        if identity.matricule[:13] not in (usager.matricule_insi, ""):
            raise CheckFailed(
                "INS d'un homonyme enregistrée dans le dossier d'un autre",
                expected=f"le matricule de {usager.id}, ou aucun",
                received="celui d'un autre",
                at=f"{identity.geste}, observation matricule",
                hint="Un dossier se désigne par son identifiant, jamais par le nom et les prénoms.",
            )
    if not any(identity.matricule for identity in identities):
        raise Inconclusive("aucun des homonymes n'a d'INS")
    return Evidence(at=identities[0].geste, fired=len(identities))


@check("ins.strict-traits-locked", covers=("INS-10",), source="RNIV, règles 6 et 26", confidence="secondaire")
def strict_trait_of_insi_is_locked(geste: Geste, identities: Sequence[DeclaredIdentity]) -> Evidence:
    """Un trait strict venu d'INSi ne se modifie pas tant que l'identité garde son statut et son INS."""
    asked = geste.gesture
    if not isinstance(asked, ModifierIdentite) or geste.resultat is None:
        raise Inconclusive("aucune modification demandée")
    identity = identities[-1]
    if geste.resultat.etat is Etat.REFUSE or not (identity.statut in AVEC_INS and identity.matricule != ""):
        return Evidence(at=geste.id, note=f"{asked.trait} verrouillé, ou identité rétrogradée")
    shown = {
        "nom_naissance": identity.nom,
        "sexe": identity.sexe,
        "date_naissance": identity.date,
        "lieu_naissance": identity.lieu,
    }
    current = " ".join(identity.prenoms or ()) if asked.trait == "prenoms" else shown.get(asked.trait)
    if current is None:
        raise Inconclusive(f"le DUI ne déclare pas le trait {asked.trait}")
    if current == asked.valeur:
        raise CheckFailed(
            f"Trait strict « {asked.trait} » modifié sans que l'identité perde son INS",
            expected="un refus, ou une identité rétrogradée sans matricule",
            received=f"{asked.trait} = {current}, statut {identity.statut}",
            at=f"{identity.geste}, observation {asked.trait}",
            hint="Verrouiller les cinq traits stricts après INSi ; les corriger suppose de rétrograder l'identité.",
        )
    return Evidence(at=identity.geste, note=f"{asked.trait} inchangé")


@check("ins.used-name-editable", covers=("INS-10",), source="RNIV, règle 26", confidence="secondaire")
def complementary_trait_stays_editable(geste: Geste) -> Evidence:
    """Le nom et le prénom utilisés restent modifiables dans une identité qualifiée."""
    asked = geste.gesture
    if not isinstance(asked, ModifierIdentite) or geste.resultat is None:
        raise Inconclusive("aucune modification demandée")
    if geste.resultat.etat is Etat.REFUSE:
        raise CheckFailed(
            f"Trait complémentaire « {asked.trait} » verrouillé",
            expected="une modification acceptée",
            received=f"un refus : {geste.resultat.message or 'sans motif'}",
            at=geste.id,
            hint="Seuls les traits stricts se verrouillent ; le nom utilisé appartient à l'usager.",
        )
    return Evidence(at=geste.id)


@check("ins.attributes-combine", covers=("INS-08",), source="EXI ID 24, 26 (combinaison des attributs)", confidence="vu")
def fictive_goes_with_no_other_attribute(geste: Geste) -> Evidence:
    """L'attribut « fictive » ne se combine avec aucun autre ; seuls « douteuse » et « homonyme » vont ensemble."""
    attributes = geste.observation("attributs")
    if attributes is None:
        raise Inconclusive("le DUI ne déclare pas les attributs de l'identité")
    held = {str(a) for a in attributes}
    if "fictive" in held and len(held) > 1:
        raise CheckFailed(
            "Attributs d'identité incompatibles",
            expected="« fictive » seule",
            received=", ".join(sorted(held)),
            at=f"{geste.id}, observation attributs : {', '.join(sorted(held))}",
            hint="Une identité fictive est sans usager réel : ni douteuse, ni homonyme.",
        )
    return Evidence(at=geste.id, note=", ".join(sorted(held)) or "aucun attribut")


@check("ins.record-found", covers=("INS-21",), source="RNIV, règle 17", confidence="secondaire")
def former_record_is_found(geste: Geste, usager: Usager) -> Evidence:
    """Un dossier antérieur se retrouve par la date de naissance, le début du nom ou le matricule, signes et accents ignorés."""
    asked = geste.gesture
    found = geste.listed("dossiers")
    if not isinstance(asked, RechercherDossier) or found is None:
        raise Inconclusive("le DUI ne déclare pas les dossiers trouvés")
    criteria = ("matricule" if asked.matricule else "date de naissance") + (" et début du nom" if asked.nom_debut else "")
    if usager.id not in [str(f) for f in found]:
        raise CheckFailed(
            f"Dossier non retrouvé par {criteria}",
            expected=usager.id,
            received=f"{len(found)} dossier(s), sans lui",
            at=f"{geste.id}, recherche par {criteria}, {_spelling(asked.nom_debut)}",
            hint="Comparer sans accents, tirets, apostrophes ni espaces, le début du nom suffisant.",
        )
    return Evidence(at=geste.id)


def _spelling(text: str) -> str:
    """How the beginning of a name was typed."""
    return "signes tapés" if re.search(r"[^A-Za-z ]", text) else "sans signe"
