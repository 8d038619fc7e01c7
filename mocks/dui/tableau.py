"""The dashboard of what was sent: by establishment, way, type of document, success, identity, professional, and by month."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from .alterations import Alterations, Couture
from .mss_envois import Canal
from .mss_traces import tableau_csv
from .regles_messagerie import ReglesTableau

REUSSITE, ECHEC = "réussite", "échec"
MOIS = 12


@dataclass(frozen=True, slots=True)
class Fait:
    """One document that was sent, or that could not be."""

    le: datetime
    rpps: str
    canal: Canal
    type: str
    reussi: bool
    ins_qualifiee: bool


@dataclass(frozen=True, slots=True)
class Tableau:
    """The facts of an establishment, and how they are shown."""

    finess: str
    faits: Sequence[Fait]
    regles: ReglesTableau
    alterations: Alterations

    def par_envoi(self) -> bytes:
        """One line a send."""
        titres = ["Date", "FINESS", "RPPS", "Canal", "Type de document", "Résultat", "INS qualifiée"]
        lignes = [titres, *([fait.le.isoformat(timespec="seconds"), *self._axes(fait)] for fait in self._comptes())]
        return tableau_csv(self.alterations.passer(Couture.TABLEAU, lignes))

    def par_mois(self, maintenant: datetime) -> bytes:
        """One line an indicator, one column a month of this year until now and of the year before, and both totals."""
        annees = (maintenant.year - 1, maintenant.year) if self.regles.annee_precedente else (maintenant.year,)
        mois = [f"{m:02d}/{a}" for a in annees for m in range(1, MOIS + 1) if a < maintenant.year or m <= maintenant.month]
        comptes: dict[str, Counter[str]] = {nom: Counter() for nom in self._noms()}
        for fait in self._comptes():
            _, _, canal, _, resultat, ins = self._axes(fait)
            for nom in (f"{canal} : {resultat}s", f"INS {'qualifiée' if ins == 'oui' else 'non qualifiée'}"):
                if nom in comptes:
                    comptes[nom][f"{fait.le:%m/%Y}"] += 1
        lignes = [["Tableau de bord des envois", self.finess if self.regles.donne_le_finess else ""]]
        lignes.append(["Indicateur", *mois, *(f"Total {a}" for a in annees)])
        for nom, par_mois in comptes.items():
            sommes = [sum(n for m, n in par_mois.items() if m.endswith(str(a))) for a in annees]
            lignes.append([nom, *(str(par_mois[m]) for m in mois), *map(str, sommes)])
        return tableau_csv(self.alterations.passer(Couture.TABLEAU, lignes))

    def _noms(self) -> list[str]:
        """The indicators: each way with its successes and failures, then identities."""
        canaux = [canal for canal in Canal if canal is not Canal.USAGER or self.regles.separe_l_usager]
        resultats = (REUSSITE, ECHEC) if self.regles.compte_les_echecs else (REUSSITE,)
        return [f"{canal} : {resultat}s" for canal in canaux for resultat in resultats] + ["INS qualifiée", "INS non qualifiée"]

    def _comptes(self) -> Iterable[Fait]:
        for fait in self.faits:
            compte = (fait.canal is Canal.DMP and self.regles.compte_le_dmp) or (
                fait.canal is not Canal.DMP and self.regles.compte_mss
            )
            if not compte or (not fait.reussi and not self.regles.compte_les_echecs):
                continue
            if fait.reussi and not self.regles.compte_les_reussites:
                continue
            yield from [fait] * (2 if self.regles.double_les_envois else 1)

    def _axes(self, fait: Fait) -> list[str]:
        canal = Canal.PROFESSIONNEL if fait.canal is Canal.USAGER and not self.regles.separe_l_usager else fait.canal
        return [
            self.finess if self.regles.donne_le_finess else "",
            fait.rpps,
            canal.value,
            fait.type if self.regles.donne_le_type else "document",
            REUSSITE if fait.reussi else ECHEC,
            "oui" if fait.ins_qualifiee or not self.regles.separe_les_ins else "non",
        ]
