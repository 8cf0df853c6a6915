from __future__ import annotations

import pytest
from sqlalchemy import select

from ledger.books import accounts, keys
from ledger.books.errors import LedgerError, Unknown
from ledger.books.store import Ledger
from ledger.tables import api_key
from warehouse.errors import BadInput


def test_a_new_account_has_nothing_and_its_key_speaks_for_it(ledger: Ledger) -> None:
    made, key = accounts.create(ledger, "Ada", tier="verified")

    assert accounts.authenticate(ledger, key) == (made, frozenset({"member"}))
    standing = accounts.standing(ledger, made.id)
    assert (standing.posted, standing.spendable, standing.room) == (0, 500_00, 5_000_00)


def test_a_key_is_stored_only_as_a_hash(ledger: Ledger) -> None:
    _, key = accounts.create(ledger, "Ada")
    secret = key.rsplit("_", 1)[1] if key.count("_") == 2 else key[22:]

    with ledger.reading() as connection:
        stored = "".join(str(row) for row in connection.execute(select(api_key)))
    assert key not in stored
    assert secret not in stored
    assert secret not in repr(keys.parse(key))


def test_a_wrong_key_speaks_for_nobody(ledger: Ledger) -> None:
    _, key = accounts.create(ledger, "Ada")
    _, other = accounts.create(ledger, "Bob")
    changed = key[:-1] + ("A" if key[-1] != "A" else "B")

    for wrong in ("", "katy", changed, key + "x", key[:22] + other[22:], "katy_" + "0" * 16 + "_" + "A" * 43, "\x00"):
        assert accounts.authenticate(ledger, wrong) is None


def test_a_new_key_ends_the_old_one(ledger: Ledger) -> None:
    made, old = accounts.create(ledger, "Ada")
    new = accounts.new_key(ledger, made.id)

    assert accounts.authenticate(ledger, old) is None
    assert accounts.authenticate(ledger, new) == (made, frozenset({"member"}))


def test_names_are_unique_however_they_are_written(ledger: Ledger) -> None:
    made, _ = accounts.create(ledger, "  Ada \t Lovelace ")

    assert made.name == "Ada Lovelace"
    assert accounts.find(ledger, "ADA  lovelace") == accounts.find(ledger, made.id) == made
    with pytest.raises(LedgerError, match="already"):
        accounts.create(ledger, "ada lovelace")


@pytest.mark.parametrize("name", ["", "   ", "a" * 81, "acc_1", "bell\x07", "nul\x00"])
def test_a_name_that_cannot_be_is_refused(ledger: Ledger, name: str) -> None:
    with pytest.raises(BadInput, match="name of an account"):
        accounts.create(ledger, name)


def test_a_tier_or_kind_that_is_not_there_is_refused(ledger: Ledger) -> None:
    with pytest.raises(BadInput, match="basic, verified, business"):
        accounts.create(ledger, "Ada", tier="gold")
    with pytest.raises(BadInput, match="member, business"):
        accounts.create(ledger, "Ada", kind="issuer")
    assert accounts.listing(ledger) == []


def test_an_unknown_account_is_told(ledger: Ledger) -> None:
    for nobody in ("Zed", "acc_0", "nul\x00"):
        with pytest.raises(Unknown):
            accounts.find(ledger, nobody)
    with pytest.raises(Unknown):
        accounts.standing(ledger, "acc_0")
    with pytest.raises(Unknown):
        accounts.new_key(ledger, "acc_0")
