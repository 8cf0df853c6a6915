"""Matching of labelled pairs: precision, recall and F1 on a test file, and what each group of features brought.

    katy bench matching FOLDER [--json]

FOLDER holds train.txt, valid.txt and test.txt (see `bench.matching_file`). The model learns from train.txt and its
threshold comes from valid.txt; test.txt is read to be judged, and its labels only to be counted.

The model reads the two records of a pair, and how the pair stands among its rivals in both catalogues: the records of
all three files, without any word of which pairs were asked or decided. "pairs alone" is the model without these rivals.
What the decided pairs of train.txt say of others (a record whose match is known hardly has a second one) is a group of
its own that the model leaves out; "with decided matches" is the model that has it too.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from bench import matching_pool
from bench.matching_file import Columns, find_columns, read_pairs
from bench.matching_measures import Figures, choose_threshold, figures
from features.matching import competition, decided
from features.matching.item import Item
from features.matching.pair_features import GROUPS, PairFeatures, PairRows
from features.matching.pair_model import EVIDENCE, Extra, PairModel, Training
from warehouse.errors import BadInput

console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
PARTS = ("train", "valid", "test")
OWN = (*GROUPS, EVIDENCE, competition.GROUP)
TRAINING = Training(rounds=300, workers=2)
# Likeness by one number: its name → the columns that may be it; the better one on valid.txt stands for it.
BASELINES = {
    "token-set ratio": ("title_set_ratio", "whole_set_ratio"),
    "TF-IDF cosine": ("words_cosine", "whole_words_cosine"),
}


@dataclass(frozen=True)
class Part:
    """The pairs of one file."""

    left: list[Item]
    right: list[Item]
    truth: np.ndarray

    @property
    def pairs(self) -> list[tuple[Item, Item]]:
        return list(zip(self.left, self.right, strict=True))


@dataclass(frozen=True)
class Judged:
    """A trained model with its threshold, and its figures on valid.txt and test.txt."""

    model: PairModel
    valid: Figures
    test: Figures


class Bench:
    """One folder's pairs with all that models are made of, computed once."""

    def __init__(self, folder: Path, training: Training = TRAINING) -> None:
        self.training = training
        self.columns, self.parts = read_folder(folder)
        train, valid = self.parts["train"], self.parts["valid"]
        known = [*train.left, *train.right, *valid.left, *valid.right]
        self.features = PairFeatures.fit(known, sides=True, seed=training.seed)
        self.rows = {name: self.features.rows(part.left, part.right) for name, part in self.parts.items()}

    @cached_property
    def sides(self) -> tuple[list[Item], list[Item]]:
        """Both catalogues: every record of the three files once, in the order in which they appear."""
        parts = self.parts.values()
        left = dict.fromkeys(item for part in parts for item in part.left)
        return list(left), list(dict.fromkeys(item for part in parts for item in part.right))

    @cached_property
    def catalogue(self) -> competition.Catalogue:
        """Both catalogues, as rivals."""
        return competition.Catalogue(self.features.space, *self.sides)

    @cached_property
    def decided(self) -> decided.Decided:
        """The matches that train.txt tells."""
        train = self.parts["train"]
        return decided.Decided(self.features.space, train.left, train.right, train.truth.tolist())

    @cached_property
    def extras(self) -> dict[str, dict[str, np.ndarray]]:
        """Group → part → columns that know more than a pair's two records."""
        more: dict[str, competition.Catalogue | decided.Decided]
        more = {competition.GROUP: self.catalogue, decided.GROUP: self.decided}
        return {
            group: {name: source.features(part.left, part.right) for name, part in self.parts.items()}
            for group, source in more.items()
        }

    def chosen_extra(self, groups: Collection[str], columns: dict[str, np.ndarray]) -> Extra | None:
        """Those of the columns (group → columns) whose groups are asked for."""
        chosen = [group for group in (competition.GROUP, decided.GROUP) if group in groups]
        names = {competition.GROUP: competition.NAMES, decided.GROUP: decided.NAMES}
        if not chosen:
            return None
        told = [(name, group) for group in chosen for name in names[group]]
        return Extra(
            np.hstack([columns[group] for group in chosen]),
            tuple(name for name, _ in told),
            tuple(group for _, group in told),
        )

    def judge(self, groups: Collection[str]) -> Judged:
        """Train with some groups of features, choose the threshold on valid.txt, and count on test.txt."""
        extras = {
            name: self.chosen_extra(groups, {group: parts[name] for group, parts in self.extras.items()})
            for name in PARTS
        }
        train = self.parts["train"]
        model = PairModel.fit(
            train.pairs,
            train.truth,
            features=self.features,
            rows=self.rows["train"],
            extra=extras["train"],
            groups=groups,
            training=self.training,
        )
        scores = {name: model.score_rows(self.rows[name], extras[name]) for name in ("valid", "test")}
        return Judged(model, *self._figures(scores))

    def baseline(self, names: Sequence[str]) -> tuple[str, Figures]:
        """The column that does best on valid.txt with the threshold chosen there, and its figures on test.txt."""
        measured = []
        for name in names:
            column = self.features.names.index(name)
            scores = {part: self.rows[part].matrix[:, column] for part in ("valid", "test")}
            measured.append((*self._figures(scores), name))
        _, test, name = max(measured, key=lambda one: one[0].f1)
        return name, test

    def open_pool(self, model: PairModel, top: int) -> matching_pool.OpenPool:
        """All records of one side against all of the other, judged by a model that knows the catalogues."""

        def score(left: Sequence[Item], right: Sequence[Item]) -> np.ndarray:
            rows: PairRows = self.features.rows(left, right)
            return model.score_rows(
                rows, self.chosen_extra(OWN, {competition.GROUP: self.catalogue.features(left, right)})
            )

        test = self.parts["test"]
        same = {pair for pair, truth in zip(test.pairs, test.truth, strict=True) if truth}
        known = {pair for name in ("train", "valid") for pair in self.parts[name].pairs} - same
        return matching_pool.measure(*self.sides, same, known, score, top=top)

    def _figures(self, scores: dict[str, np.ndarray]) -> tuple[Figures, Figures]:
        threshold = choose_threshold(self.parts["valid"].truth, scores["valid"])
        valid, test = (figures(self.parts[name].truth, scores[name], threshold) for name in ("valid", "test"))
        return valid, test


def read_folder(folder: Path) -> tuple[Columns, dict[str, Part]]:
    """Read the three files; what the columns hold is found out from train.txt and valid.txt."""
    missing = [f"{name}.txt" for name in PARTS if not (folder / f"{name}.txt").is_file()]
    if missing:
        raise BadInput(
            f"{folder} has no {', '.join(missing)}; a folder of pairs holds train.txt, valid.txt and test.txt"
        )
    read = {name: read_pairs(folder / f"{name}.txt") for name in PARTS}
    columns = find_columns(record for name in PARTS[:2] for record in (*read[name].left, *read[name].right))
    made = {record: columns.item(record) for pairs in read.values() for record in (*pairs.left, *pairs.right)}
    parts = {
        name: Part(
            [made[record] for record in pairs.left],
            [made[record] for record in pairs.right],
            np.array(pairs.label, dtype=np.int8),
        )
        for name, pairs in read.items()
    }
    return columns, parts


def run(folder: Path, *, groups: bool = True, pool: bool = True, top: int = matching_pool.CANDIDATES) -> dict[str, Any]:
    """Measure a folder; the report as plain data. Without ``groups`` and ``pool`` only the model and the baselines."""
    started = time.perf_counter()
    bench = Bench(folder)
    seconds = {"reading and features": time.perf_counter() - started}
    model = bench.judge(OWN)
    seconds["reading, training and judging"] = time.perf_counter() - started
    report: dict[str, Any] = {
        "folder": str(folder),
        "columns": bench.columns.field_of,
        "pairs": {name: {"all": len(part.truth), "same": int(part.truth.sum())} for name, part in bench.parts.items()},
        "test": model.test.rounded(),
        "valid": model.valid.rounded(),
        "pairs_alone": bench.judge([group for group in OWN if group != competition.GROUP]).test.rounded(),
        "with_decided_matches": bench.judge([*OWN, decided.GROUP]).test.rounded(),
        "baselines": {},
    }
    for name, columns in BASELINES.items():
        column, found = bench.baseline(columns)
        report["baselines"][name] = {"column": column, **found.rounded()}
    if groups:
        report["groups"] = {
            group: {
                "without": bench.judge([other for other in OWN if other != group]).test.rounded(),
                "alone": bench.judge([group]).test.rounded(),
            }
            for group in OWN
        }
    if pool:
        report["open_pool"] = _told(bench.open_pool(model.model, top), top)
    seconds["all"] = time.perf_counter() - started
    return report | {"seconds": {name: round(value, 1) for name, value in seconds.items()}}


def _told(pool: matching_pool.OpenPool, top: int) -> dict[str, Any]:
    return {
        "records": [pool.left, pool.right],
        "candidates": pool.candidates,
        "candidates_per_record": top,
        "positives": pool.positives,
        "positives_among_candidates": round(pool.proposed, 4),
        "at_recall": matching_pool.RECALL,
        "found": pool.figures.rounded() if pool.figures else None,
        "unlabelled": "counted as different; pairs of train.txt and valid.txt are set aside",
    }


def show(report: dict[str, Any]) -> None:
    """Print a report as tables."""
    pairs = ", ".join(f"{name} {told['all']} ({told['same']} the same)" for name, told in report["pairs"].items())
    console.print(f"{report['folder']}: {pairs}", markup=False)
    table = Table("", "precision", "recall", "F1", title="On test.txt, threshold from valid.txt")
    lines = {"the model": report["test"], "pairs alone": report["pairs_alone"]}
    lines |= {"with decided matches": report["with_decided_matches"], **report["baselines"]}
    for name, told in lines.items():
        table.add_row(name, *(f"{told[figure]:.1%}" for figure in ("precision", "recall", "f1")))
    console.print(table)
    if "groups" in report:
        table = Table("group of features", "F1 without it", "it brought", "F1 of it alone")
        for group, told in report["groups"].items():
            without, alone = told["without"]["f1"], told["alone"]["f1"]
            table.add_row(group, f"{without:.1%}", f"{100 * (report['test']['f1'] - without):+.1f}", f"{alone:.1%}")
        console.print(table)
    if "open_pool" in report:
        _show_pool(report["open_pool"])
    console.print(", ".join(f"{name}: {value:.0f} s" for name, value in report["seconds"].items()))


def _show_pool(pool: dict[str, Any]) -> None:
    left, right = pool["records"]
    console.print(
        f"Open pool: {left} × {right} records, {pool['candidates']} candidates ({pool['candidates_per_record']} a "
        f"record), {pool['positives_among_candidates']:.1%} of {pool['positives']} positives of test.txt among them; "
        f"pairs without a label are {pool['unlabelled']}."
    )
    found, recall = pool["found"], f"{pool['at_recall']:.0%} recall"
    console.print(f"Precision at {recall}: {found['precision']:.1%}" if found else f"{recall} is not reached")


def main() -> None:
    parser = argparse.ArgumentParser(description="Precision, recall and F1 of matching on a folder of labelled pairs")
    parser.add_argument("folder", type=Path, help="holds train.txt, valid.txt and test.txt")
    parser.add_argument("--json", action="store_true", help="the report as JSON")
    parser.add_argument("--quick", action="store_true", help="without groups of features and open pool")
    parser.add_argument("--candidates", type=int, default=matching_pool.CANDIDATES, help="candidates of a record")
    asked = parser.parse_args()
    report = run(asked.folder, groups=not asked.quick, pool=not asked.quick, top=asked.candidates)
    if asked.json:
        sys.stdout.write(json.dumps(report, indent=2, ensure_ascii=False) + "\n")
    else:
        show(report)


if __name__ == "__main__":
    main()
