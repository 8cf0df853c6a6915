"""Relief in a crisis: once to every member of the tiers that the policy names, while the crisis is open."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, select

from ledger.books.errors import WrongState
from ledger.community.asked import Asked, Rule
from ledger.community.plan import Share
from ledger.policy.crises import is_open
from ledger.policy.sections_crises import CrisisRule
from ledger.policy.sections_taking import MEMBERS
from ledger.tables import crisis
from warehouse.errors import BadInput

NAME = "relief"


def _open(at: Asked) -> dict[str, tuple[Row[Any], CrisisRule]]:
    """The open crises that bring relief, by their ids."""
    known = at.dated.sections.crises or {}
    rows = at.connection.execute(select(crisis).where(is_open(at.today)).order_by(crisis.c.id))
    return {row.id: (row, known[row.kind]) for row in rows if row.kind in known and known[row.kind].relief}


def _period(at: Asked) -> str:
    found = list(_open(at))
    if not found:
        raise WrongState("there is no open crisis that brings relief")
    if len(found) > 1:
        raise BadInput(f"there are {len(found)} open crises that bring relief; name one: --period {found[0]}")
    return found[0]


def _check(at: Asked, period: str) -> None:
    if period not in _open(at):
        raise WrongState(f'there is no open crisis "{period}" that brings relief')


def _shares(at: Asked, period: str) -> list[Share]:
    row, rule = _open(at)[period]
    return [
        Share(each.account.id, rule.relief or 0, rule.source, f"{row.kind} from {row.starts_on} to {row.ends_on}")
        for each in at.there(MEMBERS)
        if each.account.tier in rule.relief_tiers
    ]


RULE = Rule(NAME, "once to each verified resident while a crisis is open", _period, _check, _shares)
