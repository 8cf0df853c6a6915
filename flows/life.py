"""What a run says of what it has learned, in the snapshot's manifest, as a kept run and as alarms."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from features.drivers import Drivers
from models.knobs import Knobs, as_kept, changed, taught_by
from models.level.state import Learned
from models.life.monitors import monitor
from models.life.runs import data_hash, keep_runs
from models.life.too_good import FORMULA, Suspicion
from models.life.trial import try_knobs
from warehouse import snapshot
from warehouse.alarm_ends import keep_alarms
from warehouse.alarms import Finding
from warehouse.errors import BadInput, NothingPublished
from warehouse.home import Home

SOURCE = "katy.models"


@dataclass(frozen=True)
class Chosen:
    """The knobs a run learns by, why, and the hash of those that were refused."""

    knobs: Knobs
    why: str = ""
    refused: str = ""


def described(learned: Learned, suspected: Sequence[Suspicion], note: str, chosen: Chosen) -> dict[str, Any]:
    """What the manifest says of a run beside its vintages: data hash, note, what was suspected, why these knobs."""
    counts = learned.market.rows.groupby(["source", "kind"]).size()
    return {
        "data_hash": data_hash(learned.market.rows),
        "note": note,
        "promotion": chosen.why,
        "refused": chosen.refused,
        "suspected": [each.message for each in suspected],
        "rows_by_source": [[str(source), str(kind), int(n)] for (source, kind), n in counts.items()],
    }


def look_after(home: Home, learned: Learned, suspected: Sequence[Suspicion], clock: Callable[[], datetime]) -> None:
    """Keep the run beside the others, and raise or end the models' alarms."""
    keep_runs(home.runs, (each.manifest for each in snapshot.listing(home)))
    findings = [*monitor(learned), *(_finding(each) for each in suspected)]
    keep_alarms(home, SOURCE, findings, clock)


def knobs_that_hold(
    home: Home, rows: pd.DataFrame, asked: Knobs, drivers: Drivers | None, *, say: Callable[[str], None]
) -> Chosen:
    """The knobs asked for, unless they do worse on the newest things than those of the current snapshot.

    Only knobs that teach are held against each other, and only where they differ; the others hold at once.
    """
    try:
        last = snapshot.current(home).manifest
        old = as_kept(last["knobs"])
    except (NothingPublished, KeyError, ValueError):
        return Chosen(asked)
    if taught_by(old) == taught_by(asked) or old.anchor != asked.anchor:
        return Chosen(asked)
    differ = ", ".join(changed(taught_by(old), taught_by(asked)))
    wanted = hashlib.sha256(json.dumps(taught_by(asked), sort_keys=True).encode()).hexdigest()[:16]
    if last.get("refused") == wanted:
        why = f"{differ}: refused before; `katy models try` compares them again"
        worse = True
    else:
        say(f"knobs differ from those in use ({differ}): both are tried on the newest things")
        try:
            trial = try_knobs(rows, old, asked, drivers=drivers, say=say)
            why, worse = f"{differ}: {trial.why}", trial.worse
        except BadInput as error:
            why, worse = f"{differ}: not compared, {error}", False
    say(f"{'the old knobs are kept' if worse else 'the new knobs are taken'}; {why}")
    if not worse:
        return Chosen(asked, why)
    kept = {name: getattr(old, name) for name in taught_by(old)}
    return Chosen(asked.model_copy(update=kept), why, wanted)


def _finding(one: Suspicion) -> Finding:
    severity = {FORMULA: "error"}.get(one.kind, "warning")
    return Finding(f"too_good_{one.kind}", one.where, severity, one.message, {"error": one.error, "n": one.things})
