"""Price strings per second, beside price-parser on the same texts.

    python -m bench.price_strings --texts 20000

The texts are made from a fixed seed, all different, so that no cache helps: plain prices, the shapes of a dozen
countries, ranges, prices per unit, and sentences. Three readers take them in turn, in one process, `--rounds` times,
and the fastest round of each counts: the strict reader of importers (`read_price`), the one that looks for a price in
any text (`find_price`), and bare price-parser. Right is a reading of the amount that the text was made from.

Of price-parser only what it claims is expected (amount and sign of the first price); the table shows its share of right
amounts all the same, because speed alone says little.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Callable, Iterator
from decimal import Decimal

from rich.console import Console
from rich.table import Table

SEED = 1
console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
Reading = Callable[[str], Decimal | None]

PLAIN = ("${english}", "{english}", "£{english}", "{german} €", "US ${english}", "EUR {german}", "{english} USD")
ABROAD = (
    *("CHF {swiss}", "{french} €", "Rs. {indian}/-", "₹{indian}", "R$ {german}", "{french} zł", "kr {german}"),
    *("{french} Kč", "AU ${english}", "{german} TL", "¥{whole}", "{french} ₽"),
)
HARD = (
    *("${english}/lb", "{german} €/kg", "from ${english}", "2 pairs from ${english}", "${english} - ${more}"),
    *("was ${more} now ${english}", "3 für {german} €", "Save 20%! ${english}", "({english})", "${english} each"),
    *("{french} € (inkl. 19% MwSt., zzgl. 4,90 € Versand)", "SKU 48213 – £{english}", "{german} €/Dutzend"),
)


def corpus(count: int) -> list[tuple[str, Decimal]]:
    """Different texts with the amount each was made from: half plain, a quarter from abroad, a quarter hard."""
    rng = random.Random(SEED)
    made: dict[str, Decimal] = {}
    while len(made) < count:
        amount = Decimal(rng.randint(1_00, 99_999_99)).scaleb(-2)
        shape = rng.choice(rng.choice((PLAIN, PLAIN, ABROAD, HARD)))
        amount = amount.to_integral_value() if "{whole}" in shape else amount
        text = shape.format(**_written(amount))
        made.setdefault(text, -amount if shape == "({english})" else amount)
    return list(made.items())


def _written(amount: Decimal) -> dict[str, str]:
    english = f"{amount:,.2f}"
    whole, _, cents = f"{amount:.2f}".partition(".")
    head, tail = whole[:-3], whole[-3:]
    pairs = [head[max(0, end - 2) : end] for end in range(len(head), 0, -2)][::-1]
    return {
        "english": english,
        "more": f"{amount + 10:,.2f}",
        "german": english.translate(str.maketrans(",.", ".,")),
        "swiss": english.replace(",", "’"),
        "french": english.replace(",", "\u202f").replace(".", ","),
        "indian": f"{','.join([*pairs, tail])}.{cents}",
        "whole": f"{amount:,.0f}",
    }


def readers() -> Iterator[tuple[str, Reading]]:
    """Each reader by name, as a function from a text to an amount, without the cache over it."""
    from price_parser import Price

    from warehouse.reading import price, price_find

    def strict(text: str) -> Decimal | None:
        read = price.read_price.__wrapped__(text)
        return None if read is None else read.amount

    def found(text: str) -> Decimal | None:
        read = price_find._find.__wrapped__(text, None, None, None)
        return None if read is None else read.amount

    def bare(text: str) -> Decimal | None:
        amount: Decimal | None = Price.fromstring(text).amount
        return amount

    yield from (("read_price (strict)", strict), ("find_price", found), ("price-parser", bare))


def measure(texts: list[tuple[str, Decimal]], rounds: int) -> dict[str, tuple[float, float]]:
    """Reader → (texts per second in its fastest round, share of right amounts); the readers take turns."""
    known = dict(readers())
    fastest = dict.fromkeys(known, float("inf"))
    for _ in range(rounds):
        for name, read in known.items():
            started = time.perf_counter()
            for text, _amount in texts:
                read(text)
            fastest[name] = min(fastest[name], time.perf_counter() - started)
    right = {name: sum(read(text) == amount for text, amount in texts) for name, read in known.items()}
    return {name: (len(texts) / fastest[name], right[name] / len(texts)) for name in known}


def main() -> None:
    parser = argparse.ArgumentParser(description="Price strings per second, beside price-parser")
    parser.add_argument("--texts", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    figures = measure(corpus(asked.texts), asked.rounds)
    base = figures["price-parser"][0]
    table = Table("reader", "texts/s", "× price-parser", "right amounts", title=f"{asked.texts} different price texts")
    for name, (speed, right) in figures.items():
        table.add_row(name, f"{speed:,.0f}", f"{speed / base:.2f}", f"{right:.1%}")
    console.print(table)


if __name__ == "__main__":
    main()
