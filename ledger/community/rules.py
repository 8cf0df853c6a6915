"""The rules of a community that are run by hand or by a schedule, by name."""

from __future__ import annotations

from ledger.community import demurrage, essentials, grants, jubilee, relief, repair, work
from ledger.community.asked import Rule
from warehouse.errors import BadInput

RULES: dict[str, Rule] = {
    each.name: each
    for each in (demurrage.RULE, grants.RULE, work.RULE, repair.RULE, essentials.RULE, jubilee.RULE, relief.RULE)
}


def rule(name: str) -> Rule:
    """A rule by its name; `BadInput` names those there are."""
    if name not in RULES:
        raise BadInput(f'there is no rule "{name}"; there are {", ".join(RULES)}')
    return RULES[name]
