"""Who calls the DMP, in which mode and why: tokens that say something impossible, whatever the matrix of rights says."""

from __future__ import annotations

from ..core.errors import Inconclusive
from ..core.exchange import Exchange
from ..core.problem import Evidence
from ..validation.dmp import roles
from ..validation.saml.vihf import PURPOSE, RENFORCEE, Vihf
from .dmp_requetes import judged
from .registry import check

_MATRIX = "PDT-INF-526 ; JDV_J65"


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
    "dmp.roles.reason-fits-transaction", covers=("DMP-CONS-22",), source="PDT-INF-526, colonne « bris de glace »", confidence="vu"
)
def reason_fits_transaction(exchange: Exchange, vihf: Vihf) -> Evidence:
    """Le mode d'accès d'urgence sert à consulter, jamais à déposer, à modifier ou à déclarer une autorisation."""
    code = next((value.code for value in vihf.coded.get(PURPOSE, ())), "absent")
    return judged(roles.reason_problems(vihf, exchange.kind), Evidence(at=vihf.attribute_xpath(PURPOSE), note=code))


@check("dmp.roles.strong-authentication", covers=("DMP-CONS-09",), source="EX_AIR-080, EX_AIR-085", confidence="secondaire")
def user_was_strongly_authenticated(vihf: Vihf) -> Evidence:
    """En mode renforcé, l'utilisateur s'est authentifié à deux facteurs : carte ou Pro Santé Connect."""
    if vihf.mode != RENFORCEE:
        raise Inconclusive(f"mode {vihf.mode or 'absent'} : l'authentification de l'utilisateur n'y est pas déclarée")
    return judged(roles.strong_authentication_problems(vihf), Evidence(at=vihf.at, note=vihf.class_ref.rpartition(":")[2]))


@check(
    "dmp.roles.name-fits-mode", covers=("DMP-ALIM-17",), source="PS_IdNat ; exemples de jeton VIHF (package DMP)", confidence="vu"
)
def name_fits_mode(vihf: Vihf) -> Evidence:
    """L'identifiant de l'utilisateur a la forme que son mode d'authentification permet."""
    return judged(roles.name_problems(vihf), Evidence(at=vihf.at, note=vihf.name_id))
