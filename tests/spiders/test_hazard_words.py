"""The words of the sources for hazards, in Katy's own."""

from __future__ import annotations

import tomllib
from importlib import resources

import pytest

from warehouse.hazards import OTHER, hazard_of, hazards, known_hazard, severity_of_colour, told_unknown, worst
from warehouse.reading.us_states import region_of


@pytest.mark.parametrize(
    ("word", "hazard"),
    [
        ("Flash Flood Warning", "flood"), ("FL", "flood"), ("Flood", "flood"), ("Dam/Levee Break", "flood"),
        ("Hurricane Local Statement", "tropical_cyclone"), ("TC", "tropical_cyclone"), ("Typhoon", "tropical_cyclone"),
        ("Hurricane (Typhoon)", "tropical_cyclone"), ("Tornado Watch", "tornado"), ("Severe Ice Storm", "ice_storm"),
        ("Red Flag Warning", "wildfire"), ("Fire", "wildfire"), ("WF", "wildfire"), ("earthquake", "earthquake"),
        ("EQ", "earthquake"), ("quarry blast", "blast"), ("Thunderstorm Wind", "severe_storm"),
        ("  hail ", "severe_storm"), ("HAIL/ICY ROADS", "severe_storm"), ("Mud/Landslide", "landslide"),
        ("Storm Surge/Tide", "coastal_flood"),
        ("Winter Weather Advisory", "winter_storm"), ("Extreme Heat Watch", "heat"), ("Frost/Freeze", "cold"),
        ("Air Quality Alert", "bad_air"), ("Biological", "epidemic"), ("Gale Warning", "marine"), ("DR", "drought"),
        ("Special Weather Statement", OTHER), ("Fishing Losses", OTHER), ("Sharknado", OTHER), ("", OTHER),
    ],
)  # fmt: skip
def test_a_word_means_a_hazard(word: str, hazard: str) -> None:
    assert hazard_of(word) == hazard


def test_every_hazard_is_known_and_each_word_means_one() -> None:
    table = tomllib.loads(resources.files("warehouse").joinpath("data/hazards.toml").read_text("utf-8"))["hazard"]
    assert set(table) == set(hazards())
    assert OTHER in table
    for name, said in table.items():
        for words in (value for value in said.values() if isinstance(value, list)):
            assert {hazard_of(word) for word in words} == {name}


def test_a_word_that_stands_nowhere_is_told() -> None:
    assert known_hazard("Fishing Losses") == OTHER, "known, and no hazard to a household"
    assert known_hazard("Sharknado") is None
    assert told_unknown([]) is None
    told = told_unknown(["Sharknado", "Sharknado", "Locusts"])
    assert told is not None
    assert '"Sharknado" (2), "Locusts" (1)' in told


def test_severities_follow_colours_and_the_worst_counts() -> None:
    assert [severity_of_colour(one) for one in ("Green", "yellow", "ORANGE", " red ", "mauve")] == [
        *("minor", "moderate", "severe", "extreme", None)
    ]
    assert worst(["minor", None, "severe", "unknown"]) == "severe"
    assert worst(["unknown", None]) == "unknown"
    assert worst([None]) is None


@pytest.mark.parametrize("text", ["MO", "mo", "29", "Missouri", " MISSOURI "])
def test_a_state_is_known_by_its_code_its_number_and_its_name(text: str) -> None:
    assert region_of(text) == "US-MO"


def test_states_that_are_countries_are_no_regions_of_the_united_states() -> None:
    assert (region_of("PR"), region_of("1"), region_of("Virgin  Islands")) == ("US-PR", "US-AL", "US-VI")
    assert [region_of(text) for text in ("FM", "PW", "GULF OF MEXICO", "99", "")] == [None] * 5
