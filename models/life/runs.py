"""The runs there have been: what each learned from, by which knobs and code, how good it was and what was noted.

A snapshot's manifest has all of it. A copy without the list of files is kept in the folder `runs` of the data folder,
one JSON file for each snapshot, and stays when the snapshot is pruned.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from warehouse.errors import BadInput

_OF_DATA = ["listing", "day", "kind", "title", "ln_price", "ln_list", "category", "product", "seller", "region"]


def data_hash(rows: pd.DataFrame) -> str:
    """The hash of a market table: equal rows in equal order, equal hash."""
    there = [name for name in _OF_DATA if name in rows]
    prints = pd.util.hash_pandas_object(rows[there], index=False).to_numpy()
    return hashlib.sha256(prints.tobytes()).hexdigest()[:24]


def keep_runs(folder: Path, manifests: Iterable[Mapping[str, Any]]) -> list[str]:
    """Write the runs that are not there yet, each whole or not at all; returns their ids.

    A run killed between publishing and this is caught up with by the next one.
    """
    kept = []
    for manifest in manifests:
        path = folder / f"{manifest['id']}.json"
        if path.exists():
            continue
        folder.mkdir(parents=True, exist_ok=True)
        beside = folder / f".{secrets.token_hex(6)}"
        run = {name: value for name, value in manifest.items() if name != "files"}
        beside.write_text(json.dumps(run, sort_keys=True, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        beside.replace(path)
        kept.append(str(manifest["id"]))
    return kept


def read_runs(folder: Path) -> list[dict[str, Any]]:
    """All runs kept, the newest first."""
    files = sorted((path for path in folder.glob("*.json") if not path.name.startswith(".")), reverse=True)
    return [json.loads(path.read_text(encoding="utf-8")) for path in files]


def find_run(folder: Path, begins: str) -> dict[str, Any]:
    """The run whose id begins so; BadInput where there is none, or several."""
    hits = [run for run in read_runs(folder) if begins and str(run["id"]).startswith(begins)]
    if len(hits) != 1:
        what = f"begins the ids of {len(hits)} runs: say more" if hits else "begins the id of no run"
        raise BadInput(f'"{begins}" {what}; `katy models list` shows them')
    return hits[0]


def told(run: Mapping[str, Any]) -> dict[str, Any]:
    """A run on one line: id, when, data, code, error beside the linear baseline's, knobs that differ, note."""
    table = run.get("quality") or []
    whole: Mapping[str, Any] = next((row for row in table if row["category"] == "all"), {})
    return {
        "run": run["id"],
        "data up to": str(run.get("data_cutoff") or "")[:10],
        "data": str(run.get("data_hash") or "")[:8],
        "code": run.get("code_version"),
        "n": whole.get("n"),
        "MdAPE": whole.get("MdAPE"),
        "linear": whole.get("linear_MdAPE"),
        "note": run.get("note") or "",
    }
