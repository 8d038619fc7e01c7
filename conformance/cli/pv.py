"""``pv`` and ``va``: the documents that an editor and an OG sign, from a campaign or from its sealed evidence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..core.errors import InputError
from .options import EXISTING, guarded
from .rem_tenu import held_by_path, rem_option, tell_unspoken

if TYPE_CHECKING:
    from ..reports.model import CampaignModel
    from ..reports.rem.enregistrement import RemCroise

NEW = "nouveau"
OUTPUT = click.Path(path_type=Path)


def _given(command: Any) -> Any:
    """Options of what the OG gives, for both documents."""
    for option in (
        click.option("--donnees", type=EXISTING, help="Données administratives (pv.toml ; « pv nouveau » l'écrit)."),
        click.option("--finess", type=EXISTING, help="Extrait de la base FINESS, pour vérifier les rattachements."),
        click.option("--sortie", type=OUTPUT, help="PDF à écrire."),
        click.option("--signer-cle", type=EXISTING, help="Clé privée (PEM) de qui signe le PDF (PAdES)."),
        click.option("--signer-certificat", type=EXISTING, help="Certificat (PEM) de qui signe le PDF."),
        rem_option,
        click.option("--partie", type=click.Choice(("client", "fournisseur")), default="fournisseur", show_default=True),
    ):
        command = option(command)
    return command


@click.command()
@click.argument("campagne", metavar="CAMPAGNE|ARCHIVE|nouveau")
@click.option("--type", "kind", type=click.Choice(("pilote", "va")), default="pilote", show_default=True)
@_given
@guarded
def pv(
    campagne: str,
    kind: str,
    donnees: Path | None,
    finess: Path | None,
    sortie: Path | None,
    rem_donne: Path | None,
    **signing: Any,
) -> int:
    """Écrit le PV d'installation pilote d'une campagne ou de ses preuves, en PDF ; « pv nouveau » pose les questions."""
    if campagne == NEW and not Path(NEW).exists():
        return _ask(sortie or Path("pv.toml"))
    path = Path(campagne)
    with _campaign(path, held_by_path(rem_donne, apres=True)) as model:
        target = sortie or (path / "pv.pdf" if path.is_dir() else path.with_name("pv.pdf"))
        _write(model, kind, target, donnees, finess, None, **signing)
        tell_unspoken(model)
    return 0


@click.command()
@click.argument("archive", type=EXISTING)
@click.option("--certificat", type=EXISTING, help="Certificat organisation de l'OG (PEM), pour OG-05.")
@click.option("--tbb", type=EXISTING, help="Extrait du tableau de bord TBB.1, pour l'indicateur DMP et le cas MSSanté.")
@_given
@guarded
def va(
    archive: Path,
    certificat: Path | None,
    tbb: Path | None,
    donnees: Path | None,
    finess: Path | None,
    sortie: Path | None,
    rem_donne: Path | None,
    **signing: Any,
) -> int:
    """Prépare la VA d'un OG à partir de l'archive de l'éditeur : ce qui est prouvé, ce qui reste, les réserves."""
    from ..reports.sceau.ouverture import opened
    from .preuves import signer_lines

    target = sortie or archive.with_name("va.pdf")
    with opened(archive) as (folder, found):
        model = _model(folder, held_by_path(rem_donne, apres=True))
        product = found.manifest["produit"]
        click.echo(f"Archive intacte : « {product['nom']} » {product['version']} (NIL {product['nil']})")
        click.echo(f"Secteurs : {', '.join(model.secteurs)}")
        if found.signer is not None:
            for line in signer_lines(found.signer):
                click.echo(line)
        _write(model, "va", target, donnees, finess, certificat, tbb=tbb, **signing)
    return 0


@contextmanager
def _campaign(path: Path, rem: RemCroise | None) -> Iterator[CampaignModel]:
    """A campaign folder, or the one that an archive holds."""
    from ..reports.sceau.ouverture import opened

    if path.is_dir():
        yield _model(path, rem)
    elif path.is_file():
        with opened(path) as (folder, _):
            yield _model(folder, rem)
    else:
        raise InputError(f"{path} : ni un dossier de campagne, ni une archive de preuves.")


def _model(folder: Path, rem: RemCroise | None) -> CampaignModel:
    from ..reports.model import load_campaign

    return load_campaign(folder, rem)


def _write(
    model: CampaignModel,
    kind: str,
    target: Path,
    data: Path | None,
    finess: Path | None,
    certificate: Path | None,
    *,
    tbb: Path | None = None,
    signer_cle: Path | None = None,
    signer_certificat: Path | None = None,
    partie: str = "fournisseur",
) -> None:
    from ..reports.masking import Masker
    from ..reports.pv import composed, pv_content
    from ..reports.pv_certificat import load_certificate
    from ..reports.pv_data import PvData, load_pv_data
    from ..reports.pv_finess import load_finess
    from ..reports.pv_og import Pieces
    from ..reports.pv_signature import signed, with_fields

    if (signer_cle is None) != (signer_certificat is None):
        raise InputError("pour signer, donnez --signer-cle et --signer-certificat.")
    told = load_pv_data(data) if data is not None else PvData()
    if tbb is not None:
        from ..reports.pv_tbb import with_dashboard

        told = with_dashboard(told, tbb)
    pieces = Pieces(
        load_certificate(certificate) if certificate is not None else None,
        load_finess(finess) if finess is not None else None,
    )
    content = pv_content(model, Masker.of(model.archive), kind, told, pieces)
    made = composed(model, content)
    if signer_cle is not None and signer_certificat is not None:
        if content["brouillon"]:
            raise InputError(f"un brouillon ne se signe pas : {', '.join(content['brouillon'])}.")
        made = signed(with_fields(made), partie, signer_cle, signer_certificat)
    target.write_bytes(made)
    for line in _summary(content, kind):
        click.echo(line)
    click.echo(target)


def _summary(content: dict[str, Any], kind: str) -> Iterator[str]:
    if kind == "va":
        for name, point, etat, detail in content["og"]:
            yield f"{name}  {etat:<10} {point} ({detail})"
        yield f"Vu sur simulateur seulement : {len(content['simulateur'])} exigences (PV-11)."
    for name, _, etat, detail in content["controles"]:
        if etat != "respectée":
            yield f"{name}  {etat:<10} {detail}"
    yield f"Réserves : {len(content['reserves'])}."
    if content["brouillon"]:
        yield f"Brouillon, non signable : {', '.join(content['brouillon'])}."
    if any(etat == "à compléter" for _, _, etat, _ in content["controles"]):
        yield "Pour compléter : « dui-conformance pv nouveau » pose les questions et écrit pv.toml, à donner par --donnees."


def _ask(target: Path) -> int:
    from ..reports.pv_data import load_pv_data
    from ..reports.pv_questions import Interview, toml_of

    if target.exists():
        raise InputError(f"{target} existe déjà ; donnez un autre nom avec --sortie.")
    click.echo("Une réponse vide laisse le champ à compléter plus tard, dans ce fichier.")
    answers = Interview(lambda question: click.prompt(question, default="", show_default=False), click.echo).all()
    target.write_text(toml_of(answers), encoding="utf-8")
    load_pv_data(target)
    click.echo(f"écrit : {target} ; « dui-conformance pv CAMPAGNE --donnees {target} » en fait le PV.")
    return 0
