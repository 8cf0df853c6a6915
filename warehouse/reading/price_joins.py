"""Numbers of a price text that are one amount together: the ends of a range, and a whole with its hundredths."""

from __future__ import annotations

from warehouse.reading.price_amounts import Amount
from warehouse.reading.price_tokens import Token
from warehouse.reading.price_words import words


def with_ranges(tokens: list[Token], found: list[Amount]) -> list[Amount]:
    """The amounts, those that are the ends of a range made one, which keeps the other end as `upper`."""
    joined = list(found)
    for place in range(len(joined) - 1, 0, -1):
        low, high = joined[place - 1], joined[place]
        joins = high.role in (low.role, "", "bound", "now") or low.role == "bound"
        if joins and high.upper is None and _is_range(tokens, low, high):
            _join(low, high)
            del joined[place]
    return joined


def with_hundredths(tokens: list[Token], found: list[Amount]) -> list[Amount]:
    """Join "$19 99" (cents set apart by their size) and "5 dollars and 50 cents"."""
    joined: list[Amount] = []
    for amount in found:
        last = joined[-1] if joined else None
        if last and last.signs and last.end <= amount.start and 0 < amount.value < 1 and amount.scale == -2:
            between = {token.folded for token in tokens[last.end : amount.start]} - {" ", "and", "und", "et", ","}
            if not between and last.value == last.value.to_integral_value():
                last.value, last.end = last.value + amount.value, amount.end
                continue
        if last and last.scale > amount.scale > 0 and _follows(tokens, last, amount):
            # "1 crore 20 lakh"
            last.value, last.end, last.signs = last.value + amount.value, amount.end, last.signs or amount.signs
            continue
        if last and last.scale in (4, 8) and last.end == amount.start and not last.signs:
            # "1万2000円"
            last.value, last.end, last.signs = last.value + amount.value, amount.end, amount.signs
            continue
        if last and _is_apart(tokens, last, amount):
            last.value, last.end = last.value + amount.value.scaleb(-2), amount.end
            last.signs = last.signs or amount.signs
            last.why.append("its hundredths stand apart")
            continue
        joined.append(amount)
    return joined


def _follows(tokens: list[Token], last: Amount, amount: Amount) -> bool:
    """Whether an amount goes on where a greater one stopped: nothing but a blank or an "and" between, no other sign."""
    between = {token.folded for token in tokens[last.end : amount.start]} - {"and"}
    return amount.start == amount.place and not any(one.strip() for one in between) and amount.value < last.value


def _is_apart(tokens: list[Token], whole: Amount, cents: Amount) -> bool:
    """Whether a text is nothing but "$19 99" or "19 99 €"."""
    numbers = [token for token in tokens if token.kind == "number"]
    alone = len(numbers) == 2 and not any(token.kind == "other" or token.folded == "x" for token in tokens)
    digits = tokens[cents.place].text
    return (
        alone
        and cents.place == whole.place + 2
        and len(digits) == 2
        and digits.isdigit()
        and tokens[whole.place].text.isdigit()
        and bool(whole.signs) != bool(cents.signs)
    )


def _is_range(tokens: list[Token], low: Amount, high: Amount) -> bool:
    """Whether two neighbouring amounts are the ends of a range: "$10 - $20", "von 10 bis 20 €", "between 5 and 7"."""
    joint = [token for token in tokens[low.end : high.start] if token.kind != "blank"]
    said = [token.text if token.kind == "other" else token.folded for token in joint]
    signs, joining = words("between", "signs"), words("between", "words")
    if not said or low.value < 0 or high.value < 0 or tokens[high.place].text.startswith("00"):
        return False
    if all(one in joining or one == "up" for one in said):
        return True
    if all(one in signs for one in said):
        return bool(low.signs) or not (high.signs and _is_label(tokens, low, high))
    opened = any(token.folded in words("between", "openers") for token in tokens[: low.start])
    return opened and all(one in words("between", "and") for one in said)


def _is_label(tokens: list[Token], low: Amount, high: Amount) -> bool:
    """Whether a bare number before a dash is of the thing: "50 - $2.00", "Air Max 90 - 60 €", "iPhone 13 - 500 €"."""
    if tokens[high.place - 1].kind == "sign" or low.value > high.value:
        return True
    before = next((token for token in reversed(tokens[: low.start]) if token.kind != "blank"), None)
    if before is None or before.kind != "word" or tokens[low.end].kind != "blank":
        return False
    known = (("small_talk", "words"), ("small_talk", "labels"), ("bounds", "words"), ("between", "openers"))
    return not any(before.folded in words(part, name) for part, name in known)


def _join(low: Amount, high: Amount) -> None:
    """Make an amount the range from it to another: "10 - 20 €", "$1.5-2M" (the scale is of both)."""
    if high.scale > 0 and not low.scale and low.value < high.value.scaleb(-high.scale):
        low.value = low.value.scaleb(high.scale)
    if high.scale < 0 and not low.scale and not low.signs:
        low.value = low.value.scaleb(high.scale)
    low.signs, low.per, low.end = low.signs or high.signs, low.per or high.per, high.end
    low.is_money, low.scale = low.is_money or high.is_money, low.scale or high.scale
    if high.value != low.value:
        low.value, low.upper = sorted((low.value, high.value))
