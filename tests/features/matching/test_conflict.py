"""What contradicts: numbers, codes, sizes and roles; what only one side says contradicts nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.matching.conflict import Facts, conflict, facts_of
from features.matching.editions import read_rules
from features.thing import read_thing
from warehouse.errors import BadInput


def facts(title: str, **said: str) -> Facts:
    return facts_of(read_thing(title, **said))


@pytest.mark.parametrize(
    ("one", "other", "of"),
    [
        ("DeWalt DCD771 drill", "DeWalt DCD791 drill", "codes"),
        ("iphone 13 128gb", "apple iphone 13 256 gb", "sizes"),
        ("laptop 8gb 256gb", "laptop 16gb 256gb", "sizes"),
        ("case for iphone 13", "iphone 13", "roles"),
        ("lot of 3 makita chargers", "lot of 5 makita chargers", "lot"),
        ("nintendo wii console bundle + 2 games", "nintendo wii console", "roles"),
        ("thinkpad t480s for parts not working", "thinkpad t480s", "roles"),
        ("apple iphone 13", "apple iphone 12 unlocked", "numbers"),
        ("trek marlin 5 mountain bike", "trek marlin 7 mountain bike", "numbers"),
        ("adobe photoshop cs2", "photoshop cs3 mac", "numbers"),
        ("samsung galaxy s9", "samsung galaxy s21", "numbers"),
        ("microsoft office 2004", "microsoft office 2007", "numbers"),
        ("apple iphone 15 pro 256gb", "apple iphone 15 256gb", "edition"),
        ("apple iphone 13 pro max", "apple iphone 13 pro", "edition"),
        ("nintendo switch lite 32gb", "nintendo switch 32gb", "edition"),
        ("rtx 4070 ti graphics card", "rtx 4070 graphics card", "edition"),
        ("logitech g pro x wired headset", "logitech g pro x wireless headset", "edition"),
        ("apple watch 41mm gps only", "apple watch 41mm gps + cellular", "edition"),
        ("iphone 15 128/256gb unlocked", "iphone 15 256gb unlocked", "edition"),
        ("yeezy boost 350 v2 cream white", "yeezy boost 350 v2 core black red", "edition"),
    ],
)
def test_what_is_another_article(one: str, other: str, of: str) -> None:
    found = conflict(facts(one), facts(other))
    assert found is not None
    assert found.of == of
    assert found.why


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("DeWalt DCD771 drill 20V", "dewalt cordless drill dcd771c2 kit"),
        ("iphone 13", "iphone 13 256gb"),
        ("laptop 16gb 512gb 15.6in", "laptop 512gb ssd 15.5 inch"),
        ("sony headphones WH-1000XM4", "wh1000xm4 black"),
        ("thinkpad t480s open box", "thinkpad t480s refurbished"),
        ("logic express 7", "apple logic express 7.2"),
        ("dell latitude 5520 windows 11 pro", "dell latitude 5520"),
        ("dewalt 20v max drill", "dewalt 20v drill"),
        ("linksys gs717 switch pro", "linksys gs717 5 port switch"),
        ("sony headphones wired or wireless", "sony headphones wireless"),
        ("pixel 8 pro fully unlocked", "google pixel 8 pro"),
        ("quickbooks 2007", "intuit quickbooks 2007 for 3 users"),
        ("playstation 5 console 1 controller", "playstation 5 console"),
        ("weber griddle 848001", "weber griddle 22"),
        ("nike air max 97 black", "nike air max 97 black white"),
        ("iphone 13 black", "iphone 13 white"),
    ],
)
def test_what_may_be_one_article(one: str, other: str) -> None:
    assert conflict(facts(one), facts(other)) is None


def test_article_numbers_decide_before_codes_and_sizes() -> None:
    pen = facts("pen stab88", gtin="4006381333931")
    assert conflict(pen, facts("pen stab99", gtin="4006381333931")) is None
    found = conflict(pen, facts("pen stab88", gtin="0036000291452"))
    assert found is not None
    assert found.of == "article"


@given(
    *[st.lists(st.sampled_from("drill dcd771 dcd791 20v 18v case for lot of 3 wii bundle parts".split())).map(" ".join)]
    * 2
)
def test_contradiction_is_mutual_and_nothing_contradicts_itself(one: str, other: str) -> None:
    a, b = facts(one), facts(other)
    assert (conflict(a, b) is None) == (conflict(b, a) is None)
    assert conflict(a, a) is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[[edition]]\nname = "pro"\nwords = ["pro"]\n[[edition]]\nname = "max"\nwords = ["pro"]', "pro"),
        ('[[editions]]\nname = "pro"', "editions"),
        ('[[edition]]\nwords = ["pro"]', "no name"),
        ("not = 3", "list of texts"),
        ("[[edition", "no TOML"),
    ],
)
def test_a_wrong_file_of_editions_is_named_with_what_is_wrong(text: str, says: str) -> None:
    with pytest.raises(BadInput, match=says) as refused:
        read_rules(text)
    assert "editions.toml" in str(refused.value)
