"""What is said of the drivers of a value: each sign of demand with its numbers, and what it was learned to do."""

from __future__ import annotations

import numpy as np

from features.drivers import Drivers, Steps
from models.shocks.effects import Shocks
from models.shocks.said import said

DAY = 20_000
NOW = np.array([DAY])
DRIVERS = Drivers(
    {
        ("wanted", "drill", ""): Steps(NOW, np.array([0.7]), np.array([[12.0, 3.0]])),
        ("turnover", "drill", "US-MO"): Steps(NOW, np.array([1.0]), np.array([[6.0, 20.0, 4.0, 3.0, 21.0, 9.0]])),
        ("scarcity", "drill", "US-MO"): Steps(NOW, np.array([0.5]), np.array([[5.0, 12.0]])),
    },
    source=dict.fromkeys(("wanted", "turnover", "scarcity"), "listings"),
)
SHOCKS = Shocks({"wanted": {"drill": 0.2}, "turnover": {}}, tried=("turnover", "wanted"))


def test_each_sign_of_demand_is_told_with_its_effect() -> None:
    told = said("demand", DRIVERS, SHOCKS, "drill", "US-MO", DAY)

    assert told is not None
    assert told.evidence == [
        "12 wanted posts in the week to 2024-10-04, usually 3",
        "in the past twice as many wanted posts went with +14.9 % in drill prices",
        "6 of 20 offers sold or ended in US-MO in the week to 2024-10-04, usually 3 of 21; after 4 days on the market,"
        " usually 9",
        "no effect on drill prices found",
    ]
    assert (told.source, told.date) == ("listings", "2024-10-04")
    effect = SHOCKS.of(DRIVERS, "drill", "US-MO", NOW)[0]
    assert effect[0] == 0.2 * 0.7
    assert not effect[1:].any()


def test_scarcity_counts_what_is_newly_offered() -> None:
    told = said("scarcity", DRIVERS, SHOCKS, "drill", "US-MO", DAY)

    assert told is not None
    assert told.evidence == [
        "5 new offers in US-MO in the week to 2024-10-04, usually 12",
        "too little is known yet of what it does to drill prices",
    ]
