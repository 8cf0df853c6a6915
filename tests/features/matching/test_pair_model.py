"""The pair model on a small generated market: what it learns, keeps and says."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from features.matching.competition import NAMES as RIVALS
from features.matching.competition import Catalogue
from features.matching.decided import Decided
from features.matching.item import Item
from features.matching.pair_features import PairFeatures
from features.matching.pair_model import EVIDENCE, Extra, PairModel, Training
from warehouse.errors import BadInput

SMALL = Training(members=2, rounds=40, rate=0.15, folds=2)
Pairs = list[tuple[Item, Item]]


def market(seed: int, count: int) -> tuple[Pairs, list[int]]:
    """Pairs of a shop's and a person's words: the same drill or phone, or one of another code, size or edition."""
    rng = random.Random(seed)
    pairs, labels = [], []
    for number in range(count):
        brand, kind = rng.choice((("makita", "drill"), ("bosch", "drill"), ("nokia", "phone"), ("sony", "phone")))
        code, size = f"{rng.choice(('xr', 'gt', 'ab'))}{rng.randint(100, 999)}", rng.choice((16, 18, 32, 64))
        unit = "v" if kind == "drill" else "gb"
        same = number % 3 == 0
        other_code = code if same or rng.random() < 0.3 else f"{code[:2]}{rng.randint(100, 999)}"
        other_size = size if same or other_code != code else size * 2
        price = rng.uniform(20, 200)
        left = Item(f"l{number}", f"{brand} {code} {kind} {size}{unit}", brand=brand, price=round(price, 2))
        word = rng.choice(("great", "used", "boxed"))
        right_price = round(price * rng.uniform(0.7, 1.2), 2) if same else round(rng.uniform(20, 200), 2)
        title = f"{kind} {brand} {other_code[:2]}-{other_code[2:]} {other_size} {unit} {word}"
        pairs.append((left, Item(f"r{number}", title, price=right_price)))
        labels.append(int(same))
    return pairs, labels


TAUGHT, LABELS = market(1, 240)
ASKED, TRUTH = market(2, 120)
LEFT, RIGHT = [one for one, _ in ASKED], [other for _, other in ASKED]


@pytest.fixture(scope="module")
def model() -> PairModel:
    return PairModel.fit(TAUGHT, LABELS, training=SMALL)


def test_it_tells_the_same_from_another_code_or_size(model: PairModel) -> None:
    scores = model.score(LEFT, RIGHT)
    assert scores.dtype == np.float64
    assert scores.shape == (120,)
    assert ((scores >= 0) & (scores <= 1)).all()
    assert ((scores >= 0.5) == np.array(TRUTH, bool)).mean() > 0.95


def test_a_pair_scores_the_same_either_way_round(model: PairModel) -> None:
    np.testing.assert_array_equal(model.score(LEFT, RIGHT), model.score(RIGHT, LEFT))


def test_a_pair_scores_the_same_alone_and_among_others(model: PairModel) -> None:
    together = model.score(LEFT[:5], RIGHT[:5])
    alone = [model.score([one], [other])[0] for one, other in ASKED[:5]]
    np.testing.assert_allclose(together, alone, rtol=1e-5)


def test_no_pairs_have_no_scores(model: PairModel) -> None:
    assert model.score([], []).shape == (0,)


def test_the_same_pairs_teach_the_same_model(model: PairModel) -> None:
    again = PairModel.fit(TAUGHT, LABELS, training=replace(SMALL, workers=2))
    assert again.key == model.key
    np.testing.assert_array_equal(again.score(LEFT, RIGHT), model.score(LEFT, RIGHT))
    other = PairModel.fit(TAUGHT, [1 - label for label in LABELS], features=model.features, training=SMALL)
    assert other.key != model.key


def test_a_saved_model_is_the_same_model(model: PairModel, tmp_path: Path) -> None:
    model.save(tmp_path / "kept")
    read = PairModel.load(tmp_path / "kept")
    assert (read.key, read.names) == (model.key, model.names)
    np.testing.assert_array_equal(read.score(LEFT, RIGHT), model.score(LEFT, RIGHT))
    assert read.reasons(*ASKED[0]) == model.reasons(*ASKED[0])
    assert not [path for path in (tmp_path / "kept").iterdir() if path.suffix in {".pkl", ".pickle", ".joblib"}]


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=str(tmp_path)):
        PairModel.load(tmp_path)


def test_reasons_name_the_code_and_the_size(model: PairModel) -> None:
    one = Item("1", "makita xr123 drill 18v")
    same = model.reasons(one, Item("2", "drill makita xr-123 18 v used"))
    assert "same model code xr123" in same
    differing = model.reasons(one, Item("3", "drill makita gt-456 36 v used"))
    assert "model codes differ: xr123 / gt456" in differing
    assert not any(reason.startswith("same model code") for reason in differing)


def test_what_weighs_more_is_believed(model: PairModel) -> None:
    """Each pair is told twice, once wrongly: the heavier word holds."""
    told = LABELS + [1 - label for label in LABELS]
    weights = [1.0] * len(TAUGHT) + [0.05] * len(TAUGHT)
    right = PairModel.fit(TAUGHT * 2, told, weights=weights, features=model.features, training=SMALL).score(LEFT, RIGHT)
    wrong = PairModel.fit(TAUGHT * 2, told, weights=weights[::-1], features=model.features, training=SMALL).score(
        LEFT, RIGHT
    )
    truth = np.array(TRUTH, bool)
    assert ((right >= 0.5) == truth).mean() > 0.9
    assert ((wrong >= 0.5) == truth).mean() < 0.1


@pytest.mark.parametrize("labels", [[0] * 240, [1] * 240, [1] + [0] * 239])
def test_one_kind_of_pairs_teaches_nothing(labels: list[int]) -> None:
    with pytest.raises(BadInput, match="two of each kind"):
        PairModel.fit(TAUGHT, labels, training=SMALL)


def test_a_handful_of_pairs_is_enough_to_start() -> None:
    few = PairModel.fit(TAUGHT[:12], LABELS[:12], training=SMALL)
    assert few.score(LEFT, RIGHT).shape == (120,)


@pytest.mark.parametrize("groups", [["codes"], [EVIDENCE], ["strings", "vectors"]])
def test_any_group_of_features_stands_alone(model: PairModel, groups: list[str]) -> None:
    alone = PairModel.fit(TAUGHT, LABELS, groups=groups, features=model.features, training=SMALL)
    scores = alone.score(LEFT, RIGHT)
    assert scores[np.array(TRUTH) == 1].mean() > scores[np.array(TRUTH) == 0].mean() + 0.1


def test_extra_columns_must_be_there_when_asked_as_when_taught(model: PairModel) -> None:
    known = Extra(np.array(LABELS, dtype=float)[:, None], ("told",), ("told",))
    told = PairModel.fit(TAUGHT, LABELS, extra=known, groups=[], features=model.features, training=SMALL)
    assert (
        (told.score(LEFT, RIGHT, Extra(np.array(TRUTH, dtype=float)[:, None], ("told",), ("told",))) > 0.5) == TRUTH
    ).all()
    with pytest.raises(BadInput, match="told"):
        told.score(LEFT, RIGHT)


class TestRivals:
    items = (Item("a", "nokia 3310 phone blue"), Item("b", "nokia 8850 phone"), Item("c", "makita drill 18v"))
    others = (Item("x", "phone nokia 3310"), Item("y", "phone nokia 3310 case"), Item("z", "drill of makita 18v set"))

    def named(self, left: Item, right: Item) -> dict[str, float]:
        space = PairFeatures.fit([*self.items, *self.others]).space
        row = Catalogue(space, self.items, self.others).features([left], [right])[0]
        return dict(zip(RIVALS, row.tolist(), strict=True))

    def test_the_likeliest_partner_leads_and_its_rival_follows(self) -> None:
        best, second = self.named(self.items[0], self.others[0]), self.named(self.items[0], self.others[1])
        assert best["title_left_rank"] == 0
        assert best["title_left_lead"] > 0 > second["title_left_lead"]
        assert second["title_left_rank"] == pytest.approx(np.log(2))
        assert second["title_left_rival"] == pytest.approx(best["title_left_lead"] + best["title_left_rival"])

    def test_order_and_repetition_of_the_asked_pairs_change_nothing(self) -> None:
        space = PairFeatures.fit([*self.items, *self.others]).space
        catalogue = Catalogue(space, self.items, self.others)
        asked = [(one, other) for one in self.items for other in self.others]
        there = catalogue.features(*map(list, zip(*asked, strict=True)))
        back = catalogue.features(*map(list, zip(*asked[::-1], strict=True)))
        np.testing.assert_allclose(there, back[::-1], rtol=1e-6)

    def test_a_pairs_own_decision_is_not_told_of_it(self) -> None:
        space = PairFeatures.fit([*self.items, *self.others]).space
        told = Decided(space, self.items, self.others, [1, 0, 1])
        own, rival = told.features([self.items[0], self.items[0]], [self.others[0], self.others[1]])
        assert own[:2].tolist() == [0, 0]
        assert np.isnan(own[2:]).all()
        assert rival[:2].tolist() == [1, 0]
        assert rival[2] > 0.5
