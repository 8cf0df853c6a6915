"""What sameness means before a market has taught it: pairs made from `data/matching_prior.toml`, with their labels.

Made-up products are written about twice, as two sellers would: words left out, codes hyphenated, chatter around. What
is nearly the same is taught as different: the next model, another size or maker, an accessory, a bundle, a lot.
"""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any

from features.matching.item import Item
from features.matching.labels import Label

SEED = 20_230_517
PAIRS = 3_000
# As among the candidates of blocking: a third are the same.
_SAME = 0.35
_VARIANTS = ("pro", "plus", "ultra", "lite", "ii", "max", "se")
_CHOICE = re.compile(r"\{([^}]*)\}")


@dataclass(frozen=True, slots=True)
class Product:
    """A made-up product: what may be said of it. `model` is its name or code, `sizes` its own ones."""

    family: int
    nouns: tuple[str, ...]
    brand: str
    model: str
    sizes: tuple[str, ...]
    colour: str
    specs: tuple[str, ...]
    price: float


@cache
def _tables() -> dict[str, Any]:
    return tomllib.loads(resources.files("features").joinpath("data/matching_prior.toml").read_text("utf-8"))


def prior_labels(count: int = PAIRS, seed: int = SEED) -> list[Label]:
    """`count` labelled pairs, the same for the same seed."""
    dice = random.Random(seed)
    out = []
    for number in range(count):
        product = make_product(dice)
        same = dice.random() < _SAME
        other = product if same else dice.choice(_OTHERS)(dice, product)
        # What differs in size alone is another product only where both say so.
        apart = isinstance(other, Product) and other.model == product.model and not same
        told = 1.0 if apart else 0.65
        left = write(dice, product, f"{number}-left", told_sizes=told)
        right = write(dice, other, f"{number}-right", told_sizes=told) if isinstance(other, Product) else other
        same = same or other == product
        if dice.random() < 0.5:
            left, right = right, left
        out.append(Label(left, right, same))
    return out


def make_product(dice: random.Random) -> Product:
    """A product of some family."""
    family = dice.randrange(len(_tables()["family"]))
    told = _tables()["family"][family]
    low, high = told["price"]
    return Product(
        family=family,
        nouns=tuple(dice.choice(told["nouns"])),
        brand=dice.choice(told["brands"]),
        model=_filled(dice, dice.choice(told["models"])),
        sizes=tuple(dice.choice(each) for each in told["sizes"]),
        colour=dice.choice(_tables()["colours"]),
        specs=tuple(dice.sample(told["specs"], min(3, len(told["specs"])))),
        price=low * (high / low) ** dice.random(),
    )


def write(dice: random.Random, product: Product, key: str, *, told_sizes: float = 0.65) -> Item:
    """How some seller writes of a product. Its model is always told, its sizes mostly."""
    told, chatter = _tables()["family"][product.family], _tables()["chatter"]
    parts = [product.brand] if dice.random() < 0.85 else []
    said = [_spelled(dice, product.model)]
    said += [_spelled(dice, size) for size in product.sizes if dice.random() < told_sizes]
    noun = dice.choice(product.nouns)
    said += [noun] if noun and dice.random() < 0.75 else []
    said += [spec for spec in product.specs if dice.random() < 0.45]
    said += [product.colour] if dice.random() < 0.25 else []
    said += dice.sample(chatter["talk"], dice.choice((0, 0, 0, 1, 1, 2, 4)))
    if dice.random() < 0.4:
        head, rest = said[:1], said[1:]
        dice.shuffle(rest)
        said = head + rest if dice.random() < 0.6 else rest + head
    extra = f" with {dice.choice(told['extras'])}" if dice.random() < 0.1 else ""
    title = dice.choice(chatter["front"]) + " ".join(parts + said) + extra + dice.choice(chatter["back"])
    return Item(
        key=key,
        title=_typed(dice, title),
        brand=product.brand if dice.random() < 0.4 else None,
        description=_description(dice, product) if dice.random() < 0.3 else None,
        price=round(product.price * dice.lognormvariate(-0.15, 0.3), 2) if dice.random() < 0.75 else None,
    )


def _description(dice: random.Random, product: Product) -> str:
    words = [product.brand, product.model, dice.choice(product.nouns), *product.sizes, *product.specs]
    return " ".join(word for word in words if dice.random() < 0.8)


def _filled(dice: random.Random, pattern: str) -> str:
    """A pattern with its choices made, its # as digits and its @ as letters."""
    text = _CHOICE.sub(lambda choice: dice.choice(choice[1].split(",")), pattern)
    text = "".join(
        dice.choice("123456789") if s == "#" else dice.choice("abdefghkmnprstvwx") if s == "@" else s for s in text
    )
    return " ".join(text.split())


def _spelled(dice: random.Random, text: str) -> str:
    """A code or size as sellers vary it: hyphens dropped or put in, numbers apart from their units."""
    chance = dice.random()
    if chance < 0.15:
        return text.replace("-", "")
    if chance < 0.25:
        return text.replace("-", " ")
    if chance < 0.35:
        return re.sub(r"(\d)(gb|tb|v|mm|mp|in|cm|oz|ml)\b", r"\1 \2", text)
    if chance < 0.38 and re.fullmatch(r"\S*[a-z]\S*\d", text):
        return text + dice.choice(["/xaa", "-b", "/bk", "c2"])
    if chance < 0.45:
        return re.sub(r"(\d) (in|inch|megapixel|cu|oz|ml|port)\b", r"\1-\2", text)
    return text.upper() if chance < 0.55 else text


def _typed(dice: random.Random, title: str) -> str:
    """Now and then a letter is left out or two change places in a longer word without digits."""
    if dice.random() > 0.06:
        return title
    words = title.split()
    long = [n for n, word in enumerate(words) if len(word) >= 6 and word.isalpha()]
    if long:
        chosen, cut = dice.choice(long), dice.randrange(1, 5)
        word = words[chosen]
        words[chosen] = word[:cut] + word[cut + 1 :] if dice.random() < 0.5 else word[:cut] + word[cut + 1] + word[cut]
    return " ".join(words)


# ---- what is nearly the same, and is not


def _next_model(dice: random.Random, product: Product) -> Product:
    """Another model of the maker: a digit of its number changed, else another of its names."""
    places = [n for n, sign in enumerate(product.model) if sign.isdigit()]
    if places and dice.random() < 0.7:
        place = dice.choice(places)
        digit = dice.choice([d for d in "123456789" if d != product.model[place]])
        return replace(product, model=product.model[:place] + digit + product.model[place + 1 :])
    return replace(product, model=_filled(dice, dice.choice(_tables()["family"][product.family]["models"])))


def _variant(dice: random.Random, product: Product) -> Product:
    """The same line with a word more: "pro", "upgrade", a letter behind the code."""
    own = _tables()["family"][product.family].get("variants")
    if own is None and re.fullmatch(r"\S*\d\S*", product.model):
        return replace(product, model=product.model + dice.choice(["bk", "wh", "s", "w", "x", "c2", "b", "k"]))
    return replace(product, model=f"{product.model} {dice.choice(own or _VARIANTS)}")


def _other_size(dice: random.Random, product: Product) -> Product | Item:
    """The same model in another size, said in both titles as such; where there is none, the next model."""
    lists = _tables()["family"][product.family]["sizes"]
    if not lists:
        return _next_model(dice, product)
    which = dice.randrange(len(lists))
    others = [size for size in lists[which] if size != product.sizes[which]]
    sizes = (*product.sizes[:which], dice.choice(others), *product.sizes[which + 1 :])
    return replace(product, sizes=sizes, price=product.price * dice.uniform(0.7, 1.4))


def _other_maker(dice: random.Random, product: Product) -> Product:
    """Another maker's thing of the same kind and size."""
    told = _tables()["family"][product.family]
    return replace(product, brand=dice.choice(told["brands"]), model=_filled(dice, dice.choice(told["models"])))


def _accessory(dice: random.Random, product: Product) -> Item:
    """Something made for it."""
    told = _tables()["family"][product.family]
    thing = write(dice, product, "accessory").title
    kind = dice.choice(told["fits"])
    title = dice.choice(
        [f"{kind} for {thing}", f"{thing} {kind}", f"replacement {kind} fits {thing}", f"{kind} - {thing}"]
    )
    return Item("accessory", title, price=round(product.price * dice.uniform(0.03, 0.3), 2))


def _bundle(dice: random.Random, product: Product) -> Item:
    """It with other things that are worth money."""
    extras = _tables()["family"][product.family]["extras"]
    thing = write(dice, product, "bundle").title
    with_what = " + ".join(dice.sample(extras, min(2, len(extras))))
    title = dice.choice(
        [f"{thing} bundle + {with_what}", f"bundle: {thing} and {with_what}", f"{thing} + {with_what} lot"]
    )
    return Item("bundle", title, price=round(product.price * dice.uniform(1.1, 2.0), 2))


def _lot(dice: random.Random, product: Product) -> Item:
    """Several of it."""
    count, thing = dice.choice([2, 3, 4, 5, 10]), write(dice, product, "lot").title
    title = dice.choice(
        [f"lot of {count} {thing}", f"{count}x {thing}", f"{thing} (lot of {count})", f"{count} pack {thing}"]
    )
    return Item("lot", title, price=round(product.price * count * dice.uniform(0.6, 1.0), 2))


def _anything(dice: random.Random, product: Product) -> Product:
    """Another thing altogether."""
    return make_product(dice)


_OTHERS: tuple[Callable[[random.Random, Product], Product | Item], ...] = (
    *(_next_model,) * 5,
    *(_variant,) * 3,
    *(_other_size,) * 3,
    *(_other_maker,) * 4,
    _accessory,
    _bundle,
    _lot,
    _anything,
)
