from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse import keys
from warehouse.errors import KatyError


def test_the_key_is_made_once_and_only_its_owner_can_read_it(market):
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda _: keys.seller_key(market.home), range(32)))
    assert len(made) == 1
    assert stat.S_IMODE(market.home.seller_key.stat().st_mode) == 0o600
    assert [path.name for path in market.home.root.iterdir()] == ["seller.key"]


def test_two_installations_have_two_keys(market, tmp_path):
    other = type(market)(tmp_path / "other")
    assert keys.seller_key(market.home) != keys.seller_key(other.home)


def test_a_damaged_key_is_not_replaced_by_a_new_one(market):
    keys.seller_key(market.home)
    market.home.seller_key.write_bytes(b"short")
    with pytest.raises(KatyError, match="backup"):
        keys.seller_key(market.home)


@given(name=st.text(min_size=1))
def test_a_pseudonym_is_the_same_for_the_same_name_and_says_nothing_else(name):
    one = keys.pseudonym(b"k" * 32, "fair", name)
    assert one == keys.pseudonym(b"k" * 32, "fair", f"  {name} ")
    assert one != keys.pseudonym(b"k" * 32, "market", name)
    assert one != keys.pseudonym(b"K" * 32, "fair", name)
    assert len(one) == 24


def test_capitals_and_blanks_do_not_make_another_seller():
    assert keys.pseudonym(b"k", "fair", "Ann  Smith") == keys.pseudonym(b"k", "fair", "ann smith")
    assert keys.pseudonym(b"k", "fair", "Ann Smith") != keys.pseudonym(b"k", "fair", "AnnSmith")
