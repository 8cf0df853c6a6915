"""A made-up market of any size, as the warehouse would hand it to the models, and questions about its things.

Everything comes from one seed. Products have a brand, a family, a model code and a size, and are traded with the skewed
frequencies of real markets; their prices follow brand, family, size, condition, region, season, a market that wanders
and an own course. Titles are cut and shuffled as sellers do. One listing is one row.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

SEED = 7
DAYS = 400
FIRST = 20000  # days since 1970
WHOLE = (
    "laptop phone drill monitor camera bicycle headphones saw blender guitar printer jacket tablet television "
    "refrigerator sofa table chair lamp keyboard router watch shoes dress backpack tent stroller piano mower freezer"
).split()
UNITS = {"laptop": "GB", "phone": "GB", "tablet": "GB", "drill": "V", "saw": "V", "mower": "V", "camera": "MP"}
WORDS = (
    "pro max ultra mini compact wireless cordless portable gaming business classic series edition sport travel outdoor "
    "heavy duty professional bluetooth smart digital slim plus lite air touch premium original kit tool"
).split()
CHATTER = ("free shipping", "great condition", "tested", "works great", "nice", "obo", "no box", "local pickup", "")
COLOURS = ("black", "silver", "blue", "red", "white", "grey", "green", "gold")
CONDITIONS = ("new", "like new", "very good", "good", "acceptable", None)
WORTH = np.array([0.25, 0.15, 0.05, 0.0, -0.2, 0.0])  # logs, of CONDITIONS
REGIONS = ("US-MO", "US-CA", "US-TX", "US-NY", "US-FL", "US-IL", "US-WA", "US-KS", "")
SIZES = np.array([4, 8, 12, 16, 18, 20, 24, 32, 64, 128])


class Catalogue:
    """The products there are: 5,000 to 50,000 of them, and what each would cost."""

    def __init__(self, listings: int) -> None:
        from features.identity import product_of
        from features.taxonomy import categorise

        drawn = np.random.default_rng(SEED)
        self.count = count = int(np.clip(listings // 20, 5_000, 50_000))
        made = ["".join(drawn.choice(list("bcdfglmnprst"), 2)) + str(end) for end in drawn.choice(_ENDS, 300)]
        brand = np.minimum(drawn.exponential(40, count).astype(int), 299)
        self.family = drawn.integers(0, len(WHOLE), count)
        self.size = drawn.integers(0, len(SIZES), count)
        self.brand = [made[place] for place in brand]
        self.code = [f"{'abcdefghkmnprstx'[n % 16]}{'xqz'[n % 3]}{n}" for n in range(count)]
        self.words = [drawn.choice(WORDS, 3, replace=False).tolist() for _ in range(count)]
        families = {name: categorise(None, name) for name in WHOLE}
        self.category = [families[WHOLE[place]] for place in self.family]
        self.product = [
            product_of(f"{b} {c}", b, None, c, k) for b, c, k in zip(self.brand, self.code, self.category, strict=True)
        ]
        own = drawn.normal(0, 0.25, count) + drawn.normal(0, 0.4, 300)[brand] + drawn.normal(5, 1, 30)[self.family]
        self.worth = own + 0.12 * np.log2(SIZES[self.size])
        self.course = drawn.normal(0, 0.1, count)  # over the whole time

    def measure(self, product: int) -> str:
        """The size as a title says it: "16GB"."""
        return f"{SIZES[self.size[product]]}{UNITS.get(WHOLE[self.family[product]], 'inch')}"


_STATED = ("condition", "region")
_ENDS = ("alix", "etec", "ora", "ison", "uley", "ikra", "omos", "anto")


def market(listings: int) -> pd.DataFrame:
    """The market table, sorted by day; every text and every dictionary of attributes an object of its own, as read."""
    known, drawn = Catalogue(listings), np.random.default_rng(SEED + 1)
    product = np.minimum(drawn.exponential(known.count / 5, listings).astype(int), known.count - 1)
    day = np.sort(drawn.integers(0, DAYS, listings))
    condition, region = drawn.integers(0, len(CONDITIONS), listings), drawn.integers(0, len(REGIONS), listings)
    asking = drawn.random(listings) < 0.65
    wander = np.cumsum(drawn.normal(0, 0.003, (DAYS, len(WHOLE))), axis=0)
    family = known.family[product]
    price = known.worth[product] + known.course[product] * day / DAYS + wander[day, family] + WORTH[condition]
    price += 0.02 * (region - 4) + 0.08 * asking + 0.05 * np.sin(2 * np.pi * day / 365 + family)
    price += drawn.standard_t(4, listings) * 0.1
    seller = np.minimum(drawn.exponential(max(listings / 80, 50), listings).astype(int), listings)
    listed = np.where(drawn.random(listings) < 0.3, known.worth[product] + 0.35, np.nan)
    text = _titles(known, product, drawn)
    said = drawn.random((2, listings)) < 0.7
    colour = drawn.integers(0, len(COLOURS), listings)
    attributes = [
        _attributes(known, p, COLOURS[c], bool(a), bool(b))
        for p, c, a, b in zip(product.tolist(), colour.tolist(), *said.tolist(), strict=True)
    ]
    return _table(known, product, text, attributes, day, condition, region, asking, price, seller, listed)


def _attributes(known: Catalogue, product: int, colour: str, sized: bool, coloured: bool) -> dict[str, str]:
    out = {"size": f"{SIZES[known.size[product]]}"} if sized else {}
    return out | ({"colour": str(colour)} if coloured else {})


def _titles(known: Catalogue, product: np.ndarray, drawn: np.random.Generator) -> list[str]:
    out, chance = [], drawn.random((len(product), 4))
    more, chatter = drawn.integers(0, 4, len(product)), drawn.integers(0, len(CHATTER), len(product))
    for place, which in enumerate(product.tolist()):
        said = [known.brand[which], WHOLE[known.family[which]], *known.words[which][: more[place]]]
        if chance[place, 0] < 0.85:
            said.append(known.code[which])
        if chance[place, 1] < 0.7:
            said.append(known.measure(which))
        turn = int(chance[place, 2] * len(said))
        said = [*said[turn:], *said[:turn], CHATTER[chatter[place]] if chance[place, 3] < 0.6 else ""]
        out.append(" ".join(word for word in said if word))
    return out


def _table(
    known: Catalogue,
    product: np.ndarray,
    text: list[str],
    attributes: list[dict[str, str]],
    day: np.ndarray,
    condition: np.ndarray,
    region: np.ndarray,
    asking: np.ndarray,
    price: np.ndarray,
    seller: np.ndarray,
    listed: np.ndarray,
) -> pd.DataFrame:
    from features.condition import grade
    from features.market import plain_words

    grades = [grade(words, "") for words in CONDITIONS]
    rows = pd.DataFrame(
        {
            "listing": np.array([f"made/{place}" for place in range(len(text))], dtype=object),
            "source": np.array(["made"] * len(text), dtype=object),
            "day": day.astype(np.int64) + FIRST,
            "observed_at": pd.Timestamp("1970-01-01", tz="UTC") + pd.to_timedelta(day + FIRST, unit="D"),
            "kind": np.where(asking, "asking", "sold").astype(object),
            "title": np.array(text, dtype=object),
            "price": np.array([f"{value:.2f}" for value in np.exp(price)], dtype=object),
            "currency": np.array(["USD"] * len(text), dtype=object),
            "ln_price": price,
            "ln_list": listed,
            "condition": np.array(CONDITIONS, dtype=object)[condition],
            "grade": np.array(grades, dtype=object)[condition],
            "category": np.array(known.category, dtype=object)[product],
            "brand": np.array(known.brand, dtype=object)[product],
            "product": np.array(known.product, dtype=object)[product],
            "seller": np.array([f"s{number}" for number in seller.tolist()], dtype=object),
            "region": np.array(REGIONS, dtype=object)[region],
            "found_at": np.array(["made"] * len(text), dtype=object),
        }
    )
    nothing = {name: np.full(len(text), None, dtype=object) for name in ("gtin", "mpn", "url", "image", "look")}
    out = plain_words(rows.assign(attributes=attributes, **nothing))
    return out.sort_values(["day", "listing", "kind"], kind="stable").reset_index(drop=True)


def drivers(rows: pd.DataFrame) -> object:
    """Demand and scarcity, counted in the listings as the pipeline does."""
    from features.drivers import Drivers
    from features.drivers.demand import demand
    from features.drivers.offers import count
    from features.drivers.scarcity import scarcity

    counts = count(rows[["listing", "category", "region", "kind", "day"]].assign(ended=np.nan))
    assert counts is not None, "the made-up market has weeks that are over"
    return Drivers(demand(counts) | scarcity(counts), {}, {"demand": "listings", "scarcity": "listings"}, ())


def questions(rows: pd.DataFrame, count: int) -> list[dict[str, object]]:
    """So many questions as fields of a `ValuationRequest`: a listing's words, a third of them with one left out, half
    with brand and model code, half with its attributes, a condition and a region."""
    drawn = np.random.default_rng(SEED + 2)
    out: list[dict[str, object]] = []
    for number, place in enumerate(drawn.integers(0, len(rows), count).tolist()):
        row = rows.iloc[place]
        said = str(row["title"]).split()
        gone = int(drawn.integers(0, len(said))) if number % 3 == 0 and len(said) > 3 else -1
        named = dict(row["attributes"]) if number % 2 else {}
        named |= {"brand": str(row["brand"])} if number % 4 < 2 else {}
        text = " ".join(word for n, word in enumerate(said) if n != gone)
        said_of = {name: row[name] if isinstance(row[name], str) and row[name] else None for name in _STATED}
        out.append({"text": text, "attributes": named} | said_of)
    return out
