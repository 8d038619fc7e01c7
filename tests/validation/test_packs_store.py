"""Packs of a project: recognised by content, pinned by hash; hostile archives refused."""

from __future__ import annotations

import io
import json
import stat
import tarfile
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from dui_conformance.core.errors import InputError
from dui_conformance.validation.packs.store import PackStore
from dui_conformance.validation.packs.unpacking import Limits
from validation.kit_factice import write_kit

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
EXEMPLE = Path(__file__).parent.parent / "data" / "packs" / "exemple"


@pytest.fixture
def store(tmp_path: Path) -> PackStore:
    return PackStore(tmp_path / "packs")


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def kit_members(tmp_path: Path, prefix: str = "") -> dict[str, bytes]:
    kit = write_kit(tmp_path / "kit")
    return {f"{prefix}{p.relative_to(kit).as_posix()}": p.read_bytes() for p in kit.rglob("*") if p.is_file()}


def test_pack_of_schematrons_is_added_listed_and_removed(store: PackStore) -> None:
    pack = store.add(EXEMPLE, now=NOW)
    assert (pack.name, pack.kind, pack.version, pack.files) == ("exemple", "schematron", "2026.1", 6)
    assert [p.name for p in store.packs()] == ["exemple"]
    index = json.loads((store.folder / "packs.json").read_text(encoding="utf-8"))
    assert index["schema"] == "dui-conformance/packs/1"
    assert str(EXEMPLE.parent) not in json.dumps(index)
    store.remove("exemple")
    assert store.packs() == ()
    assert not (store.folder / "exemple").exists()


def test_kit_is_recognised_and_only_what_serves_is_kept(store: PackStore, tmp_path: Path) -> None:
    pack = store.add(write_kit(tmp_path / "kit"), now=NOW)
    assert (pack.name, pack.kind, pack.version) == ("kit-cda", "kit-cda", "2024.01")
    kept = {p.relative_to(pack.folder).parts[0] for p in pack.folder.rglob("*") if p.is_file()}
    assert kept == {"schematrons", "jeuxDeValeurs", "infrastructure"}
    assert not (pack.folder / "schematrons" / "moteur").exists()


def test_same_kit_from_a_folder_a_zip_a_nested_zip_and_a_tgz_has_the_same_hash(tmp_path: Path) -> None:
    members = kit_members(tmp_path, "TestContenuCDA-main/outil/")
    outer = zipped(tmp_path / "outil.zip", members)
    nested = zipped(tmp_path / "livraison.zip", {"outil.zip": outer.read_bytes()})
    packed = tmp_path / "outil.tgz"
    with tarfile.open(packed, "w:gz") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    hashes = {
        PackStore(tmp_path / f"p{n}").add(source, now=NOW).sha256
        for n, source in enumerate((tmp_path / "kit", outer, nested, packed))
    }
    assert len(hashes) == 1


COMMUNES = "COM,TNCC,NCC,NCCENR,LIBELLE,DATE_DEBUT,DATE_FIN\n01001,5,A,A,L'Abergement,1943-01-01,\n"


@pytest.mark.parametrize("form", ["csv", "dossier", "zip"])
def test_history_of_communes_is_a_pack(store: PackStore, tmp_path: Path, form: str) -> None:
    folder = tmp_path / "cog_2026"
    folder.mkdir()
    table = folder / "v_commune_depuis_1943.csv"
    table.write_text(COMMUNES, encoding="utf-8")
    source = {"csv": table, "dossier": folder}.get(form) or zipped(tmp_path / "cog.zip", {table.name: table.read_bytes()})
    assert store.add(source, now=NOW).kind == "cog"
    cog = store.open("cog").load()
    assert cog.exists("01001", NOW.date())
    assert not cog.exists("01999", NOW.date())
    assert store.judging() == ()


def test_table_without_history_is_not_a_pack(store: PackStore, tmp_path: Path) -> None:
    (tmp_path / "regions.csv").write_text("REG,LIBELLE\n11,Île-de-France\n", encoding="utf-8")
    with pytest.raises(InputError, match="non reconnu"):
        store.add(tmp_path / "regions.csv", now=NOW)


def test_changed_pack_is_refused(store: PackStore) -> None:
    pack = store.add(EXEMPLE, now=NOW)
    store.open("exemple")
    (pack.folder / "schemas" / "document.sch").write_text("<autre/>")
    with pytest.raises(InputError, match=r"a changé depuis son ajout.*packs remove exemple"):
        store.open("exemple")


@pytest.mark.parametrize("what", ["ajouté", "renommé"])
def test_added_or_renamed_file_is_a_change(store: PackStore, what: str) -> None:
    pack = store.add(EXEMPLE, now=NOW)
    if what == "ajouté":
        (pack.folder / "nouveau.xml").write_text("<x/>")
    else:
        (pack.folder / "Jeux" / "Voies.xml").rename(pack.folder / "Jeux" / "Autres.xml")
    with pytest.raises(InputError, match="a changé"):
        store.open("exemple")


def test_compiled_form_is_kept_and_made_again_when_altered(store: PackStore) -> None:
    pack = store.add(EXEMPLE, now=NOW)
    kept = {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in pack.compiled.iterdir()}
    assert len(kept) == 2
    assert store.open("exemple").compiles == pack.compiles
    assert {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in pack.compiled.iterdir()} == kept
    victim = next(iter(kept))
    victim.write_text("{}")
    store.open("exemple")
    assert victim.read_bytes() == kept[victim][1]


def test_same_name_twice_is_refused_and_another_name_is_accepted(store: PackStore) -> None:
    store.add(EXEMPLE, now=NOW)
    with pytest.raises(InputError, match="déjà là"):
        store.add(EXEMPLE, now=NOW)
    assert store.add(EXEMPLE, now=NOW, name="exemple-2").name == "exemple-2"


@pytest.mark.parametrize("name", ["../x", "A", "a/b", ".x", "", "x" * 70])
def test_unsafe_name_is_refused(store: PackStore, name: str, tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "pack.toml").write_text(f"[pack]\nnom = '{name}'\n[[schema]]\nfichier = 'a.sch'\n")
    (tmp_path / "s" / "a.sch").write_text("<x/>")
    with pytest.raises(InputError, match="nom de pack"):
        store.add(tmp_path / "s", now=NOW)


@pytest.mark.parametrize("name", ["../dehors.sch", "/etc/x.sch", "a/../../x.sch", "C:/x.sch", "..\\x.sch", "a\nb.sch", "x" * 500])
def test_member_that_leaves_the_folder_is_refused(store: PackStore, tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="refusé dans l'archive"):
        store.add(zipped(tmp_path / "k.zip", {name: b"x"}), now=NOW)
    assert list(store.folder.iterdir()) == []
    assert not (tmp_path / "dehors.sch").exists()


def test_symbolic_link_in_a_zip_is_refused(store: PackStore, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "k.zip", "w") as archive:
        info = zipfile.ZipInfo("lien")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    with pytest.raises(InputError, match="lien symbolique"):
        store.add(tmp_path / "k.zip", now=NOW)


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_member_that_is_no_regular_file_is_refused(store: PackStore, tmp_path: Path, kind: bytes) -> None:
    with tarfile.open(tmp_path / "k.tgz", "w:gz") as archive:
        info = tarfile.TarInfo("objet")
        info.type = kind
        info.linkname = "/etc/passwd"
        archive.addfile(info)
    with pytest.raises(InputError, match="fichier ordinaire"):
        store.add(tmp_path / "k.tgz", now=NOW)


def test_symbolic_link_in_a_folder_is_refused(store: PackStore, tmp_path: Path) -> None:
    kit = write_kit(tmp_path / "kit")
    (kit / "jeuxDeValeurs" / "lien.xml").symlink_to("/etc/passwd")
    with pytest.raises(InputError, match="lien symbolique"):
        store.add(kit, now=NOW)


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (Limits(files=3), "plus de 3 fichiers"),
        (Limits(total=1000), "annonce"),
        (Limits(one=100), "dépasse"),
    ],
)
def test_bomb_is_refused(tmp_path: Path, limits: Limits, said: str) -> None:
    store = PackStore(tmp_path / "packs", limits)
    with pytest.raises(InputError, match=said):
        store.add(zipped(tmp_path / "k.zip", kit_members(tmp_path)), now=NOW)


def test_bomb_by_ratio_is_refused(store: PackStore, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="annonce"):
        store.add(zipped(tmp_path / "k.zip", {"schematrons/CI-SIS_X_2022.01.sch": bytes(60 * 1024 * 1024)}), now=NOW)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04tronque", b"rien"])
@pytest.mark.parametrize("suffix", [".zip", ".tgz"])
def test_broken_archive_is_refused(store: PackStore, tmp_path: Path, data: bytes, suffix: str) -> None:
    path = tmp_path / f"k{suffix}"
    path.write_bytes(data)
    with pytest.raises(InputError, match=f"k{suffix}"):
        store.add(path, now=NOW)


def test_unknown_content_is_refused_with_the_known_kinds(store: PackStore, tmp_path: Path) -> None:
    (tmp_path / "vide").mkdir()
    with pytest.raises(InputError, match=r"non reconnu.*kit-cda"):
        store.add(tmp_path / "vide", now=NOW)


def test_folder_of_schematrons_alone_says_what_to_give(store: PackStore, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="dossier qui le contient"):
        store.add(write_kit(tmp_path / "kit") / "schematrons", now=NOW)


@pytest.mark.parametrize("text", ["{", "[]", '{"packs": [{"name": "../x"}]}', '{"packs": [{}]}'])
def test_unreadable_index_is_refused(store: PackStore, text: str) -> None:
    store.folder.mkdir()
    (store.folder / "packs.json").write_text(text)
    with pytest.raises(InputError, match="index"):
        store.packs()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[pack]\n",
        "[pack]\nnom='a'\n",
        "[pack]\nnom='a'\n[[schema]]\n",
        "[pack]\nnom='a'\n[[schema]]\nfichier='../x.sch'\n",
        "=",
    ],
)
def test_wrong_description_is_refused(store: PackStore, tmp_path: Path, text: str) -> None:
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "pack.toml").write_text(text)
    with pytest.raises(InputError, match=r"pack\.toml"):
        store.add(tmp_path / "s", now=NOW)
