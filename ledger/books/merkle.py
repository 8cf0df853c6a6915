"""Merkle trees as RFC 9162 (Certificate Transparency 2.0, §2.1) defines them: roots and inclusion proofs.

A leaf's hash is SHA-256(0x00 ‖ leaf), a node's SHA-256(0x01 ‖ left ‖ right); the left subtree of n leaves has the
largest power of two below n. Positions are counted from 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256


def leaf_hash(leaf: bytes) -> bytes:
    """The hash of one leaf's content."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node over the hashes of its two subtrees."""
    return sha256(b"\x01" + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes, in their order; the hash of nothing where there is none (§2.1.1)."""
    if not leaves:
        return sha256(b"").digest()
    # Level by level: an odd one out goes up as it is, which gives the same tree as splitting at powers of two.
    level = list(leaves)
    while len(level) > 1:
        above = [node_hash(level[place], level[place + 1]) for place in range(0, len(level) - 1, 2)]
        level = above + level[len(level) - len(level) % 2 :]
    return level[0]


def inclusion_proof(leaves: Sequence[bytes], place: int) -> list[bytes]:
    """The hashes that lead from the leaf at `place` to the root, the nearest first (§2.1.3.1). Raises IndexError."""
    if not 0 <= place < len(leaves):
        raise IndexError(f"there is no leaf {place} among {len(leaves)}")
    if len(leaves) == 1:
        return []
    split = _split(len(leaves))
    if place < split:
        return [*inclusion_proof(leaves[:split], place), root(leaves[split:])]
    return [*inclusion_proof(leaves[split:], place - split), root(leaves[:split])]


def includes(leaf: bytes, place: int, size: int, proof: Sequence[bytes], expected: bytes) -> bool:
    """Whether the leaf hash stands at `place` of the tree of `size` leaves with the root `expected` (§2.1.3.2)."""
    if not 0 <= place < size:
        return False
    at, last, found = place, size - 1, leaf
    for each in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = node_hash(each, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, each)
        at, last = at >> 1, last >> 1
    return last == 0 and found == expected


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1
