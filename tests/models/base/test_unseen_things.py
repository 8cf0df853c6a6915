"""Things never seen before are valued from what their titles and attributes share with others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from features.text import char_matrix, inverse_document_frequency, word_matrix
from models.base import hedonic
from models.base.hedonic import Hedonic, predictions
from models.base.lineage import fit_lineage, lineage_keys
from models.base.numerics import learn_numerics
from models.base.trees import Columns, Information, leave_out
from models.base.views import GUESSES, learn_line
from models.knobs import default_knobs

NOISE = 0.05
CARS = {"Maruti Swift": 12.9, "Maruti Alto": 12.3, "Honda City": 13.4, "Toyota Innova": 13.9}


def cars(n: int, seed: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Used cars with a known law: ln price = model − 0.11 · age − 0.4 · km/100,000 + 0.3 for automatic + noise."""
    random = np.random.default_rng(seed)
    rows, logs = [], []
    for number in range(n):
        title = list(CARS)[int(random.integers(len(CARS)))]
        year, km, auto = int(random.integers(2008, 2021)), int(random.integers(5, 150)) * 1000, random.random() < 0.3
        said = {"Year": str(year), "Kms Driven": f"{km:,} km", "Transmission": "Automatic" if auto else "Manual"}
        if random.random() < 0.1:
            said["Kms Driven"] = "N/A"
        rows.append(
            {
                "listing": f"cars/{seed}-{number}", "title": f"{title} {year}", "category": "car", "product": title,
                "brand": "", "attributes": said, "ln_list": np.nan, "grade": "good", "day": 20_000,
            }
        )  # fmt: skip
        logs.append(CARS[title] - 0.11 * (2020 - year) - 0.4 * km / 1e5 + 0.3 * auto + random.normal(0, NOISE))
    return pd.DataFrame(rows), np.array(logs)


@pytest.fixture(scope="module")
def trained() -> tuple[Hedonic, np.ndarray, pd.DataFrame, np.ndarray]:
    rows, target = cars(400, seed=1)
    titles = sorted(set(rows["title"]))
    idf = np.concatenate([inverse_document_frequency(m) for m in (word_matrix(titles), char_matrix(titles))])
    knobs = default_knobs().hedonic.model_copy(update={"trees": 60, "folds_of_few": 2})
    model, guessed = hedonic.learn(rows, target, idf, knobs)
    return model, guessed, rows, target


def test_unseen_cars_come_near_the_noise(trained: tuple[Any, ...]) -> None:
    model = trained[0]
    asked, true = cars(200, seed=2)

    error = float(np.median(np.abs(model.predict(asked) - true)))

    assert error < 2.5 * NOISE * 0.6745  # the median of what noise alone would leave is 0.6745 σ


def test_what_is_not_told_is_not_guessed_from(trained: tuple[Any, ...]) -> None:
    model = trained[0]
    asked, _ = cars(30, seed=3)
    silent = asked.assign(attributes=[{} for _ in range(len(asked))])

    each = model.predict_each(asked)

    assert np.allclose(model.predict(silent), each[:, Information.NO_ATTRIBUTES])
    assert np.array_equal(each[:, Information.ALL], each[:, Information.NO_LIST_PRICE])
    assert not np.allclose(each[:, Information.ALL], each[:, Information.NO_ATTRIBUTES])


def test_a_model_read_back_gives_the_same_answers_and_bytes(trained: tuple[Any, ...], tmp_path: Path) -> None:
    model = trained[0]
    asked, _ = cars(30, seed=4)
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        model.save(tmp_path / name)

    again = Hedonic.load(tmp_path / "one")

    assert np.array_equal(again.predict_each(asked), model.predict_each(asked))
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


def test_the_pieces_sum_to_the_answer_but_for_one_constant(trained: tuple[Any, ...]) -> None:
    model = trained[0]
    asked, _ = cars(30, seed=5)

    names, values = model.pieces(asked)

    assert len(names) == values.shape[1]
    assert np.ptp(model.predict(asked) - values.sum(axis=1)) < 1e-4


def test_beginnings_of_titles_fall_back_to_shorter_ones() -> None:
    rows = pd.DataFrame(
        {
            "title": ["Acme Rocket 5"] * 20 + ["Acme Anvil"] * 20 + ["Bolt Nut"] * 20,
            "category": "tool",
            "product": [str(place) for place in range(60)],
        }
    )
    target = np.repeat([5.0, 4.0, 1.0], 20)
    lineage = fit_lineage(lineage_keys(rows), target)
    asked = pd.DataFrame({"title": ["Acme Rocket 7", "Acme Broom", "Zeta"], "category": "tool", "product": "?"})

    rocket, acme, nothing = lineage.columns(lineage_keys(asked))[:, -2]

    assert rocket == pytest.approx(4.9, abs=0.2)
    assert acme == pytest.approx(4.4, abs=0.2)
    assert nothing == pytest.approx(10 / 3, abs=0.1)


def test_numbers_are_scaled_within_their_category_and_what_is_missing_adds_nothing() -> None:
    numbers = np.concatenate([np.linspace(1, 2, 50), np.linspace(100, 200, 50), [np.nan]])[:, np.newaxis]
    categories = pd.Series(["cup"] * 50 + ["car"] * 51)

    design = learn_numerics(numbers, categories).design(numbers, categories)

    assert design.shape == (101, 3 * 2)
    assert design[100].nnz == 0
    assert abs(design[:50].toarray()[:, -2:].mean()) < 1e-3  # cups, about their own mean


def test_a_guess_that_is_noise_gets_little_of_the_line() -> None:
    random = np.random.default_rng(1)
    target = random.normal(3, 1, 400)
    guesses = np.column_stack(
        [target + random.normal(0, s, 400) for s in (0.1, 2.0, 2.0, 2.0)] + [np.full(400, np.nan)]
    )

    line = learn_line(guesses, target)

    assert line.words[0] > 0.8
    assert len(line.all) == len(GUESSES)
    assert np.isfinite(line.of(guesses, described=True)).all()


class _Sum:
    """A booster whose answer is the sum of what is known of a row; it counts the rows it is asked for."""

    def __init__(self) -> None:
        self.asked = 0

    def predict(self, table: np.ndarray, num_threads: int) -> np.ndarray:
        self.asked += len(table)
        out: np.ndarray = np.nansum(table, axis=1)
        return out


def test_each_kind_of_information_is_answered_as_if_asked_alone_and_none_twice() -> None:
    names = (("words", "words"), ("list price", ""), ("attributes", "attributes"), ("attributes", "size"))
    columns, nan = Columns(names, ()), np.nan
    table = np.array([[1, 10, 100, 1000], [2, nan, 100, nan], [3, 10, nan, nan], [4, nan, nan, nan]], np.float32)
    lines = np.array([[0.25, 0.2, 0.15, 0.1], [0.2, 0.2, 0.1, 0.1], [0.35, 0.3, 0.35, 0.3], [0.4, 0.4, 0.4, 0.4]])
    booster = _Sum()

    found = predictions([booster], table, lines, tuple(Information), columns)

    assert booster.asked == 4 + 2 + 2 + 1
    for kind in Information:
        alone = np.nansum(leave_out(table, kind, columns), axis=1) + lines[:, kind]
        assert found[:, kind] == pytest.approx(alone)
        assert predictions([booster], table, lines, [kind], columns)[:, 0] == pytest.approx(alone)
