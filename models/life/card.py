"""The model card of a snapshot, as Markdown: what is in it, what is not, how good it is, and where not to trust it.

After Mitchell et al. (2019), "Model Cards for Model Reporting". Everything but the list of known faults (data/
known_faults.toml) is read from the snapshot's manifest, so that a card can be written of a run whose snapshot is gone.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

from features.market import day_date
from models.knobs import changed, default_knobs

_LEAST, _WRONG = 30, 0.25


@cache
def known_faults() -> list[dict[str, str]]:
    """The stated faults: `what`, and `more` on how to live with it."""
    text = resources.files("models").joinpath("data/known_faults.toml").read_text("utf-8")
    faults: list[dict[str, str]] = tomllib.loads(text)["fault"]
    return faults


def card(run: Mapping[str, Any], alarms: Sequence[str] = ()) -> str:
    """The card of a run; `alarms` are the monitors' open messages, where it is the current one."""
    parts = [
        f"# Model card of snapshot {run['id']}\n",
        "Fair market values of used and new goods and services for people who trade without cash, in the sense of "
        "26 CFR 1.170A-1(c)(2). Not an appraisal of a single thing, and no advice to buy or sell.\n",
        _what_is_in(run),
        _how_good(run),
        _not_to_trust(run, alarms),
        "## What is not in it, and known faults\n\n"
        + "".join(f"- {each['what']} {each['more']}\n" for each in known_faults()),
        _knobs(run),
    ]
    return "\n".join(parts)


def _what_is_in(run: Mapping[str, Any]) -> str:
    counts: dict[str, dict[str, int]] = {}
    for source, kind, rows in run.get("rows_by_source") or []:
        counts.setdefault(source, {})[kind] = rows
    kinds = sorted({kind for each in counts.values() for kind in each})
    rows = [[source, *(f"{each.get(kind, 0):,}" for kind in kinds)] for source, each in sorted(counts.items())]
    vintages = run.get("vintages") or []
    said = [
        ("published", str(run.get("published_at"))[:19]),
        ("data up to", str(run.get("data_cutoff"))[:10]),
        ("observations", f"{run.get('observations') or 0:,}"),
        ("data hash", run.get("data_hash")),
        ("code", run.get("code_version")),
        ("anchor", run.get("anchor")),
        ("vintages", len(vintages)),
        ("note", run.get("note")),
    ]
    newest = "".join(
        f"- cut-off {day_date(each['cutoff'])}: {each['listings']:,} listings, `{each['key']}`\n"
        for each in vintages[-6:]
    )
    return (
        "## What is in it\n\n"
        + "".join(f"- {name}: {value}\n" for name, value in said if value not in (None, ""))
        + (f"\nRows of the market by source and kind:\n\n{_table(['source', *kinds], rows)}" if rows else "")
        + (f"\nNewest vintages:\n\n{newest}" if newest else "\nNo vintage: comparables only.\n")
    )


def _how_good(run: Mapping[str, Any]) -> str:
    table = run.get("quality") or []
    if not table:
        return "## How good it is\n\nNothing has been replayed yet: no figure can be given.\n"
    names = ["category", "n", "MdAPE", "PPE10", "PPE20", "linear_n", "beside_MdAPE", "linear_MdAPE"]
    rows = [[_cell(row.get(name)) for name in names] for row in table[:25]]
    return (
        "## How good it is\n\n"
        "Values given the day before beside the prices that followed. `linear_MdAPE` is the error of a linear model of "
        "words and attributes on the `linear_n` cases that both had, `beside_MdAPE` this model's on the same cases. "
        "Things on offer for long are seen many times and make these figures look better than those of unseen things: "
        "`katy evaluate` measures these.\n\n" + _table(names, rows)
    )


def _not_to_trust(run: Mapping[str, Any], alarms: Sequence[str]) -> str:
    lines = [f"{message}" for message in run.get("suspected") or []]
    for row in run.get("quality") or []:
        name, error, linear = row["category"], row.get("MdAPE"), row.get("linear_MdAPE")
        if name == "all":
            continue
        if row["n"] < _LEAST:
            lines.append(f"{name}: only {row['n']} cases to judge it by")
        elif error is not None and error > _WRONG:
            lines.append(f"{name}: half of the values are off by more than {100 * error:.0f} %")
        if linear is not None and row.get("beside_MdAPE") is not None and linear < row["beside_MdAPE"]:
            lines.append(f"{name}: a linear model did better ({linear:.3f} against {row['beside_MdAPE']:.3f})")
    lines += list(alarms)
    said = "".join(f"- {line}\n" for line in lines) if lines else "Nothing is known against any category.\n"
    return f"## Where not to trust it\n\n{said}"


def _knobs(run: Mapping[str, Any]) -> str:
    differ = changed(default_knobs().model_dump(mode="json"), run.get("knobs") or {})
    why = run.get("promotion")
    return (
        "## Knobs\n\n"
        + ("".join(f"- {line}\n" for line in differ) if differ else "As in `models/data/knobs.toml`.\n")
        + (f"\n{why}\n" if why else "")
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _cell(value: Any) -> str:
    return "–" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value).replace("|", "\\|")
