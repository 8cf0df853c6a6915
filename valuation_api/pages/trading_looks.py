"""Looking at an offer before it is made: what each row is worth now, both sides beside each other, what would even it.

A value that is shown is kept, and is the one that the offer freezes: an offer is made only of values that were seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, cast

from pydantic import ValidationError

from ledger.books.errors import Unknown
from ledger.books.store import Ledger
from ledger.owned import things
from ledger.policy.dated import Policy
from ledger.trading import given, reading
from ledger.trading import legs as leg_rows
from ledger.trading.fairness import Fairness
from ledger.trading.legs import MONEY, Giver, Leg, LegDraft
from ledger.trading.trade_view import Encouragement
from valuation_api.live import LiveMarket
from valuation_api.pages.trading_forms import OfferForm, Row
from warehouse.errors import BadInput, KatyError
from warehouse.valuation import Valuation, ValuationRequest

MOST_SUGGESTIONS = 3


@dataclass(frozen=True, slots=True)
class Seen:
    """A row with its value: `leg` in rails, `valuation` where it is one, `error` what is wrong with the row."""

    row: Row
    leg: Leg | None = None
    valuation: Valuation | None = None
    error: str | None = None
    suggestions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Look:
    """An offer looked at. `legs` are its drafts, complete where nothing is wrong; `mine` is the reader's role."""

    mine: Giver
    seen: Mapping[str, Seen] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    drafts: tuple[LegDraft, ...] = ()
    fairness: Fairness | None = None
    fee: tuple[int, int] = (0, 0)
    insured: tuple[int, int] = (0, 0)
    things_apart: tuple[int, int] | None = None
    encouragement: Encouragement | None = None

    @property
    def is_sound(self) -> bool:
        return not self.errors and not any(each.error for each in self.seen.values())

    @property
    def gives(self) -> int:
        assert self.fairness is not None
        return (self.fairness.proposer if self.mine == "proposer" else self.fairness.counterparty).value

    @property
    def gets(self) -> int:
        assert self.fairness is not None
        return (self.fairness.counterparty if self.mine == "proposer" else self.fairness.proposer).value


@dataclass(frozen=True, slots=True)
class Looker:
    """Looks at offers for one account. `fresh`: values are asked anew; else those that were shown stand."""

    ledger: Ledger
    live: LiveMarket
    me: str
    mine: Giver
    fresh: bool

    def look(self, form: OfferForm) -> Look:
        """Value every row and weigh both sides. What cannot be is told at its place."""
        policy, rows = self.ledger.policy(), form.filled()
        seen = {row.name: self._see(row, form, policy) for row in rows}
        errors = _errors(form)
        for side, told in (("give", "Say what you give"), ("get", "Say what you would like to have")):
            if not any(row.side == side for row in rows) and not errors.get("even"):
                by = "me" if side == "give" else "other"
                if not form.even or form.even_by != by:
                    errors[side] = f"{told}: both sides of a trade give something."
        drafts, legs = self._legs(form, seen, errors, policy)
        look = Look(self.mine, seen, errors, tuple(drafts))
        if not look.is_sound:
            return look
        return self._weighed(form, look, legs, policy)

    def _see(self, row: Row, form: OfferForm, policy: Policy) -> Seen:
        if row.kind == "time":
            return self._frozen(row, None, policy)
        try:
            valuation = self._valuation(row, self._request(row, form, policy))
        except KatyError as error:
            return Seen(row, error=str(error))
        seen = self._frozen(row, valuation, policy)
        if valuation.fmv is None:
            return Seen(row, seen.leg, valuation, seen.error, self._suggestions(row.what))
        return seen

    def _request(self, row: Row, form: OfferForm, policy: Policy) -> ValuationRequest:
        if row.thing:
            owned = things.view(self.ledger, by=self.me, thing_id=row.thing).owned
            return owned.request().model_copy(update={"currency": policy.currency})
        try:
            return ValuationRequest(
                text=row.what,
                condition=row.condition or None,
                region=form.region or None,
                currency=policy.currency,
            )
        except ValidationError as error:
            raise BadInput(str(error.errors()[0]["msg"]).removeprefix("Value error, ")) from error

    def _valuation(self, row: Row, request: ValuationRequest) -> Valuation:
        if not self.fresh:
            shown = given.fetch(self.ledger, row.valuation) if row.valuation else None
            kept = Valuation.model_validate_json(shown) if shown else None
            if kept is None or kept.subject.asked != request:
                raise BadInput("this was changed since its value was shown: look at the values again")
            return kept
        with self.live.lease() as market:
            made = market.valuer.value(request)
        given.keep(self.ledger, made, request)
        return made

    def _frozen(self, row: Row, valuation: Valuation | None, policy: Policy) -> Seen:
        giver = self.mine if row.side == "give" else _other(self.mine)
        try:
            leg = self._freeze(row.draft(giver, valuation.id if valuation else None), policy)
        except (BadInput, Unknown) as error:
            return Seen(row, None, valuation, str(error).removeprefix("leg 1: "))
        return Seen(row, leg, valuation)

    def _freeze(self, draft: LegDraft, policy: Policy) -> Leg:
        with self.ledger.reading() as connection:
            return leg_rows.freeze(
                connection,
                draft,
                position=1,
                giver=draft.giver,
                receiver=_other(draft.giver),
                policy=policy,
            )

    def _legs(
        self, form: OfferForm, seen: Mapping[str, Seen], errors: dict[str, str], policy: Policy
    ) -> tuple[list[LegDraft], list[Leg]]:
        drafts, legs = [], []
        for each in seen.values():
            if each.leg is not None:
                giver = self.mine if each.row.side == "give" else _other(self.mine)
                drafts.append(each.row.draft(giver, each.valuation.id if each.valuation else None))
                legs.append(each.leg)
        try:
            even = None if "even" in errors else form.even_draft(self.mine)
            if even is not None:
                legs.append(self._freeze(even, policy))
                drafts.append(even)
        except (BadInput, Unknown) as error:
            errors["even"] = str(error).removeprefix("leg 1: ")
        return drafts, legs

    def _weighed(self, form: OfferForm, look: Look, legs: list[Leg], policy: Policy) -> Look:
        row = cast(Any, SimpleNamespace(proposer="proposer", counterparty="counterparty"))
        fairness = reading.fairness_of(legs, "proposer", policy.reason_above_percent)
        bare = reading.fairness_of(
            [leg for leg in legs if leg.kind not in MONEY], "proposer", policy.reason_above_percent
        )
        smaller = min(fairness.proposer.agreed, fairness.counterparty.agreed)
        apart = bare.proposer.value, bare.counterparty.value
        fee, insured = reading.fee_by(policy, row, legs, "the pool"), reading.insured_by(policy, row, legs)
        return replace(
            look,
            fairness=fairness,
            fee=fee if self.mine == "proposer" else fee[::-1],
            insured=insured if self.mine == "proposer" else insured[::-1],
            things_apart=apart if self.mine == "proposer" else apart[::-1],
            encouragement=reading.encouragement(policy, form.hundredths_of_miles(), smaller),
        )

    def _suggestions(self, words: str) -> tuple[str, ...]:
        if not words:
            return ()
        with self.live.lease() as market:
            found = [product.title for product, _ in market.shelf.search(words, MOST_SUGGESTIONS)]
        return tuple(title for title in found if title.casefold() != words.casefold())


def _errors(form: OfferForm) -> dict[str, str]:
    """What is wrong with the fields beside the rows."""
    errors: dict[str, str] = {}
    for name, read in (("deliver_by", form.day), ("miles", form.hundredths_of_miles)):
        try:
            read()
        except BadInput as error:
            errors[name] = str(error)
    return errors


def _other(giver: Giver) -> Giver:
    return "counterparty" if giver == "proposer" else "proposer"
