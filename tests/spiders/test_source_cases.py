"""Every source against its cases: saved answers in its real format, and what must come of them.

`tests/spiders/sources/<source>/<case>/` (see `spiders.replay`). A line of `expected.jsonl` names the fields that
matter; there is one line for each record and quarantined row, in order. `failed` and `notes` in case.toml are parts of
the texts that must come, and there must be no others; `asked`, where given, is every address asked, in order.
"""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from spiders.registry import sources
from spiders.replay import Replayed, plain, replay

CASES = Path(__file__).parent / "sources"
FOLDERS = sorted(path.parent for path in CASES.glob("*/*/case.toml"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: f"{folder.parent.name}/{folder.name}")
def test_a_case_gives_what_is_expected(folder: Path) -> None:
    said = tomllib.loads((folder / "case.toml").read_text(encoding="utf-8"))
    assert said["follows"].strip(), "a case names the public description of the format it follows"
    done = replay(sources()[folder.parent.name], folder)
    expected = [
        json.loads(line) for line in (folder / "expected.jsonl").read_text(encoding="utf-8").splitlines() if line
    ]
    found = [plain(record) for record in done.records]
    for number, (want, have) in enumerate(zip(expected, found, strict=False), 1):
        assert {name: have.get(name) for name in want} == want, f"record {number}"
    assert len(found) == len(expected), f"{len(found)} records instead of {len(expected)}: {found[len(expected) :][:3]}"
    _told(done, said)


def _told(done: Replayed, said: dict[str, object]) -> None:
    for name, have in (
        ("failed", [f"{url}: {why}" for url, why in done.failed]),
        ("notes", [n.text for n in done.notes]),
    ):
        want = said.get(name) or []
        assert isinstance(want, list)
        assert len(have) == len(want), f"{name}: {have}"
        for part, text in zip(want, have, strict=True):
            assert part in text
    if "asked" in said:
        assert [ask.url for ask in done.asked] == said["asked"]


@pytest.mark.parametrize("name", sorted(sources()))
def test_every_source_has_a_case(name: str) -> None:
    assert any(folder.parent.name == name for folder in FOLDERS), f"{name} has no case below {CASES}"
