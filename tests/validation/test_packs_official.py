"""The verdict of a pack: which schemas apply, what came of each document, and how it differs from ours."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from dui_conformance.core.problem import Finding
from dui_conformance.validation.packs import official
from dui_conformance.validation.packs.official import differences, explained, official_verdicts, setup_of
from dui_conformance.validation.packs.pool import WorkerPool
from dui_conformance.validation.packs.store import Pack, PackStore
from dui_conformance.validation.packs.worker import Task
from validation.kit_factice import VAC_NOTE, document, pattern, schema, write_kit

NOW = datetime(2026, 4, 1, tzinfo=UTC)
SAMPLES = Path(__file__).parents[2] / ".." / "shared" / "data" / "cda" / "samples"


def added(folder: Path, files: dict[str, str] | None = None) -> Pack:
    store = PackStore(folder / "packs")
    store.add(write_kit(folder / "kit", files), now=NOW)
    return store.open("kit-cda")


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    return added(tmp_path_factory.mktemp("kit"))


VOLETS = {
    "modèle et version": (VAC_NOTE, "", "schematrons/CI-SIS_VAC-NOTE_2023.01.sch"),
    "version précédente": (VAC_NOTE.replace("2023", "2022"), "", "schematrons/CI-SIS_VAC-NOTE_2022.01.sch"),
    "version inconnue": (VAC_NOTE.replace("2023", "1999"), "", "schematrons/CI-SIS_VAC-NOTE_2023.01.sch"),
    "sans modèle, instruction": (
        "",
        '<?oxygen SCHSchema="../schematrons/profils/IHE.sch"?><?oxygen SCHSchema="../schematrons/ci-sis_cse-cs8_2024.01.sch"?>',
        "schematrons/CI-SIS_CSE-CS8_2024.01.sch",
    ),
    "modèle sans volet": ('<templateId root="1.2.250.1.213.1.1.1.9999"/>', "", ""),
    "le modèle l'emporte": (
        VAC_NOTE,
        '<?oxygen SCHSchema="../schematrons/CI-SIS_CSE-CS8_2024.01.sch"?>',
        "schematrons/CI-SIS_VAC-NOTE_2023.01.sch",
    ),
}


def test_volet_follows_the_model_or_the_instruction_and_level_1_has_none(kit: Pack) -> None:
    documents = [(name, document(templates, before=before)) for name, (templates, before, _) in VOLETS.items()]
    documents.append(("niveau 1", document(VAC_NOTE, body="<nonXMLBody/>")))
    verdicts = list(official_verdicts(documents, kit, workers=1))
    found = {v.file: next((s.path for s in v.schemas if s.layer == "volet"), "") for v in verdicts}
    assert found == {name: volet for name, (_, _, volet) in VOLETS.items()} | {"niveau 1": ""}
    assert [s.layer for s in verdicts[0].schemas] == ["xsd", "entete", "ihe", "modeles", "ans", "volet"]
    assert verdicts[-1].notes == ("document de niveau 1 : profils génériques seuls, sans volet",)
    assert verdicts[-1].accepted is True
    assert {f.problem.message for f in verdicts[0].findings} == {"en-tête", "pour information", "volet 2023.01"}
    assert verdicts[0].accepted is False


def test_structure_errors_come_from_the_kit_s_own_schema(kit: Pack) -> None:
    verdict = next(iter(official_verdicts([("x", b"<autre/>")], kit, workers=1)))
    assert verdict.accepted is False
    assert [f.layer for f in verdict.errors] == ["xsd"]
    assert verdict.errors[0].problem.at == "/autre (ligne 1)"


def test_verdicts_come_in_order_from_several_workers_and_from_files(kit: Pack, tmp_path: Path) -> None:
    paths = []
    for n in range(20):
        path = tmp_path / f"{n}.xml"
        path.write_bytes(document(title="x" * (n % 3)))
        paths.append(path)
    verdicts = list(official_verdicts([*paths, tmp_path / "absent.xml"], kit, workers=2))
    assert [v.file for v in verdicts[:-1]] == [str(p) for p in paths]
    assert [v.accepted for v in verdicts[:-1]] == [n % 3 != 0 for n in range(20)]
    assert "illisible" in verdicts[-1].notes[0]
    one_by_one = list(official_verdicts(paths, kit, workers=1))
    assert [v.as_dict() for v in one_by_one] == [v.as_dict() for v in verdicts[:-1]]


def test_documents_are_taken_as_they_are_needed(kit: Pack) -> None:
    taken = 0

    def source() -> Iterator[tuple[str, bytes]]:
        nonlocal taken
        for n in range(200):
            taken += 1
            yield (str(n), document())

    verdicts = official_verdicts(source(), kit, workers=1)
    next(verdicts)
    assert taken <= 10
    verdicts.close()


LOOP = "some $a in 1 to 100000, $b in 1 to 100000 satisfies ($a * $b = string-length(.) - 1000)"


def test_document_on_which_the_engine_hangs_is_given_up_and_the_next_one_is_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack = added(
        tmp_path,
        {
            "schematrons/profils/IHE.sch": schema(
                pattern("cda:title[. = 'lent']", f'<assert test="not({LOOP})">lent</assert>')
                + pattern("cda:title", '<assert test="true()">x</assert>', id="q")
            )
        },
    )
    with WorkerPool(setup_of(pack), workers=1, timeout=2.0) as pool:
        verdicts = list(pool.run(Task(name, document(title=name)) for name in ("vif", "lent", "vif")))
        assert pool.restarts == 1
    assert [v.accepted for v in verdicts] == [True, None, True]
    assert "n'a pas répondu" in verdicts[1].notes[0]


def test_worker_killed_between_two_documents_is_replaced(kit: Pack) -> None:
    with WorkerPool(setup_of(kit), workers=1) as pool:
        verdicts = pool.run([Task("a", document()), Task("b", document()), Task("c", document())])
        assert next(verdicts).accepted is True
        for worker in pool._live:
            worker.process.kill()
            worker.process.join()
        assert [v.accepted for v in verdicts] == [True, True]
        assert pool.restarts >= 1


def test_worker_that_grows_is_replaced(kit: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(official, "RECYCLED_AT", 1)
    with WorkerPool(setup_of(kit), workers=1) as pool:
        assert [v.accepted for v in pool.run([Task("a", document()), Task("b", document())])] == [True, True]
        assert pool.restarts == 2


def test_pack_without_schemas_to_judge_is_refused() -> None:
    class Nothing:
        name, kind = "cog", "cog"

        def load(self) -> object:
            return object()

    with pytest.raises(Exception, match="ne juge pas"):
        setup_of(Nothing())  # type: ignore[arg-type]


def finding(check: str, at: str) -> Finding:
    return Finding(check, "message", at=at, source="CI-SIS")


def test_differences_are_said_element_by_element(kit: Pack) -> None:
    verdict = next(iter(official_verdicts([("x", document(VAC_NOTE, title=""))], kit, workers=1)))
    ours = [
        finding("cda.entete.titre", "/ClinicalDocument/title (ligne 1)"),
        finding("cda.identite.ins-cle", "/ClinicalDocument/recordTarget/patientRole/id/@extension (ligne 1)"),
    ]
    rows = {d.element: d for d in differences(ours, verdict)}
    assert rows["/ClinicalDocument/title"].seen == "vu par les deux"
    assert "titre" in rows["/ClinicalDocument/title"].theirs
    alone = rows["/ClinicalDocument/recordTarget/patientRole/id"]
    assert (alone.seen, alone.explanation) == ("vu par nous seuls", "source : CI-SIS")


def test_what_the_pack_alone_sees_is_said_with_its_layer(kit: Pack) -> None:
    verdict = next(iter(official_verdicts([("x", document(VAC_NOTE))], kit, workers=1)))
    (row,) = differences([], verdict)
    assert row.seen == "vu par le kit seul"
    assert row.explanation == "pack : structuration minimale (avertissement), volet du document"
    assert explained(True, verdict) == "kit-cda : refusé par volet du document, que nos règles acceptent"
    assert explained(False, verdict) == "kit-cda : même verdict (refusé)"


def test_worker_can_write_no_file(tmp_path: Path) -> None:
    import subprocess
    import sys

    code = (
        "import sys; from dui_conformance.core.plateforme import confine; confine(3 << 30)\n"
        "try:\n    open(sys.argv[1], 'wb', buffering=0).write(b'x')\nexcept OSError:\n    print('refuse')\n"
    )
    target = tmp_path / "x"
    done = subprocess.run([sys.executable, "-c", code, str(target)], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "refuse"
    assert target.read_bytes() == b""
