"""What a trade needs beyond two confirmations where it moves much: the word of others, a photo. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from ledger.books.units import k_text
from ledger.policy.dated import Policy
from ledger.trading.trade_view import StepView


def missing(policy: Policy, amount: int, steps: Sequence[StepView]) -> tuple[str, ...]:
    """What is still missing before a trade that moves `amount` rails of K may be done, in words."""
    rule = policy.sections.witnesses
    if rule is None or amount <= rule.above:
        return ()
    told = []
    there = len({each.by for each in steps if each.step == "witness"})
    if there < rule.count:
        told.append(
            f"a trade that moves more than {k_text(rule.above)} K needs {rule.count} "
            f"witness{'es' if rule.count > 1 else ''} ({there} so far): somebody who is none of its parties attests it"
        )
    if rule.proof_above is not None and amount > rule.proof_above:
        delivered = [each for each in steps if each.step == "delivered"]
        if len({each.by for each in delivered}) < 2:
            told.append(f"above {k_text(rule.proof_above)} K both parties mark their side as delivered")
        if not any(each.photo_sha256 for each in delivered):
            told.append(f"above {k_text(rule.proof_above)} K a delivery is shown by a photo")
    return tuple(told)
