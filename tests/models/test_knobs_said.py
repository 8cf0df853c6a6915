"""Every knob is commented and used; an operator's file changes some, and a wrong one is named."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

from models.knobs import as_kept, default_knobs, documented, overridden, taught_by
from models.training.train import vintage_key
from warehouse.errors import BadInput

ROOT = Path(__file__).parents[2]


def test_every_knob_is_commented() -> None:
    assert [f"{group}.{name}" for group, name, comment in documented() if not comment] == []


def test_every_knob_is_documented_here_and_nowhere_else() -> None:
    held = {f"{group}.{name}" for group, knobs in default_knobs() if group != "anchor" for name, _ in knobs}
    assert {f"{group}.{name}" for group, name, _ in documented()} == held


def test_every_knob_is_used_somewhere() -> None:
    files = (path for room in ("models", "features", "flows", "katy") for path in (ROOT / room).rglob("*.py"))
    code = "\n".join(path.read_text("utf-8") for path in files if path.name != "knobs.py")
    used = set(re.findall(r"\.(\w+)\b", code))
    assert [f"{group}.{name}" for group, name, _ in documented() if name not in used] == []


def test_the_page_lists_every_knob() -> None:
    page = runpy.run_path(str(ROOT / "tools" / "knobs_doc.py"))["page"]()
    assert (ROOT / "docs" / "knobs.md").read_text("utf-8") == page, "docs/knobs.md is behind: write it with `make docs`"
    assert all(f"| `{name}` |" in page for _, name, _ in documented())


def test_some_knobs_are_said_and_the_others_stay() -> None:
    knobs = overridden({"hedonic": {"trees": 300}}, "knobs.toml")
    assert knobs.hedonic.trees == 300
    assert knobs.level == default_knobs().level
    assert knobs.hedonic.leaves == default_knobs().hedonic.leaves


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"hedonic": {"treees": 300}}, r'knobs.toml: there is no knob "hedonic.treees"; near it: hedonic.trees'),
        ({"trees": 300}, r'no knob "trees"; near it: .*hedonic.trees'),
        ({"levels": {"trim": 0.1}}, r'no knob "levels.trim"; near it: level.trim'),
        ({"hedonic": 3}, r'no knob "hedonic"; near it: '),
        ({"hedonic": {"trees": "many"}}, r"knobs.toml: hedonic.trees = 'many'"),
    ],
)
def test_a_wrong_knob_is_named(said: dict[str, object], told: str) -> None:
    with pytest.raises(BadInput, match=told):
        overridden(said, "knobs.toml")


def test_only_knobs_that_teach_make_another_vintage() -> None:
    usual = default_knobs()

    def key(said: dict[str, dict[str, float]]) -> str:
        return vintage_key("data", 1, None, overridden(said, ""), "code")

    same = key({})
    assert key({"selling": {"chance": 0.6}, "forecast": {"origins": 12}, "caps": {"surge": 1.5}}) == same
    assert key({"hedonic": {"trees": 300}}) != same
    assert key({"level": {"trim": 0.2}}) != same
    assert "selling" not in taught_by(usual)


def test_a_snapshot_of_other_knobs_is_read_with_its_own_where_they_still_are() -> None:
    kept = default_knobs().model_dump(mode="json")
    kept["hedonic"] |= {"trees": 99, "once_a_knob": 3}
    del kept["caps"], kept["level"]["trim"]

    read = as_kept(kept)

    assert read.hedonic.trees == 99
    assert read.caps == default_knobs().caps
    assert read.level.trim == default_knobs().level.trim
