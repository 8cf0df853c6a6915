"""The measurement of matching: its files, its figures, and a model that beats plain likeness."""

from __future__ import annotations

import json
import os
import random
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import matching
from bench.matching_file import find_columns, read_pairs
from bench.matching_measures import best_threshold, choose_threshold, figures, precision_at_recall
from bench.matching_pool import measure
from features.matching.item import Item
from warehouse.errors import BadInput

LINE = "COL title VAL red drill COL price VAL 9.5\tCOL title VAL drill , red COL price VAL \t1"


def record(**fields: object) -> str:
    return " ".join(f"COL {name} VAL {value}" for name, value in fields.items())


def write_folder(folder: Path, *, seed: int = 0, rows: tuple[int, int, int] = (90, 45, 45)) -> Path:
    """A folder of pairs of drills whose codes, voltages and colours differ, or do not."""
    rng = random.Random(seed)
    folder.mkdir(exist_ok=True)
    for name, count in zip(("train", "valid", "test"), rows, strict=True):
        lines = []
        for _ in range(count):
            code, volts, price = f"dx{rng.randint(10, 99)}", rng.choice((12, 18)), rng.randint(20, 200)
            same = rng.random() < 0.3
            other = code if same else f"dx{rng.randint(10, 99)}"
            left = record(name=f"makita {code}a drill {volts} v", brand="makita", price=price)
            right = record(name=f"drill makita {other}-a {volts}v kit", brand="", price=price if same else 50)
            lines.append(f"{left}\t{right}\t{int(code == other)}")
        (folder / f"{name}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def read_text(folder: Path, text: str) -> object:
    path = folder / "train.txt"
    path.write_text(text, encoding="utf-8")
    return read_pairs(path)


def test_a_line_is_two_records_and_a_label(tmp_path: Path) -> None:
    (tmp_path / "train.txt").write_text(LINE + "\n\n", encoding="utf-8")
    pairs = read_pairs(tmp_path / "train.txt")
    assert pairs.left == [(("title", "red drill"), ("price", "9.5"))]
    assert pairs.right == [(("title", "drill , red"), ("price", ""))]
    assert pairs.label == [1]


def test_a_value_may_hold_the_word_col(tmp_path: Path) -> None:
    (tmp_path / "train.txt").write_text("COL title VAL 9mm COL case\tCOL title VAL x\t0", encoding="utf-8")
    assert read_pairs(tmp_path / "train.txt").left == [(("title", "9mm COL case"),)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{LINE}\n{LINE[:-2]}", "line 2: 2 parts"),
        (f"{LINE}\n\n{LINE[:-1]}yes", 'line 3: the label is "yes"'),
        ("title VAL red\tCOL title VAL x\t0", "line 1: a side starts with"),
        ("COL title red\tCOL title VAL x\t0", "line 1: a side starts with"),
        ("\n\n", "has no pairs"),
    ],
)
def test_a_line_that_is_no_pair_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadInput, match=r"train\.txt") as error:
        read_text(tmp_path, text)
    assert said in str(error.value)


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    (tmp_path / "train.txt").write_bytes(LINE.replace("red", "rouge clair é").encode("latin-1"))
    with pytest.raises(BadInput, match="UTF-8"):
        read_pairs(tmp_path / "train.txt")


def test_a_folder_that_lacks_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "train.txt").write_text(LINE, encoding="utf-8")
    with pytest.raises(BadInput, match=r"valid\.txt, test\.txt"):
        matching.read_folder(tmp_path)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            {"title": "a b", "manufacturer": "x", "price": "9.5"},
            {"title": "title", "manufacturer": "brand", "price": "price"},
        ),
        (
            {"name": "a b", "description": "c", "price": "$ 9"},
            {"name": "title", "description": "description", "price": "price"},
        ),
        ({"Beer_Name": "pale ale", "ABV": "4 %"}, {"Beer_Name": "title"}),
        (
            {"title": "a b", "modelno": "x1", "category": "tv"},
            {"title": "title", "modelno": "mpn", "category": "category"},
        ),
        ({"text": "red drill", "weight": "3"}, {"text": "title"}),
        ({"title": "a b", "price": "on request"}, {"title": "title"}),
    ],
)
def test_columns_are_known_by_name_and_values(fields: dict[str, str], expected: dict[str, str]) -> None:
    assert find_columns([tuple(fields.items())]).field_of == expected


def test_what_has_no_field_becomes_an_attribute() -> None:
    rows = [(("title", "pale ale"), ("price", "USD 1,250.50"), ("ABV", "4 %"), ("style", ""))]
    item = find_columns(rows).item(rows[0])
    assert (item.title, item.price, item.attributes) == ("pale ale", 1250.5, (("abv", "4 %"),))


def test_figures_count_what_is_called_the_same() -> None:
    found = figures(np.array([1, 1, 0, 0, 1]), np.array([0.9, 0.4, 0.8, 0.1, 0.6]), 0.5)
    assert (found.precision, found.recall) == (pytest.approx(2 / 3), pytest.approx(2 / 3))
    assert found.f1 == pytest.approx(2 / 3)
    assert figures(np.array([0, 0]), np.array([0.1, 0.2]), 0.5).f1 == 0


SCORED = st.lists(
    st.tuples(st.integers(0, 1), st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.9, 1.0])), min_size=1, max_size=30
)


@given(SCORED)
def test_no_other_score_is_a_better_threshold_than_the_best(pairs: list[tuple[int, float]]) -> None:
    truth, scores = np.array([label for label, _ in pairs]), np.array([score for _, score in pairs])
    best = figures(truth, scores, best_threshold(truth, scores)).f1
    assert best == max(figures(truth, scores, score).f1 for score in scores)


@given(SCORED)
def test_a_blurred_threshold_is_a_probability_and_finds_what_is_far_apart(pairs: list[tuple[int, float]]) -> None:
    truth, scores = np.array([label for label, _ in pairs]), np.array([score for _, score in pairs])
    assert 0 < choose_threshold(truth, scores) < 1
    if 0 < truth.sum() < len(truth):
        apart = np.where(truth == 1, 0.99, 0.01)
        assert figures(truth, apart, choose_threshold(truth, apart)).f1 == 1


def test_a_threshold_follows_the_probabilities() -> None:
    truth = np.array([1] * 20 + [0] * 80)
    cautious = np.concatenate([np.full(20, 0.2), np.full(80, 0.01)])
    assert 0.01 < choose_threshold(truth, cautious) <= 0.2


def test_one_lucky_pair_does_not_move_a_blurred_threshold_far() -> None:
    truth = np.array([1] * 30 + [0] * 70)
    scores = np.concatenate([np.linspace(0.3, 0.99, 30), np.linspace(0.01, 0.6, 70)])
    without = choose_threshold(truth, scores)
    lucky = choose_threshold(np.append(truth, 1), np.append(scores, 0.02))
    assert abs(lucky - without) < 0.05


def test_precision_at_a_recall_counts_positives_that_were_never_proposed() -> None:
    truth, scores = np.array([1, 0, 1, 0]), np.array([0.9, 0.8, 0.7, 0.1])
    found = precision_at_recall(truth, scores, 0.5, 4)
    assert found is not None
    assert (found.precision, found.recall) == (pytest.approx(2 / 3), 0.5)
    assert precision_at_recall(truth, scores, 0.95, 4) is None


def test_the_open_pool_sets_known_pairs_aside_and_counts_the_rest() -> None:
    left = [Item("a", "makita dx12 drill"), Item("b", "bosch gx40 saw")]
    right = [Item("x", "drill makita dx12"), Item("y", "bosch saw gx40"), Item("z", "makita drill dx99")]
    same, known = {(left[0], right[0])}, {(left[1], right[1])}

    def alike(one: list[Item], other: list[Item]) -> np.ndarray:
        return np.array([len(set(a.title.split()) & set(b.title.split())) / 3 for a, b in zip(one, other, strict=True)])

    found = measure(left, right, same, known, alike)  # type: ignore[arg-type]
    assert (found.left, found.right, found.positives, found.proposed) == (2, 3, 1, 1.0)
    assert found.figures is not None
    assert (found.figures.precision, found.figures.recall) == (1.0, 1.0)


def test_a_folder_is_measured_the_same_way_twice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_folder(tmp_path / "drills")
    monkeypatch.setattr(matching, "TRAINING", matching.Training(members=2, rounds=30, rate=0.2, folds=2, workers=1))
    monkeypatch.setattr(sys, "argv", ["katy bench matching", str(folder), "--json", "--quick"])
    reports = []
    for _ in range(2):
        matching.main()
        reports.append(json.loads(capsys.readouterr().out))
    for report in reports:
        del report["seconds"]
    assert reports[0] == reports[1]
    assert reports[0]["columns"] == {"name": "title", "brand": "brand", "price": "price"}
    assert reports[0]["pairs"]["train"]["all"] == 90
    assert reports[0]["test"]["f1"] > 0.9
    assert set(reports[0]["baselines"]) == set(matching.BASELINES)


def test_a_whole_report_tells_groups_and_open_pool(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_folder(tmp_path / "drills", rows=(40, 20, 20))
    monkeypatch.setattr(matching, "TRAINING", matching.Training(members=1, rounds=5, rate=0.3, folds=2))
    monkeypatch.setattr(sys, "argv", ["katy bench matching", str(folder)])
    matching.main()
    told = capsys.readouterr().out
    assert all(group in told for group in matching.OWN)
    assert "Open pool: " in told
    assert "with decided matches" in told


@pytest.mark.parametrize("name", matching.PARTS)
@pytest.mark.parametrize("label", ["0", "1"])
def test_a_file_of_one_label_is_refused_by_name(tmp_path: Path, name: str, label: str) -> None:
    path = write_folder(tmp_path) / f"{name}.txt"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(line[:-1] + label for line in lines), encoding="utf-8")

    with pytest.raises(BadInput, match=rf"{name}\.txt: .* pairs have the label 1"):
        matching.read_folder(tmp_path)


def test_no_candidates_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["matching", str(tmp_path), "--candidates", "0"])

    with pytest.raises(SystemExit) as ended:
        matching.main()
    assert ended.value.code == 2


@pytest.mark.data
@pytest.mark.skipif(not os.environ.get("KATY_TEST_DATA"), reason="KATY_TEST_DATA names no folder of public data files")
def test_on_real_pairs_the_model_beats_plain_likeness(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = Path(os.environ["KATY_TEST_DATA"]) / "matching" / "abt_buy"
    if not source.is_dir():
        pytest.skip("KATY_TEST_DATA has no matching/abt_buy")
    for name, count in {"train": 400, "valid": 200, "test": 200}.items():
        lines = (source / f"{name}.txt").read_text(encoding="utf-8").split("\n")[:count]
        (tmp_path / f"{name}.txt").write_text("\n".join(lines), encoding="utf-8")
    monkeypatch.setattr(matching, "TRAINING", matching.Training(members=2, rounds=150, rate=0.06, folds=3))
    report = matching.run(tmp_path, groups=False, pool=False)
    best = max(told["f1"] for told in report["baselines"].values())
    assert report["test"]["f1"] > best + 0.1
    assert report["pairs_alone"]["f1"] > best + 0.1
