"""Commands of sealed evidence: ``sceller`` and ``verifier``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..core.errors import InputError
from .options import EXISTING, guarded
from .pki import PROJECT

if TYPE_CHECKING:
    from ..reports.sceau.cle import Sealer
    from ..reports.sceau.scelle import Sealed
    from ..reports.sceau.verification import Signer, Verification

INTACT, ALTERED, NO_EVIDENCE = 0, 1, 2
LOCAL_KEY = Path("sceau") / "cle.pem"


@click.command()
@click.argument("campagne", type=EXISTING)
@click.option("--cle", type=EXISTING, help="Clé privée qui scelle (PEM) ; défaut : une clé de ce poste, faite au premier usage.")
@click.option("--certificat", type=EXISTING, help="Certificat de cette clé, suivi de sa chaîne (PEM).")
@click.option("--mot-de-passe", default="", help="Mot de passe de la clé, si elle est chiffrée.")
@click.option("--horodatage", default="", metavar="URL", help="Autorité d'horodatage RFC 3161 à appeler.")
@click.option("--partageable", is_flag=True, help="Copie sans pièces ni données : la chaîne du journal s'y vérifie encore.")
@click.option("--sortie", type=click.Path(path_type=Path), help="Fichier à écrire (défaut : preuves.zip dans la campagne).")
@guarded
def sceller(
    campagne: Path,
    cle: Path | None,
    certificat: Path | None,
    mot_de_passe: str,
    horodatage: str,
    partageable: bool,
    sortie: Path | None,
) -> int:
    """Scelle les preuves d'une campagne dans un zip signé, que « verifier » relit."""
    from ..reports.sceau import horodatage as authority
    from ..reports.sceau.cle import given_sealer
    from ..reports.sceau.scelle import seal

    if certificat is not None and cle is None:
        raise InputError("--certificat : donnez aussi la clé de ce certificat (--cle).")
    sealer = given_sealer(cle, certificat, mot_de_passe) if cle is not None else local(project_of_campaign(campagne))
    stamp = (lambda signature: authority.ask(horodatage, signature)) if horodatage else None
    made = seal(campagne, sealer, target=sortie, partageable=partageable, timestamp=stamp)
    for line in announced(made, sealer):
        click.echo(line)
    return INTACT


@click.command()
@click.argument("archive", type=EXISTING)
@click.option("--cle", default="", metavar="EMPREINTE", help="Empreinte attendue de la clé qui a scellé (SHA-256).")
@click.option("--ac", type=EXISTING, help="Autorités (PEM) auxquelles le certificat du signataire doit remonter.")
@click.option("--strict", is_flag=True, help="Sort en 1 aussi quand rien n'établit qui a scellé.")
@guarded
def verifier(archive: Path, cle: str, ac: Path | None, strict: bool) -> int:
    """Dit si une archive de preuves est intacte, qui l'a scellée, et quand si elle est horodatée.

    Sort en 0 si elle est intacte, 1 si elle est altérée ou, avec --cle, scellée par une autre clé, 2 si ce n'en est pas une.
    """
    from ..reports.sceau.signataire import verified_by
    from ..reports.sceau.verification import NotEvidence, verify

    try:
        found = verify(archive)
    except NotEvidence as error:
        raise InputError(f"{archive} : {error}.") from None
    for line in _content_lines(archive, found):
        click.echo(line)
    if found.signer is None:
        return ALTERED
    for line in signer_lines(found.signer):
        click.echo(line)
    wanted = cle.lower().replace(":", "").replace(" ", "")
    if wanted and found.signer.empreinte != wanted:
        click.echo(f"Signataire : une autre clé que celle attendue ({wanted}).")
        return ALTERED
    established = bool(wanted)
    if ac is not None:
        established = verified_by(found.signer.certificats, ac)
        click.echo(
            "Certificat : il remonte aux autorités données."
            if established
            else "Certificat : il ne remonte pas aux autorités données."
        )
    if found.intact and not established:
        click.echo("Rien n'établit ici à qui est cette clé : demandez son empreinte au signataire, puis --cle EMPREINTE.")
    return INTACT if found.intact and (established or not strict) else ALTERED


def local(project: Path) -> Sealer:
    """The key of this project."""
    from ..reports.sceau.cle import local_sealer

    return local_sealer(project / PROJECT / LOCAL_KEY)


def project_of_campaign(campaign: Path) -> Path:
    """The project whose campaign this is: the nearest folder above with a project folder of ours, else the current one."""
    return next((parent for parent in campaign.resolve().parents if (parent / PROJECT).is_dir()), Path.cwd())


def announced(made: Sealed, sealer: Sealer) -> list[str]:
    """What the user is told of a seal."""
    from ..reports.sceau.cle import Nature, fingerprint

    whose = {
        Nature.LOCALE: "clé de ce poste, qui ne dit pas qui vous êtes",
        Nature.FOURNIE: "clé que vous avez donnée",
        Nature.CERTIFIEE: "clé de votre certificat",
    }
    return [
        f"Preuves : {made.path}",
        f"Scellées par : {fingerprint(sealer.public)} ({whose[sealer.nature]})",
    ]


def _content_lines(archive: Path, found: Verification) -> list[str]:
    if not found.intact:
        return [f"ALTÉRÉE : {archive}", *(f"  - {problem}" for problem in found.problems)]
    product, campaign = found.manifest["produit"], found.manifest["campagne"]
    kind = "copie partageable" if found.manifest["partageable"] else "preuves complètes"
    return [
        f"INTACTE : {archive} ({kind}, {len(found.manifest['fichiers'])} fichiers, {campaign['evenements']} événements)",
        f"Produit : « {product['nom']} » {product['version']}, NIL {product['nil']}",
        f"Secteurs : {', '.join(found.manifest['secteurs'])} ; pilote {found.manifest['pilote']}",
        f"Scellée le {found.manifest['scellee_le']}, selon l'horloge du signataire",
    ]


def signer_lines(signer: Signer) -> list[str]:
    """Who sealed, and when if it is timestamped."""
    from ..reports.sceau.cle import Nature
    from ..reports.sceau.horodatage import read
    from ..reports.sceau.signataire import described

    lines = [f"Scellée par la clé : {signer.empreinte}"]
    if signer.nature is Nature.CERTIFIEE:
        lines += [f"Certificat : {described(signer.certificats[0])}"]
    else:
        lines += ["Clé faite par le signataire lui-même, sans certificat."]
    if signer.horodatage:
        try:
            stamp = read(signer.horodatage, signer.signature)
        except InputError as error:
            return [*lines, f"Horodatage : présent, non lu ({error})."]
        by = f" par {stamp.autorite}" if stamp.autorite else ""
        about = "" if stamp.de_cette_signature else " — d'une AUTRE signature que celle-ci"
        lines.append(f"Horodatée le {stamp.le:%d/%m/%Y à %H:%M:%S} UTC{by} (chaîne de l'autorité non vérifiée){about}.")
    return lines
