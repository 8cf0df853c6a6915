"""What people decided about matches: confirmed, rejected, split. A decision is a Judgement that lands like any record.

A decision is about a key and a product ("KEY|PRODUCT"), holds from the day it was taken, takes effect at the next run
and is never undone by the model. The last word of a day on one pair counts.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from features.market import day_number
from warehouse.errors import BadInput
from warehouse.home import Home
from warehouse.landing import land, new_run
from warehouse.records import Judgement

SOURCE = "matching"
SAME, DIFFERENT = "same", "different"
_BETWEEN = "|"


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's word: the listings of `key` are, or are not, examples of `product`, from `day` (since 1970) on."""

    key: str
    product: str
    same: bool
    day: int
    why: str


def decide(
    home: Home, key: str, product: str, *, same: bool, why: str = "", clock: Callable[[], datetime]
) -> Judgement:
    """Land a person's decision. BadInput where key and product are one, or no keys at all."""
    for name in (key, product):
        if not name.strip() or _BETWEEN in name:
            raise BadInput(f'"{name}" is no key of a listing: `katy match list` shows them')
    if key == product:
        raise BadInput(f'"{key}" founded the product of that name: say which other key is to leave it, or to join it')
    now = clock().astimezone(UTC)
    run = new_run(now)
    verdict, about = SAME if same else DIFFERENT, f"{key}{_BETWEEN}{product}"
    judgement = Judgement(
        id=hashlib.sha256(f"{verdict}\n{about}\n{run}".encode()).hexdigest()[:24],
        source=SOURCE,
        about=about,
        verdict=verdict,
        detail_json=json.dumps({"why": " ".join(why.split())[:500]}, ensure_ascii=False),
        judged_at=now,
        run=run,
        row=1,
    )
    land(home, [judgement], source=SOURCE, run=run, now=now)
    return judgement


def decisions_among(judgements: Iterable[Judgement]) -> list[Decision]:
    """The decisions about matches among judgements, in the order of their days.

    Of one day the last word counts: on each pair, and on where a key belongs.
    """
    last: dict[tuple[int, str, str], Decision] = {}
    mine = (each for each in judgements if each.source == SOURCE and each.verdict in (SAME, DIFFERENT))
    for judgement in sorted(mine, key=lambda each: (each.judged_at, each.run, each.row, each.id)):
        decision = _read(judgement)
        first, second = sorted((decision.key, decision.product))
        for told in [each for each in last if each[0] == decision.day]:
            elsewhere = decision.same and last[told].same and last[told].key == decision.key
            if elsewhere or told[1:] == (first, second):
                del last[told]
        last[decision.day, first, second] = decision
    return sorted(last.values(), key=lambda each: each.day)


def standing(decisions: Iterable[Decision]) -> list[Decision]:
    """The last decision on each pair, whatever the day: what holds now, and what can be learned from."""
    last: dict[tuple[str, ...], Decision] = {}
    for decision in decisions:
        pair = tuple(sorted((decision.key, decision.product)))
        last.pop(pair, None)
        last[pair] = decision
    return list(last.values())


def _read(judgement: Judgement) -> Decision:
    key, _, product = judgement.about.partition(_BETWEEN)
    why = json.loads(judgement.detail_json).get("why", "")
    said = "a person says they are the same" if judgement.verdict == SAME else "a person says they are not the same"
    day = day_number(judgement.judged_at.astimezone(UTC).date())
    return Decision(key, product, judgement.verdict == SAME, day, f"{said}: {why}" if why else said)
