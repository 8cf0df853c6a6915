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
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from rich.console import Console
from rich.table import Table

from bench import matching_pool
from bench.matching_file import Columns, find_columns, read_pairs
from bench.matching_measures import Figures, best_threshold, choose_threshold, figures
from features.matching import competition, decided, text_model
from features.matching.item import Item
from features.matching.pair_features import GROUPS, PairFeatures
from features.matching.pair_model import EVIDENCE, Extra, PairModel, Training
from warehouse.errors import BadInput

console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
PARTS = ("train", "valid", "test")
OWN = (*GROUPS, EVIDENCE, competition.GROUP)
TRAINING = Training(rounds=300, workers=2)
EXTRA_NAMES = {
    competition.GROUP: competition.NAMES,
    decided.GROUP: decided.NAMES,
    text_model.GROUP: text_model.NAMES,
}
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


class Knows(Protocol):
    """Knows more of a pair than its two records say."""

    def features(self, left: Sequence[Item], right: Sequence[Item]) -> np.ndarray:
        """Return columns of the pairs (left[i], right[i]): shape (n, columns)."""
        ...


class Bench:
    """One folder's pairs with all that models are made of, computed once."""

    def __init__(self, folder: Path, training: Training, texts: text_model.TextModel | None = None) -> None:
        self.training = training
        self.columns, self.parts = read_folder(folder)
        train, valid = self.parts["train"], self.parts["valid"]
        known = [*train.left, *train.right, *valid.left, *valid.right]
        self.features = PairFeatures.fit(known, sides=True, seed=training.seed)
        self.rows = {name: self.features.rows(part.left, part.right) for name, part in self.parts.items()}
        # Every record of the three files once, in the order in which they appear.
        self.left = list(dict.fromkeys(item for part in self.parts.values() for item in part.left))
        self.right = list(dict.fromkeys(item for part in self.parts.values() for item in part.right))
        self.knows: dict[str, Knows] = {
            competition.GROUP: competition.Catalogue(self.features.space, self.left, self.right),
            decided.GROUP: decided.Decided(self.features.space, train.left, train.right, train.truth.tolist()),
        }
        self.groups: tuple[str, ...] = OWN
        if texts is not None:
            self.knows[text_model.GROUP] = texts
            self.groups = (*OWN, text_model.GROUP)

    @cached_property
    def extras(self) -> dict[str, dict[str, np.ndarray]]:
        """Part → group → columns that know more than a pair's two records."""
        return {
            name: {group: source.features(part.left, part.right) for group, source in self.knows.items()}
            for name, part in self.parts.items()
        }

    def judge(self, groups: Collection[str]) -> Judged:
        """Train with some groups of features, choose the threshold on valid.txt, and count on test.txt."""
        extras = {name: chosen(groups, columns) for name, columns in self.extras.items()}
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
            measured.append((*self._figures(scores, best_threshold), name))
        _, test, name = max(measured, key=lambda one: one[0].f1)
        return name, test

    def open_pool(self, model: PairModel, top: int) -> matching_pool.OpenPool:
        """All records of one side against all of the other, judged by a model that knows the catalogues."""

        def score(left: Sequence[Item], right: Sequence[Item]) -> np.ndarray:
            columns = {group: self.knows[group].features(left, right) for group in self.groups if group in self.knows}
            return model.score_rows(self.features.rows(left, right), chosen(self.groups, columns))

        test = self.parts["test"]
        same = {pair for pair, truth in zip(test.pairs, test.truth, strict=True) if truth}
        known = {pair for name in ("train", "valid") for pair in self.parts[name].pairs} - same
        return matching_pool.measure(self.left, self.right, same, known, score, top=top)

    def _figures(
        self, scores: dict[str, np.ndarray], choose: Callable[[np.ndarray, np.ndarray], float] = choose_threshold
    ) -> tuple[Figures, Figures]:
        threshold = choose(self.parts["valid"].truth, scores["valid"])
        valid, test = (figures(self.parts[name].truth, scores[name], threshold) for name in ("valid", "test"))
        return valid, test


def chosen(groups: Collection[str], columns: Mapping[str, np.ndarray]) -> Extra | None:
    """Those of the columns (group → columns) whose groups are asked for."""
    kept = [group for group in EXTRA_NAMES if group in groups and group in columns]
    told = [(name, group) for group in kept for name in EXTRA_NAMES[group]]
    if not told:
        return None
    names, of = zip(*told, strict=True)
    return Extra(np.hstack([columns[group] for group in kept]), names, of)


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
    for name, part in parts.items():
        _check_labels(folder / f"{name}.txt", part.truth, 2 if name == "train" else 1)
    return columns, parts


def _check_labels(path: Path, truth: np.ndarray, least: int) -> None:
    """Refuse a file from which nothing can be learned, or against which nothing can be judged."""
    same = int(truth.sum())
    if min(same, len(truth) - same) < least:
        raise BadInput(
            f"{path}: {same} of {len(truth)} pairs have the label 1; it needs {least} or more of 1 and of 0 each"
        )


def run(
    folder: Path,
    *,
    groups: bool = True,
    pool: bool = True,
    top: int = matching_pool.CANDIDATES,
    texts: text_model.TextModel | None = None,
) -> dict[str, Any]:
    """Measure a folder; the report as plain data. Without ``groups`` and ``pool`` only the model and the baselines."""
    started = time.perf_counter()
    bench = Bench(folder, TRAINING, texts)
    seconds = {"reading and features": time.perf_counter() - started}
    own = bench.groups
    model = bench.judge(own)
    seconds["reading, training and judging"] = time.perf_counter() - started
    report: dict[str, Any] = {
        "folder": str(folder),
        "columns": bench.columns.field_of,
        "pairs": {name: {"all": len(part.truth), "same": int(part.truth.sum())} for name, part in bench.parts.items()},
        "test": model.test.rounded(),
        "valid": model.valid.rounded(),
        "pairs_alone": bench.judge([group for group in own if group != competition.GROUP]).test.rounded(),
        "with_decided_matches": bench.judge([*own, decided.GROUP]).test.rounded(),
        "baselines": {},
    }
    for name, columns in BASELINES.items():
        column, found = bench.baseline(columns)
        report["baselines"][name] = {"column": column, **found.rounded()}
    if groups:
        report["groups"] = {
            group: {
                "without": bench.judge([other for other in own if other != group]).test.rounded(),
                "alone": bench.judge([group]).test.rounded(),
            }
            for group in own
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
    parser.add_argument("--text-model", type=Path, help="an ONNX file: a pretrained text model as one more group")
    parser.add_argument("--tokenizer", type=Path, help="the text model's tokenizer.json")
    asked = parser.parse_args()
    if asked.candidates < 1:
        parser.error("--candidates is a number from 1 on")
    if (asked.text_model is None) != (asked.tokenizer is None):
        parser.error("--text-model and --tokenizer go together")
    texts = asked.text_model and text_model.TextModel.open(asked.text_model, asked.tokenizer)
    report = run(asked.folder, groups=not asked.quick, pool=not asked.quick, top=asked.candidates, texts=texts)
    if asked.json:
        sys.stdout.write(json.dumps(report, indent=2, ensure_ascii=False) + "\n")
    else:
        show(report)


if __name__ == "__main__":
    main()
