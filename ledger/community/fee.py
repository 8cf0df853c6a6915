"""The community's fee on a finished trade: who pays it, how much, and into which account.

The base is the agreed value of the smaller side. The fee is a move like any other: what the pool gets, the parties pay.
"""

from __future__ import annotations

from ledger.books.lines import Line
from ledger.books.units import rounded
from ledger.policy.dated import Policy


def payer_and_payee(*, proposer: str, counterparty: str, gives: int, gets: int, pays: int) -> tuple[str, str]:
    """Which party counts as the payer of a trade, and which as the payee.

    `gives` and `gets` are the agreed values of what the proposer gives and gets, in rails; `pays` is the K that the
    proposer pays the counterparty, below zero where it is the other way round. Whoever pays the K is the payer. Where
    no K is paid it is the side that gives what is worth less, as it gains by the trade; the proposer where both are
    equal.
    """
    proposer_is_payer = pays > 0 or (pays == 0 and gives <= gets)
    return (proposer, counterparty) if proposer_is_payer else (counterparty, proposer)


def fee_of(policy: Policy, base: int) -> int:
    """The fee on a trade whose smaller side is worth `base` rails, in rails, half-even; 0 where no fee is taken."""
    assert base >= 0, "what a side agreed on is not worth less than nothing"
    return 0 if policy.sections.fee is None else rounded(policy.sections.fee.percent * base)


def fee_lines(policy: Policy, *, base: int, payer: str, payee: str, pool: str) -> list[Line]:
    """The lines that pay the fee into `pool`, an account's id (its name in the policy is `fee.into`); they sum to zero.

    None where the fee is zero. Of a fee that both pay, the odd rail is the payer's.
    """
    fee, rule = fee_of(policy, base), policy.sections.fee
    if fee == 0 or rule is None:
        return []
    by_payee = {"payer": 0, "payee": fee, "split": fee // 2}[rule.paid_by]
    shares = ((payer, by_payee - fee), (payee, -by_payee), (pool, fee))
    return [Line(account=account, amount=amount) for account, amount in shares if amount]
