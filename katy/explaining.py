"""An explanation for a person at a terminal."""

from __future__ import annotations

from katy.commands.market import print_table
from katy.context import console
from models.explanation.shapes import Explanation
from models.explanation.shown import GROUP_LABELS, change, money


def show_explanation(explained: Explanation) -> None:
    """What the base is made of, what would change the value, and the trade cap; nothing of what there is not."""
    inside, currency = explained.contributions, explained.valuation.currency
    if inside is not None:
        usual = inside.usual_of.replace("_", " ") or "all things seen"
        rows = [{"part": f"usual price: {usual}", "name": "", "amount": money(inside.start, currency)}]
        rows += [
            {"part": GROUP_LABELS[part.group], "name": part.name, "amount": change(part.amount, currency)}
            for part in inside.parts
        ]
        rows.append({"part": "base", "name": "", "amount": money(inside.base, currency)})
        print_table("What the base is made of", rows)
    if explained.what_if:
        print_table(
            "What would change this value",
            [
                {
                    "change": each.change,
                    "to": each.to.replace("_", " "),
                    "value": money(each.fmv, currency),
                    "difference": change(each.difference, currency),
                    "note": each.note or "",
                }
                for each in explained.what_if
            ],
        )
    if explained.trade_cap is not None:
        cap = explained.trade_cap
        until = f" until {cap.until}" if cap.until else ""
        console.print(
            f"In a trade now at most {money(cap.amount, cap.currency)}: {cap.times} times the"
            f" {money(cap.baseline, cap.currency)} of before {cap.since}{until}, for {cap.because}."
            " The cap is no part of the value.",
            markup=False,
        )
        for said in (*cap.notes, *([f"{cap.statute}: {cap.source}"] if cap.statute else [])):
            console.print(said, style="dim", markup=False)
