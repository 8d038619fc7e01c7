"""Un autre fournisseur d'identité (celui de l'établissement), par OpenID Connect standard."""

from __future__ import annotations

from ..checks.oidc_vie import both_providers_open_the_same_account
from ..core.campaign import Campaign
from ..core.formulaire import IMAGE
from ..core.gestures.connexion import SeConnecter, SeDeconnecter
from ..core.matcher import kind
from .psc_appels import connecter

AUTORISATION_FI = kind("fi.autorisation", label="demande d'autorisation à l'autre fournisseur d'identité")
CODE_FI = kind("fi.jeton.code", label="échange du code chez l'autre fournisseur d'identité")


def test_connexion_par_un_autre_fournisseur(c: Campaign) -> None:
    """Le professionnel se connecte par un autre fournisseur d'identité et retrouve le compte ouvert par Pro Santé Connect."""
    person = c.professionnel("infirmiere-ehpad")
    par_psc = connecter(c, person)
    c.do(SeDeconnecter())
    c.fi.command("persona", id=person.id)
    par_fi = c.do(SeConnecter(person.id, mode="fi"))
    demande = c.fi.wait_for(AUTORISATION_FI, after=par_fi, pour=("PSC-12",))
    c.expect("FI-AUTORISATION", demande)
    jetons = c.fi.wait_for(CODE_FI, after=par_fi, pour=("PSC-12",))
    c.expect("FI-JETON-CODE", jetons)
    if par_psc.observation("compte") is None or par_fi.observation("compte") is None:
        c.attest(
            pour=("PSC-12",),
            constat="La connexion par l'autre fournisseur ouvre-t-elle le compte que Pro Santé Connect avait ouvert ?",
            piece="une copie de l'écran",
            formats=IMAGE,
            atteste="le testeur",
        )
        return
    c.require(both_providers_open_the_same_account, par_psc, par_fi)
