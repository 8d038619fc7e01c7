"""Who calls the DMP, in which mode and why: tokens that say something impossible, whatever the matrix of rights says."""

from __future__ import annotations

from ..core.errors import CheckFailed, Inconclusive
from ..core.exchange import Exchange
from ..core.problem import Evidence
from ..core.settings import Settings
from ..validation.dmp import roles
from ..validation.saml.vihf import INDIRECTE, MODE, PURPOSE, RENFORCEE, ROLE, SUBJECT_ID, Vihf
from .dmp_requetes import judged
from .registry import check

_MATRIX = "PDT-INF-526 ; JDV_J65"
SECTORS = {
    "PA": ("SA17", "SA41"),
    "PHO": ("SA16", "SA41"),
    "PHN": ("SA16", "SA41"),
    "DS": ("SA17", "SA16", "SA18", "SA41"),
    "DN": ("SA17", "SA16", "SA18", "SA41"),
    "PDS": ("SA20", "SA21", "SA41"),
    "PDE": ("SA20", "SA41"),
    "AHI": ("SA21", "SA41"),
}
"""Activity sectors (TRE_R02) of each sector of the programme."""


@check("dmp.roles.role-fits-mode", covers=("DMP-ALIM-17",), source=f"VIHF-07 ; {_MATRIX}", confidence="vu")
def role_fits_mode_and_transaction(exchange: Exchange, vihf: Vihf) -> Evidence:
    """Le rôle est celui d'un utilisateur de DUI, admis dans ce mode et pour cette transaction."""
    found = roles.role_problems(vihf, exchange.kind)
    return judged(found, Evidence(at=vihf.at, note=", ".join(role.code for role in vihf.roles)))


@check("dmp.roles.consultant-named", covers=("DMP-CONS-10",), source="SC.DMP/AIRS.06", confidence="vu")
def consultant_is_named(exchange: Exchange, vihf: Vihf) -> Evidence:
    """Celui qui consulte est une personne, désignée par son identifiant national et son nom, jamais un compte générique."""
    if exchange.kind not in roles.CONSULTATION:
        raise Inconclusive("ce n'est pas un appel de consultation")
    return judged(roles.consultant_problems(vihf, exchange.kind), Evidence(at=vihf.at, note=vihf.name_id))


@check(
    "dmp.roles.reason-fits-transaction", covers=("DMP-ALIM-17",), source="PDT-INF-526, colonne « bris de glace »", confidence="vu"
)
def reason_fits_transaction(exchange: Exchange, vihf: Vihf) -> Evidence:
    """Le mode d'accès d'urgence sert à consulter, jamais à déposer, à modifier ou à déclarer une autorisation."""
    code = next((value.code for value in vihf.coded.get(PURPOSE, ())), "absent")
    return judged(roles.reason_problems(vihf, exchange.kind), Evidence(at=vihf.attribute_xpath(PURPOSE), note=code))


@check("dmp.roles.strong-authentication", covers=("DMP-ALIM-17",), source="EX_AIR-080, EX_AIR-085", confidence="secondaire")
def user_was_strongly_authenticated(vihf: Vihf) -> Evidence:
    """En mode renforcé, l'utilisateur s'est authentifié à deux facteurs : carte ou Pro Santé Connect."""
    if vihf.mode != RENFORCEE:
        return Evidence(at=vihf.at, note=f"mode {vihf.mode or 'absent'} : règle sans effet")
    return judged(roles.strong_authentication_problems(vihf), Evidence(at=vihf.at, note=vihf.class_ref.rpartition(":")[2]))


@check(
    "dmp.roles.name-fits-mode", covers=("DMP-ALIM-17",), source="PS_IdNat ; exemples de jeton VIHF (package DMP)", confidence="vu"
)
def name_fits_mode(vihf: Vihf) -> Evidence:
    """L'identifiant de l'utilisateur a la forme que son mode d'authentification permet."""
    return judged(roles.name_problems(vihf), Evidence(at=vihf.at, note=vihf.name_id))


@check("dmp.roles.list", covers=("DMP-ALIM-17",), source=f"VIHF-07 ; TRE_R01, TRE_G05 ; {_MATRIX}", confidence="vu")
def roles_are_listed_once(vihf: Vihf) -> Evidence:
    """Chaque rôle est donné une fois ; le savoir-faire d'un médecin et la section d'un pharmacien ont la forme de leur code."""
    return judged(roles.list_problems(vihf), Evidence(at=vihf.attribute_xpath(ROLE), fired=max(1, len(vihf.roles))))


@check("dmp.roles.user-not-generic", covers=("DMP-ALIM-17",), source="VIHF-09 ; SC.DMP/AIRS.06", confidence="vu")
def user_is_not_generic(vihf: Vihf) -> Evidence:
    """Là où un utilisateur est authentifié, le nom affiché est celui d'une personne, pas d'un compte ou d'un service."""
    return judged(roles.generic_problems(vihf), Evidence(at=vihf.attribute_xpath(SUBJECT_ID)))


@check(
    "dmp.roles.no-secret-connection",
    covers=("DMP-ALIM-17",),
    source="Connexion secrète du patient (Devbox)",
    confidence="secondaire",
)
def professional_makes_no_secret_connection(vihf: Vihf) -> Evidence:
    """Un professionnel ne demande pas de connexion secrète, qui est réservée au patient."""
    return judged(roles.secret_problems(vihf), Evidence(at=vihf.at))


@check(
    "dmp.roles.declared-mode", covers=("DMP-ALIM-17",), source="Homologation CNDA ; [dmp] mode de dui.toml", confidence="infere"
)
def mode_is_the_declared_one(vihf: Vihf, settings: Settings) -> Evidence:
    """Le mode d'authentification est celui que le logiciel déclare, ou INDIRECTE, que tous peuvent employer pour alimenter."""
    at, declared = vihf.attribute_xpath(MODE), settings.dmp.mode
    if vihf.mode not in (declared, INDIRECTE):
        raise CheckFailed(
            "Mode d'authentification autre que celui déclaré",
            expected=declared if declared == INDIRECTE else f"{declared}, ou {INDIRECTE} pour alimenter sans utilisateur",
            received=vihf.mode or "absent",
            at=at,
            hint="Aligner le VIHF sur l'homologation, ou corriger mode dans la section [dmp] de dui.toml.",
        )
    return Evidence(at=at, note=vihf.mode)


@check("dmp.roles.sector-of-structure", covers=("DMP-ALIM-17",), source="TRE_R02 ; secteurs de dui.toml", confidence="infere")
def sector_is_one_of_the_structure(vihf: Vihf, settings: Settings) -> Evidence:
    """Le secteur d'activité du VIHF est celui d'un des secteurs où le DUI est employé."""
    name = "Secteur_Activite"
    code = vihf.value(name).partition("^")[0]
    accepted = sorted({each for sector in settings.secteurs for each in SECTORS.get(sector, ())})
    if code not in accepted:
        raise CheckFailed(
            "Secteur d'activité étranger aux secteurs déclarés",
            expected=", ".join(accepted),
            received=code or "absent",
            at=vihf.attribute_xpath(name),
            hint="Prendre le secteur de la structure dans FINESS ou dans Pro Santé Connect, ou corriger secteurs dans dui.toml.",
        )
    return Evidence(at=vihf.attribute_xpath(name), note=code)
