"""The example in docs/writing-a-source.md is what it says: its files come from the page, and its cases are replayed."""

from __future__ import annotations

import importlib.util
import json
import re
import runpy
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from katy.sources_file import Said
from spiders.reader import Reader
from spiders.replay import plain, replay
from spiders.source import Source

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "writing-a-source.md").read_text(encoding="utf-8")
# ```language path
FILES = dict(re.findall(r"^```\w+ (\S+/\S+)\n(.*?)^```$", PAGE, re.M | re.S))
NAME = "village_board"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for path, body in FILES.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(body, encoding="utf-8")
    return tmp_path


@pytest.fixture
def source(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Source:
    spec = importlib.util.spec_from_file_location(f"spiders.{NAME}", folder / "spiders" / f"{NAME}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, f"spiders.{NAME}", module)
    spec.loader.exec_module(module)
    declared: Source = module.SOURCE
    return declared


@pytest.mark.parametrize("case", ["search", "refused"])
def test_the_example_gives_what_the_page_says(source: Source, folder: Path, case: str) -> None:
    case_folder = folder / "tests" / "spiders" / "sources" / NAME / case
    said = tomllib.loads((case_folder / "case.toml").read_text(encoding="utf-8"))
    done = replay(source, case_folder)
    expected = [json.loads(line) for line in (case_folder / "expected.jsonl").read_text(encoding="utf-8").splitlines()]
    found = [plain(record) for record in done.records]
    assert len(found) == len(expected)
    assert [{name: have.get(name) for name in want} for have, want in zip(found, expected, strict=True)] == expected
    assert [note.text for note in done.notes] == said.get("notes", [])
    assert [why for _, why in done.failed] == said.get("failed", [])
    assert [ask.url for ask in done.asked] == said.get("asked", [ask.url for ask in done.asked])


def test_the_example_is_declared_in_full(source: Source, folder: Path) -> None:
    tool = runpy.run_path(str(ROOT / "tools" / "sources_doc.py"))
    prose, traps = tool["told"](source)
    assert prose
    assert traps
    assert source.name == NAME
    assert {"id", "title", "kind", "price", "currency"} <= set(source.fields)


def test_the_example_is_written_like_the_rest_of_the_house() -> None:
    for command in (["check"], ["format", "--check"]):
        checked = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--stdin-filename", f"spiders/{NAME}.py", "-"],
            input=FILES[f"spiders/{NAME}.py"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_page_names_every_method_of_a_reader() -> None:
    methods = {name for name in vars(Reader) if not name.startswith("_")}
    assert {name for name in methods if f"`{name}`" not in PAGE} == set()


def test_the_example_of_sources_toml_says_what_can_be_said() -> None:
    blocks = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.M | re.S)
    sections = [values for block in blocks for values in tomllib.loads(block).values()]
    assert sections
    assert all(Said.model_validate(values) for values in sections)
    named = set(re.findall(r"`(\w+)(?: = \w+)?`", PAGE)) | {name for values in sections for name in values}
    assert set(Said.model_fields) <= named, "the page tells all that can be said of a source"
