"""How amounts and factors are written for people."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

from warehouse.valuation import Factor, minor_unit

SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹"}
FACTOR_LABELS = {
    "condition": "Condition",
    "region": "Region",
    "trend": "Market trend",
    "season": "Season",
    "demand": "Demand",
    "scarcity": "Scarcity",
    "commodity": "Materials",
    "weather": "Weather",
    "hazard": "Disasters",
    "dampening": "Dampening",
    "currency": "Exchange rate",
}
GROUP_LABELS = {
    "words": "Words of the title",
    "brand": "Brand",
    "category": "Category",
    "attributes": "Attributes",
    "list price": "List price",
    "measures": "Measures in title",
    "product": "Product",
    "comparables": "Comparables",
}


def money(amount: str | Decimal, currency: str) -> str:
    """An amount as people write it: "$1,234.50", "CHF 1,234.50", "−$3.00"."""
    value = Decimal(amount).quantize(minor_unit(currency), rounding=ROUND_HALF_EVEN)
    sign = "−" if value < 0 else ""
    return f"{sign}{SIGNS.get(currency, currency + ' ')}{abs(value):,}"


def change(amount: str | Decimal, currency: str) -> str:
    """A difference with its sign: "+$3.00", "−$3.00"."""
    text = money(amount, currency)
    return text if text.startswith("−") else f"+{text}"


def multiplier(value: str) -> str:
    """A factor as text, with as many places as it needs: "×0.85", "×1.002134"."""
    short = Decimal(value).normalize()
    places = max(2, -int(short.as_tuple().exponent))
    return f"×{short:,.{places}f}"


def factor_label(factor: Factor) -> str:
    """What a factor is called on the page."""
    return FACTOR_LABELS.get(factor.name, factor.name.replace("_", " ").capitalize())
