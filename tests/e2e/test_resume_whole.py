"""``kill -9`` of a whole campaign, between a request and its response, then ``run --reprendre``."""

from __future__ import annotations

import json
import random
import signal
from pathlib import Path

import pytest
from e2e.campaigns import verdicts
from e2e.commands import dui, python

CRASH = str(Path(__file__).with_name("crash.py"))
SEED = 20261123


@pytest.mark.timeout(900)
def test_a_whole_campaign_killed_once_resumes_to_the_same_verdicts(tmp_path: Path) -> None:
    undisturbed = dui(tmp_path, "run", "--sortie", "tranquille")
    assert undisturbed.code == 0, undisturbed.out
    lines = (tmp_path / "tranquille" / "journal.jsonl").read_text(encoding="utf-8").splitlines()
    requests = sum(json.loads(line)["type"] == "requete" for line in lines)
    moment = random.Random(SEED).randrange(requests // 4, 3 * requests // 4)
    order = {"argv": ["run", "--sortie", "tuee"], "cwd": str(tmp_path), "mort": ["requete", moment]}
    killed = json.loads(python(tmp_path, CRASH, stdin=json.dumps(order) + "\n").out)
    assert killed["code"] == -signal.SIGKILL, killed["out"]
    ended = dui(tmp_path, "run", "--reprendre", "--sortie", "tuee")
    assert ended.code == 0, ended.out
    assert verdicts(tmp_path / "tuee") == verdicts(tmp_path / "tranquille")
