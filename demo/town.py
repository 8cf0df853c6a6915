"""The town's market: who offered what, where, from when to when, for how much, and what it fetched.

`simulate` draws everything from one seed. The past (`history`) is what the venues export as files; the last days
(`live`) are what their sites show. Prices are true value × seller × noise; an asking price is higher by a gap.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from demo.goods import Bundle, Catalogue, Category, Product, catalogue
from demo.offer import Offer
from demo.people import Grade, People, Seller, Venue, people, sellers, write_title
from demo.shocks import Climate, climate, season

HISTORY_DAYS = 730
FIRST_NUMBER = {"shop": 410_000, "classifieds": 7_700_000_000, "market": 300_000}
PAST_DAYS_ON_SALE = (3, 28)


@dataclass(frozen=True, slots=True)
class Town:
    """A simulated town. `start` … `live_start` is the past that files tell of, `live_start` … `end` is on the sites."""

    seed: int
    start: date
    live_start: date
    end: date
    climate: Climate
    history: tuple[Offer, ...]
    live: tuple[Offer, ...]

    @property
    def days(self) -> list[date]:
        """The live days, first to last."""
        return [self.live_start + timedelta(days=n) for n in range((self.end - self.live_start).days + 1)]

    def visible(self, venue: str, day: date) -> list[Offer]:
        """What a venue's site shows on a day, newest first."""
        shown = [offer for offer in self.live if offer.venue == venue and offer.on(day)]
        return sorted(shown, key=lambda offer: (offer.first_day, offer.number), reverse=True)


def simulate(seed: int = 7, days: int = 7, *, end: date) -> Town:
    """A town with two years of past and `days` live days, the last of which is `end`. Equal arguments, equal towns.

    Raises ValueError for less than one live day.
    """
    if days < 1:
        raise ValueError(f"a town needs at least one live day, not {days}")
    live_start = end - timedelta(days=days - 1)
    start = live_start - timedelta(days=HISTORY_DAYS)
    weather = climate(seed, start, end)
    history: list[Offer] = []
    live: list[Offer] = []
    for venue in people().venues.values():
        past = _Stall(seed, venue, weather, "past")
        history += past.offers(start, live_start - timedelta(days=1), venue.per_day, PAST_DAYS_ON_SALE)
        # What is on the site on the first live day was put there in the days before.
        now = _Stall(seed, venue, weather, "live", first_number=past.number)
        live += now.offers(live_start - timedelta(days=venue.days[1]), end, venue.live_per_day, venue.days)
    return Town(seed, start, live_start, end, weather, tuple(history), tuple(live))


class _Stall:
    """One venue during one stretch of time: draws its offers, one after the other."""

    def __init__(
        self, seed: int, venue: Venue, weather: Climate, stretch: str, first_number: int | None = None
    ) -> None:
        self.dice = random.Random(f"{seed}/{venue.key}/{stretch}")
        self.venue = venue
        self.weather = weather
        self.stretch = stretch
        self.goods: Catalogue = catalogue()
        self.people: People = people()
        self.sellers = sellers(seed, venue)
        self.number = first_number or FIRST_NUMBER[venue.key]
        self.known = list(self.goods.categories.values())

    def offers(self, first: date, last: date, per_day: float, on_sale: tuple[int, int]) -> list[Offer]:
        """All offers that begin from `first` to `last`, in the order of their days."""
        found: list[Offer] = []
        for n in range((last - first).days + 1):
            day = first + timedelta(days=n)
            for _ in range(self._count(per_day)):
                offer = self._offer(day, day + timedelta(days=self.dice.randint(*on_sale)))
                found.append(offer)
                if self.venue.key == "classifieds" and self.dice.random() < self.people.habits["reposted"]:
                    found.append(self._again(offer, last))
        if self.people.dishonest["venue"] == self.venue.key:
            found += self._dishonest(first, last)
        return sorted(found, key=lambda offer: (offer.first_day, offer.number))

    def _count(self, mean: float) -> int:
        return int(mean) + (self.dice.random() < mean - int(mean)) + self.dice.choice((-1, 0, 0, 1)) * (mean >= 1)

    def _next(self) -> int:
        self.number += self.dice.randint(1, 40)
        return self.number

    def _offer(self, day: date, until: date) -> Offer:
        kind, habits = self.dice.random(), self.people.habits
        seller = self.dice.choice(self.sellers)
        grade = self.dice.choices(list(self.people.grades.values()), [g.share for g in self.people.grades.values()])[0]
        for share, write in (
            (habits["unique"], self._unique),
            (habits["bundle"], self._bundle),
            (habits["accessory"], self._accessory),
        ):
            if kind < share:
                return write(seller, day, until)
            kind -= share
        return self._of_product(self._product(day), grade, seller, day, until)

    def _product(self, day: date) -> Product:
        # People sell coats when coats are bought, and generators when the wind has blown.
        storm = sum(one.effect(day, "US-MO") for one in self.weather.storms)
        weights = [c.weight * math.exp(2 * season(c.season, day) + c.storm * storm) for c in self.known]
        return self.dice.choice(self.goods.of(self.dice.choices(self.known, weights)[0].word))

    def _of_product(self, product: Product, grade: Grade, seller: Seller, day: date, until: date) -> Offer:
        category = self.goods.categories[product.category]
        shop = self.venue.key == "shop"

        def worth(on: date) -> float:
            return self.weather.value(product, grade.name, seller.region, on)

        title = write_title(self.dice, product, category, grade, tidy=shop)
        fields = self._fields(product, category, grade)
        return self._price(worth, seller, day, until, title=title, product=product.key, grade=grade.name, **fields)

    def _fields(self, product: Product, category: Category, grade: Grade) -> dict[str, Any]:
        """What the form of the venue says beside the title: nearly all of it in the shop, less elsewhere."""
        chance = {"shop": 0.97, "market": 0.7, "classifieds": 0.0}[self.venue.key]
        told = self.dice.random() < chance
        return {
            "category": None if self.venue.key == "classifieds" else category.word,
            "brand": product.brand if told else None,
            "model": product.model if told and self.dice.random() < 0.9 else None,
            "gtin": product.gtin if told and self.dice.random() < (0.6 if self.venue.key == "shop" else 0.3) else None,
            "msrp": Decimal(str(product.msrp)) if self.venue.key == "shop" else None,
            "condition": self.dice.choice(grade.forms)
            if self.venue.key == "shop" or self.dice.random() < 0.88
            else None,
        }

    def _unique(self, seller: Seller, day: date, until: date) -> Offer:
        title, value = self.dice.choice(self.goods.unique)
        return self._odd(title, value * math.exp(self.dice.gauss(0, 0.25)), None, seller, day, until)

    def _bundle(self, seller: Seller, day: date, until: date) -> Offer:
        bundle: Bundle = self.dice.choice(self.goods.bundles)
        parts = [self.goods.products[key] for key in bundle.parts]
        value = 0.85 * sum(self.weather.value(part, "good", seller.region, day) for part in parts)
        return self._odd(bundle.title, value, "bundle", seller, day, until)

    def _accessory(self, seller: Seller, day: date, until: date) -> Offer:
        title, value = self.dice.choice(self.dice.choice(self.known).accessories)
        return self._odd(title, value, "accessory", seller, day, until)

    def _odd(self, title: str, value: float, category: str | None, seller: Seller, day: date, until: date) -> Offer:
        return self._price(
            lambda _: value,
            seller,
            day,
            until,
            title=title,
            product=None,
            grade="good",
            category=None if self.venue.key == "classifieds" else category,
            brand=None,
            model=None,
            gtin=None,
            msrp=None,
            condition="Good" if self.dice.random() < 0.5 else None,
        )

    def _price(self, worth: Callable[[date], float], seller: Seller, day: date, until: date, **told: Any) -> Offer:
        """The offer with its prices: `worth(day)` is the true value in US dollars."""
        dice, habits = self.dice, self.people.habits
        mood = dice.random()
        gap, note = self.venue.gap, ""
        if mood < habits["firm"]:
            gap, note = gap * 0.5, "price is firm"
        elif mood < habits["firm"] + habits["negotiable"]:
            gap, note = gap * 1.4, "obo"
        own = seller.effect + dice.gauss(0.0, self.venue.noise)
        tag = worth(day) * math.exp(own + max(gap + dice.gauss(0.0, 0.03), 0.0))
        asks = [(day, self._round(tag))]
        if dice.random() < habits["reduced"] and (until - day).days >= 2:
            later = day + timedelta(days=dice.randint(1, (until - day).days - 1))
            asks.append((later, self._round(tag * dice.uniform(0.88, 0.95))))
        sold = dice.random() < self.venue.sells
        fetched = self._round(worth(until) * math.exp(own), exact=True)
        if self.stretch == "live" and self.venue.key == "classifieds" and dice.random() < 0.012:
            asks = []
        return Offer(
            number=self._next(),
            venue=self.venue.key,
            seller=seller,
            note=note,
            first_day=day,
            last_day=until,
            asks=tuple(asks),
            sold_for=fetched if sold else None,
            # New goods are not one of a kind: where they are sold out, the page says nothing of what was paid.
            shows_sold=self.venue.key == "shop" and told["grade"] != "new" and dice.random() < 0.6,
            **told,
        )

    def _round(self, value: float, *, exact: bool = False) -> Decimal:
        """To what people write: the shop in 99 cents, others in steps of 1, 5 or 10 dollars, `exact` ones of 1."""
        if self.venue.key == "shop":
            return max(Decimal(round(value)) - Decimal("0.01"), Decimal("1.99"))
        step = 1 if value < 40 or exact else 5 if value < 400 else 10
        return max((Decimal(value) / step).quantize(Decimal(1), ROUND_HALF_UP) * step, Decimal(1))

    def _again(self, offer: Offer, last: date) -> Offer:
        """The same ad under a new number some days later."""
        shift = timedelta(days=min(self.dice.randint(1, 6), max((last - offer.first_day).days, 0)))
        return replace(
            offer,
            number=self._next(),
            first_day=offer.first_day + shift,
            last_day=offer.last_day + shift,
            asks=tuple((since + shift, price) for since, price in offer.asks[:1]),
        )

    def _dishonest(self, first: date, last: date) -> Iterator[Offer]:
        """One seller's single thing, posted over and over at a multiple of its value."""
        told = self.people.dishonest
        product = self.goods.products[told["product"]]
        seller = Seller("c0ffee999", "US-MO", self.people.regions["US-MO"].places[0], 0.0)
        if self.stretch == "past":
            posts = told["history_posts"]
            days = [last - timedelta(days=n * told["history_days"] // posts) for n in range(posts)]
            shown = 2
        else:
            days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
            shown = told["live_posts_at_once"]
        for day in days:
            price = self._round(self.weather.value(product, "good", "US-MO", day) * told["times"])
            yield Offer(
                number=self._next(),
                venue=self.venue.key,
                seller=seller,
                product=product.key,
                title=told["title"],
                category=None,
                brand=None,
                model=None,
                gtin=None,
                msrp=None,
                grade="good",
                condition="Good",
                note="",
                first_day=day,
                last_day=day + timedelta(days=shown - 1),
                asks=((day, price),),
                sold_for=None,
                shows_sold=False,
            )
