"""What is shown while a campaign runs holds no secret."""

from __future__ import annotations

import io

from dui_conformance.cli.terminal import Console
from dui_conformance.reports.masking import Masker


def test_the_console_masks_secrets_and_strips_control_sequences() -> None:
    out = io.StringIO()
    console = Console(out=out, source=io.StringIO())
    console.mask = Masker(["un-secret-tres-long"]).mask
    console.say("reçu : un-secret-tres-long \x1b[31mrouge\x1b[0m Authorization: Bearer abcdefghij")
    assert "un-secret-tres-long" not in out.getvalue()
    assert "abcdefghij" not in out.getvalue()
    assert "\x1b" not in out.getvalue()
    assert "rouge" in out.getvalue()
