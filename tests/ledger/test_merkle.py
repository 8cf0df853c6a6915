"""Merkle trees: the published vectors of Certificate Transparency, and what holds for every tree."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.books import merkle

# The test vectors of the reference implementation of RFC 6962, whose trees RFC 9162 keeps.
LEAVES = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
PATHS = {
    (0, 8): (
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ),
    (5, 8): (
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
}
sizes = st.integers(1, 70)


def hashes(size: int) -> list[bytes]:
    return [merkle.leaf_hash(bytes([place])) for place in range(size)]


@pytest.mark.parametrize("size", range(len(ROOTS)))
def test_roots_are_the_published_ones(size: int) -> None:
    leaves = [merkle.leaf_hash(bytes.fromhex(each)) for each in LEAVES[:size]]

    assert merkle.root(leaves).hex() == ROOTS[size]


@pytest.mark.parametrize(("place", "size"), PATHS)
def test_paths_are_the_published_ones(place: int, size: int) -> None:
    leaves = [merkle.leaf_hash(bytes.fromhex(each)) for each in LEAVES[:size]]

    assert tuple(each.hex() for each in merkle.inclusion_proof(leaves, place)) == PATHS[place, size]


@given(size=sizes, data=st.data())
def test_every_leaf_can_be_shown_and_no_other_in_its_place(size: int, data: st.DataObject) -> None:
    leaves, place = hashes(size), data.draw(st.integers(0, size - 1))
    proof, root = merkle.inclusion_proof(leaves, place), merkle.root(leaves)

    assert merkle.includes(leaves[place], place, size, proof, root)
    assert not merkle.includes(merkle.leaf_hash(b"other"), place, size, proof, root)
    assert not merkle.includes(leaves[place], place, size, [*proof, root], root)
    other = data.draw(st.integers(0, size - 1))
    assert other == place or not merkle.includes(leaves[place], other, size, proof, root)
