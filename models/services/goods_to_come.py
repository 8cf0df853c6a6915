"""Goods that are not in hand: harvests and pre-orders that are promised, and copies that are only downloaded."""

from __future__ import annotations

import math
import re
from datetime import date

from features.taxonomy import OTHER, tree
from models.answers.factors import Effect
from models.services.jobs import service_data
from models.services.reading import day_in, month_in
from models.services.rules import to_come
from models.services.scene import Scene, spread
from warehouse.valuation import Valuation

_PROMISED = re.compile(
    r"(?<!\w)(?:pre-?\s?orders?|pre-?ordered|harvest|future|upcoming|next season|to be delivered|delivered in)(?!\w)"
)
_WHEN = re.compile(
    r"(?<!\w)(?:in|by|from|for|of|on|until|delivered|delivery)?\s*(?:(?:early|mid|late|next)\s+)?"
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?(?:\s+\d{1,2})?(?:,?\s+20\d\d)?(?!\w)|20\d\d-\d\d-\d\d"
)
_COPY = re.compile(
    r"(?<!\w)(?:licen[cs]e keys?|activation (?:key|code)s?|product keys?|download codes?|digital (?:code|copy|download|"
    r"licen[cs]e)s?|e-?books?(?!-)|in-game (?:items?|currency)|nfts?)(?!\w)"
)
_THING = re.compile(r"(?<!\w)(?:blu-?ray|dvds?|discs?|readers?|kindle|kobo|tablets?|laptops?|pc)(?!\w)")
_CROPS = ("produce", "food", "pantry", "dairy", "meat", "plant", "farm", "livestock")
_YES = ("yes", "true", "1", "y")


def value_harvest(scene: Scene) -> Valuation | None:
    """Today's price moved to the season of delivery × chance of delivery, discounted."""
    promised = _PROMISED.search(scene.text) or scene.attribute("delivery_date", "delivery", "harvest_month")
    if not promised or scene.category == OTHER:
        return None
    at = _delivery(scene)
    if at is None or at < scene.when:
        return None
    rule = service_data("other")["harvest"]
    thing = " ".join(_PROMISED.sub(" ", _WHEN.sub(" ", scene.text)).split()).strip(" ,;:") or scene.text
    today = scene.goods_in_anchor(scene.request.model_copy(update={"text": thing}))
    if today is None:
        return scene.unknown(
            "harvest", f"What {thing} costs today is not known, so nothing can be said of {at}. Offers or sales of it "
            "would tell."
        )  # fmt: skip
    season, said = _season(scene, at)
    crop = any(tree().under(scene.category, name) for name in _CROPS if name in tree())
    chance = float(rule["delivery"] if crop else rule["made"])
    days = (at - scene.when).days
    base = to_come(today[0], 0.0, days, chance, float(rule["discount"]))
    price = [math.log(end / today[0]) for end in today[1:]]
    half = spread(float(rule["spread"]))
    ends = tuple(math.copysign(math.hypot(own, more), more) for own, more in zip(price, half, strict=True))
    words = (
        f"{thing} is worth {today[0]:.2f} {scene.rates.anchor} today. Promised for {at}: × {chance:g} for the chance "
        f"that it is delivered ({rule['source']}), less {float(rule['discount']):.0%} a year for {days} days. {said}."
    )
    seasonal = Effect(season, [said], "listings" if season else None, scene.when.isoformat() if season else None)
    return scene.worth(
        "harvest", base, (ends[0], ends[1]), words, delivery=at.isoformat(), thing=thing,
        effects={"season": seasonal},
    )  # fmt: skip


def value_digital(scene: Scene) -> Valuation | None:
    """The price of like copies, where the licence may be handed over; one more copy costs nothing to make, so that
    neither list price nor likeness to other goods says what it is worth."""
    if scene.attribute("format") not in ("digital", "download") and (
        not _COPY.search(scene.text) or _THING.search(scene.text)
    ):
        return None
    rule = service_data("other")["digital"]
    stated = scene.attribute("transferable")
    if stated and stated not in _YES:
        return scene.unknown("digital", f"Its licence is not transferable, so nobody can buy it. {rule['law']}.")
    found = scene.goods(scene.request)
    if found.fmv is not None and any(each.similarity >= float(rule["likeness"]) for each in found.comparables):
        return found
    return scene.unknown(
        "digital", f"No sales or offers of the same copies are known, and nothing else tells: another copy costs its "
        f"maker nothing. {rule['law']}. Listings of it would help."
    )  # fmt: skip


def _delivery(scene: Scene) -> date | None:
    said = scene.attribute("delivery_date", "delivery", "harvest_month") or scene.text
    return day_in(said, scene.when) or month_in(said, scene.when)


def _season(scene: Scene, at: date) -> tuple[float, str]:
    """How much dearer such goods are at that time of year than now, in logs."""
    vintage = scene.vintage
    if vintage is None or scene.category not in vintage.effects.season:
        return 0.0, "no data: no season of such goods is known"
    then = scene.day + (at - scene.when).days
    log = float(vintage.effects.of_season(scene.category, then)) - float(
        vintage.effects.of_season(scene.category, scene.day)
    )
    return log, f"the yearly course of {scene.category} prices makes {math.exp(log) - 1:+.1%} of it by {at:%B}"
