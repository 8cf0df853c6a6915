"""What a key may do. Every key reads and moves what is its own account's; some may do more.

member      what is its own account's: pay, trade, read its own entries and tax record
business    the same for a business; payments above its tier's amount wait for signatures
treasurer   the community's books: reversals, policies, needs, disputes, everybody's tax forms
analyst     aggregates of the community, nobody's entries
admin       accounts and keys
"""

from __future__ import annotations

from collections.abc import Iterable

from ledger.books.errors import NotAllowed
from warehouse.errors import BadInput

SCOPES = ("member", "business", "treasurer", "analyst", "admin")


def checked(scopes: Iterable[str]) -> tuple[str, ...]:
    """The scopes in their order, "member" where none is named. Raises `BadInput` for one that there is not."""
    asked = set(scopes) or {"member"}
    odd = sorted(asked - set(SCOPES))
    if odd:
        raise BadInput(f'there is no scope "{odd[0]}"; a key has some of {", ".join(SCOPES)}')
    return tuple(scope for scope in SCOPES if scope in asked)


def need(held: Iterable[str], *any_of: str) -> None:
    """Raise `NotAllowed` unless one of the scopes is held."""
    if not set(held) & set(any_of):
        raise NotAllowed(f"this takes a key with the scope {' or '.join(any_of)}; yours has {', '.join(sorted(held))}")
