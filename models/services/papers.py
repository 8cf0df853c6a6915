"""Tickets, subscriptions and benefits: claims with a face value, worth the share of it that the next holder can use."""

from __future__ import annotations

import math
import re
from datetime import date

from features.taxonomy import tree
from models.services.jobs import service_data
from models.services.reading import amount, day_in, stated_amount
from models.services.rules import benefit, subscription, ticket
from models.services.scene import Scene, spread
from warehouse.valuation import Valuation

_COUNT = re.compile(r"(?<![\w.$€£])(\d{1,2}|two|three|four|five|six)\s+(?:[^\W\d]+\s+){0,2}tickets?(?!\w)")
_NUMBERS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_TICKET = re.compile(
    r"(?<!\w)tickets?\s+(?:to|for|on)(?!\w)|(?<!\w)(?:concert|game|match|event|show|festival)\s+tickets?(?!\w)"
)
_MONTHS = re.compile(
    r"(\d{1,3}(?:\.\d)?)\s*(?:more\s+)?months?\s+(?:left|remaining|of|on)(?!\w)|remaining\s+(\d{1,3})\s*months?"
)
_A_MONTH = re.compile(r"(?:per|a|each)\s+month|monthly|/\s*mo(?:nth)?(?!\w)")
_BENEFITS = {"gift card": "gift_card", "gift certificate": "gift_card", "store credit": "store_credit",
             "merchandise credit": "store_credit", "voucher": "voucher", "coupon": "coupon"}  # fmt: skip
_MONTH_DAYS = 30.44


def value_ticket(scene: Scene) -> Valuation | None:
    """Face value × the share left before the event × how many; nothing is guessed without the face value."""
    named = _TICKET.search(scene.text) or (tree().under(scene.category, "ticket") and scene.attribute("event_date"))
    if not named:
        return None
    rule = service_data("other")["ticket"]
    day = day_in(scene.attribute("event_date", "date") or scene.request.text, scene.when)
    face = scene.anchored(
        stated_amount(scene.request.attributes, ("face_value", "list_price"), scene.currency)
        or amount(scene.request.text, scene.currency)
    )
    if face is None or day is None:
        lacks = " and ".join(["the face value (--set face_value=80)"] * (face is None)
                             + ["the day of the event (… on 2026-07-04)"] * (day is None))  # fmt: skip
        return scene.unknown("ticket", f"What a ticket is worth hangs on {lacks}: say it, and ask again.")
    found = _COUNT.search(scene.text)
    count = float(_NUMBERS.get(found[1], found[1])) if found else 1.0
    days = (day - scene.when).days
    each = ticket(face, days, rule["decay"])
    if each <= 0:
        return scene.unknown("ticket", f"The event was on {day}: the ticket lets nobody in any more.")
    laws = [said for place, said in rule["laws"].items() if f"{scene.region or 'US'}-".startswith(f"{place}-")]
    words = (
        f"{count:g} × a face value of {face:.2f} {scene.rates.anchor} × {each / face:.2f}, the usual share {days} days "
        f"before the event ({rule['source']}). {rule['law']}{': ' if laws else ''}{'; '.join(laws)}. Sales of tickets "
        "to this event would tell more."
    )
    ends = spread(float(rule["spread"]))
    return scene.worth("ticket", count * each, ends, words, event_date=day.isoformat(), count=count)


def value_subscription(scene: Scene) -> Valuation | None:
    """Remaining months × price a month × the share that the next holder gets."""
    months = _months(scene)
    if months is None or not (tree().under(scene.category, "subscription") or scene.attribute("price_per_month")):
        return None
    rule = service_data("other")["subscription"]
    stated = stated_amount(scene.request.attributes, ("price_per_month", "monthly_price"), scene.currency)
    read = stated or (amount(scene.request.text, scene.currency) if _A_MONTH.search(scene.text) else None)
    price = scene.anchored(read)
    if price is None:
        return scene.unknown("subscription", "What a month of it costs is not said: --set price_per_month=15 says it.")
    if months <= 0:
        return scene.unknown("subscription", "It has run out: nothing of it is left.")
    handed = _transferable(scene)
    share = float(rule["share"][handed])
    handing = {
        "yes": "it can be handed over",
        "no": "it cannot be handed over, only shared or lent",
        "unknown": "nobody says whether it can be handed over (--set transferable=yes)",
    }
    words = (
        f"{months:.3g} months × {price:.2f} {scene.rates.anchor} × {share:g}, as {handing[handed]}: {rule['source']}."
    )
    ends = spread(float(rule["spread"]))
    return scene.worth("subscription", subscription(price, months, share), ends, words, months=round(months, 2))


def value_benefit(scene: Scene) -> Valuation | None:
    """Face value × the share that can be used; what may not be traded has no value here."""
    rule = service_data("other")["benefit"]
    padded = f" {scene.text} "
    for words, why in rule["forbidden"].items():
        if f" {words}" in padded:
            return scene.unknown("benefit", f"{why}. Katy gives no value for it.")
    kind = next((kind for words, kind in _BENEFITS.items() if f" {words}" in padded), None)
    if kind is None or (kind in ("gift_card", "coupon") and scene.category not in ("gift_card", "other")):
        return None
    face = scene.anchored(
        stated_amount(scene.request.attributes, ("face_value",), scene.currency)
        or amount(scene.request.text, scene.currency)
    )
    if face is None:
        return None if kind == "coupon" else scene.unknown(
            "benefit", "Its face value is not said: --set face_value=50 says it."
        )  # fmt: skip
    share = float(rule["share"][kind])
    said = (
        f"A face value of {face:.2f} {scene.rates.anchor} × {share:g}, the share of it that is of use to others: "
        f"{rule['source']}."
    )
    low, high = spread(float(rule["spread"]))
    return scene.worth("benefit", benefit(face, share), (low, min(high, -math.log(share))), said, share=share)


def _months(scene: Scene) -> float | None:
    stated = scene.attribute("months_left", "remaining_months")
    if stated:
        found = re.search(r"\d+(?:\.\d+)?", stated)
        return float(found[0]) if found else None
    found = _MONTHS.search(scene.text)
    if found:
        return float(found[1] or found[2])
    ends = _end(scene)
    return (ends - scene.when).days / _MONTH_DAYS if ends else None


def _end(scene: Scene) -> date | None:
    until = scene.attribute("until", "expires")
    said = re.search(r"(?:until|through|expires?|valid to)\s+(.+)", scene.text)
    return day_in(until or (said[1] if said else ""), scene.when)


def _transferable(scene: Scene) -> str:
    stated = scene.attribute("transferable")
    if stated:
        return "no" if stated in ("no", "false", "0", "n") else "yes"
    if re.search(r"non[\s-]?transferable|not transferable", scene.text):
        return "no"
    return "yes" if "transferable" in scene.text else "unknown"
