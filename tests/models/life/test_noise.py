"""An attribute that says nothing must not move values."""

from __future__ import annotations

from typing import Any

from models.knobs import Knobs
from models.life.noise import LIMIT, NAME, noise_moves, with_noise


def test_every_listing_has_its_own_noise_and_nothing_else_changes(bazaar: Any) -> None:
    rows = bazaar.table(bazaar.listings(5))
    noisy = with_noise(rows)
    assert noisy["attributes"].map(lambda each: each[NAME]).nunique() > 15
    assert noisy.drop(columns="attributes").equals(rows.drop(columns="attributes"))
    assert NAME not in rows["attributes"].iloc[0]
    assert with_noise(rows)["attributes"].equals(noisy["attributes"])


def test_a_column_of_noise_hardly_moves_a_value(bazaar: Any, quick_knobs: Knobs) -> None:
    rows = bazaar.table(bazaar.listings(22))
    moved = noise_moves(rows, quick_knobs, things=60)
    assert moved.things == 60
    assert moved.median < LIMIT
