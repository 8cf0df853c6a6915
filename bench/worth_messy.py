"""Messy tables as people publish them, made up from known price laws: used cars of India, laptops, flats and more.

Units stand inside texts, numbers are grouped in lakhs, cells are blank, "-" or "N/A", flats have no title at all. The
noise of each law is known, so that it can be told how near values come to the best there is.
"""

from __future__ import annotations

import csv
import functools
import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench import messy_held_out, messy_homes, messy_shapes, messy_shop, messy_vehicles
from bench.messy_shapes import chosen, grouped

NOISE = 0.10  # standard deviation of ln price
FLOOR = 0.6745 * NOISE  # the median error that remains to one who knows the law
Row = dict[str, str]
_BLANKS = ("", "-", "N/A", "null", "NA")
_TRUE = "="  # the key of a row's true price
_CARS = {"Maruti Swift VDI": 6.2, "Maruti Alto 800 LXI": 5.4, "Hyundai i20 Sportz": 6.4, "Honda City 1.5 V MT": 6.9,
         "Toyota Innova 2.5 V": 7.5, "Mahindra XUV500 W8": 7.3, "Tata Nano Twist": 4.8}  # fmt: skip
_LAPTOPS = {"Apple": 0.45, "Dell": 0.1, "HP": 0.05, "Lenovo": 0.0, "Acer": -0.15, "Asus": -0.05}
_CPUS = {"Intel Core i3 6006U 2GHz": 0.0, "Intel Core i5 7200U 2.5GHz": 0.3, "Intel Core i7 7700HQ 2.8GHz": 0.6,
         "AMD A9-Series 9420 3GHz": -0.1}  # fmt: skip
_DISKS = {"128GB SSD": 0.0, "256GB SSD": 0.12, "1TB HDD": 0.05, "128GB SSD +  1TB HDD": 0.15, "512GB SSD": 0.3}
_AREAS = {"Whitefield": 0.0, "Indira Nagar": 0.5, "Hebbal": 0.2, "Electronic City": -0.2, "Yelahanka": -0.1}


def car(random: np.random.Generator) -> Row:
    """A used car: ln price in thousand rupees = model − 0.11 · age − 0.3 · km/100,000 + 0.25 for automatic."""
    name, year = chosen(random, _CARS), int(random.integers(2007, 2020))
    km, auto, owner = int(random.integers(4, 160)) * 997, random.random() < 0.2, int(random.integers(3))
    log = _CARS[name] + np.log(1000) - 0.11 * (2020 - year) - 0.3 * km / 1e5 + 0.25 * auto - 0.08 * owner
    return {
        "Name": name, "Location": str(random.choice(["Mumbai", "Pune", "Kochi"])), "Year": str(year),
        "Kilometers_Driven": str(random.choice([f"{km:,} km", f"{grouped(km)} km"])),
        "Fuel_Type": str(random.choice(["Diesel", "Petrol"])), "Transmission": "Automatic" if auto else "Manual",
        "Owner_Type": ["First", "Second", "Third"][owner], "Mileage": f"{random.uniform(12, 27):.1f} kmpl",
        "Engine": str(random.choice(["1248 CC", "1197 CC", "1498 CC"])),
        "Power": str(random.choice(["74 bhp", "null bhp"])),
        "New_Price": "", "Price": f"Rs. {grouped(float(np.exp(log + random.normal(0, NOISE))))}",
    }  # fmt: skip


def laptop(random: np.random.Generator) -> Row:
    """A laptop: maker, memory, processor, disk and weight make its price."""
    maker, cpu, disk = chosen(random, _LAPTOPS), chosen(random, _CPUS), chosen(random, _DISKS)
    ram, inch = int(random.choice([4, 8, 16, 32])), float(random.choice([13.3, 14.0, 15.6, 17.3]))
    sharp, weight = random.random() < 0.5, random.uniform(1.1, 3.1)
    log = (
        6.0 + _LAPTOPS[maker] + _CPUS[cpu] + _DISKS[disk] + 0.35 * np.log2(ram / 4) + 0.1 * sharp + 0.05 * (2 - weight)
    )
    screen = "IPS Panel Full HD 1920x1080" if sharp else "1366x768"
    return {
        "Company": maker, "TypeName": str(random.choice(["Notebook", "Ultrabook", "Gaming"])), "Inches": f"{inch}",
        "ScreenResolution": screen, "Cpu": cpu, "Ram": f"{ram}GB", "Memory": disk,
        "OpSys": str(random.choice(["Windows 10", "No OS"])), "Weight": f"{weight:.2f}kg",
        "Price_euros": f"{np.exp(log + random.normal(0, NOISE)):.2f}",
    }  # fmt: skip


def flat(random: np.random.Generator) -> Row:
    """A flat, without a title: area, rooms and place make its price, in lakhs of rupees."""
    place, rooms = chosen(random, _AREAS), int(random.integers(1, 5))
    low = rooms * random.uniform(400, 700)
    area = f"{low:.0f} - {low * 1.1:.0f}" if random.random() < 0.1 else f"{low:.0f}"
    log = np.log(low * 5000) + _AREAS[place] + 0.1 * rooms
    return {
        "area_type": "Super built-up  Area", "availability": str(random.choice(["Ready To Move", "19-Dec", "-"])),
        "location": place, "size": f"{rooms} BHK", "total_sqft": area, "bath": str(rooms), "balcony": "N/A",
        "price": f"{np.exp(log + random.normal(0, NOISE)):.0f}",
    }  # fmt: skip


@dataclass(frozen=True)
class Shape:
    """One table: how a row is made, which column is its price (in `scale` units), and how its file is written.

    `said` is the currency that a person must say, because it stands nowhere; `currency` is what prices are of. `index`
    names a running number in front; `again` is the share of rows that stand twice, `twice` a column that does; `before`
    and `after` are lines of words above the header and below the rows, `gaps` the share of rows before a blank line.
    """

    row: Callable[[np.random.Generator, float], Row]
    price: str
    scale: float = 1.0
    currency: str = "INR"
    said: str | None = None
    file: str = "table.csv"
    delimiter: str = ","
    encoding: str = "utf-8"
    decimal: str = "."
    index: str | None = ""
    again: float = 0.0
    twice: str = ""
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    gaps: float = 0.0


@dataclass(frozen=True)
class Made:
    """A written table: the true price of each row (NaN where none is said), and what its reader must know."""

    path: Path
    prices: list[float]
    shape: Shape


def _own(row: Callable[[np.random.Generator], Row]) -> Callable[[np.random.Generator, float], Row]:
    return lambda random, _: row(random)


_euro = functools.partial(Shape, currency="EUR")
_dollar = functools.partial(Shape, currency="USD")
_SEEN: Mapping[str, Shape] = {
    "cars": Shape(_own(car), "Price"),
    "laptops": _euro(_own(laptop), "Price_euros"),
    "flats": Shape(_own(flat), "price", said="INR"),
    "quoted_cars": Shape(messy_shapes.quoted_car, "Price"),
    "dealt_cars": Shape(messy_shapes.dealt_car, "selling_price", said="INR"),
    "lakh_cars": Shape(messy_shapes.lakh_car, "Price", scale=1e5, index="S.No."),
    "phones": Shape(messy_shapes.phone, "Discount price"),
    "diamonds": _dollar(messy_shapes.diamond, "price"),
    "bikes": Shape(messy_shapes.bike, "price"),
    "wine": _dollar(messy_shapes.wine, "price"),
    "houses": _dollar(messy_shapes.house, "price"),
    "classifieds": _dollar(messy_vehicles.classified, "price", index=None, again=0.02),
    "kleinanzeigen": _dollar(messy_vehicles.kleinanzeige, "price", index=None, encoding="cp1252"),
    "one_make": Shape(
        messy_vehicles.one_make, "price", currency="GBP", said="GBP", file="audi.csv", index=None, twice="fuelType"
    ),
    "dealers": _dollar(messy_vehicles.dealer, "price", index=None),
    "levied_cars": _dollar(messy_vehicles.levied, "Price", index=None, again=0.02),
    "gebraucht": _euro(messy_vehicles.gebraucht, "Preis", index=None, delimiter=";", decimal=",", encoding="utf-8-sig"),
    "scraped_bikes": Shape(messy_vehicles.scraped_bike, "price", said="INR", index=None),
    "in_lacs": Shape(messy_vehicles.in_lacs, "Price ", currency="PKR", index="Unnamed: 0"),
    "plots": Shape(messy_homes.plot, "price", said="INR", index=None, file="House_Data.csv"),
    "offered_flats": Shape(messy_homes.offered_flat, "Amount(in rupees)", index="Index", file="house_prices.csv"),
    "auctioned": Shape(messy_homes.auctioned, "Price", currency="AUD", said="AUD", index=None, file="homes_data.csv"),
    "surveyed": _dollar(messy_homes.surveyed, "SalePrice", index="Id", file="train.csv"),
    "stays": _dollar(messy_homes.stay, "price", index=None, file="listings.csv"),
    "let_flats": Shape(messy_homes.let_flat, "Rent", said="INR", index=None, file="House_Rent_Dataset.csv"),
    "smartphones": Shape(messy_shop.smartphone, "price", index=None, again=0.02),
    "reviewed": Shape(messy_shop.reviewed, "discounted_price", index=None, file="reviews.csv"),
    "discounted": Shape(messy_shop.discounted, "discount_price", index=None, file="Air Conditioners.csv"),
    "games": Shape(messy_shop.game, "price", currency="GBP", said="GBP", index=None, file="games.csv"),
    "second_hand": _dollar(messy_shop.second_hand, "price", index="train_id", delimiter="\t", file="train.tsv"),
    "furniture": Shape(messy_shop.furniture, "price", currency="SAR", said="SAR", file="furniture.csv"),
    "books": Shape(messy_shop.book, "Price", said="INR", index=None, encoding="utf-16", delimiter="\t"),
    "flights": Shape(messy_shop.flight, "Price", said="INR", index=None, file="Flights_Train.csv"),
    "notebooks": _euro(messy_shop.notebook, "Price_euros", index="laptop_ID", encoding="cp1252"),
    "used_devices": Shape(messy_shop.used_device, "Selling Price", said="INR", index=None),
}
_NOTICE = ("Fahrzeugbestand Gebrauchtwagen;;;", "Stand: 01.03.2024")
_FOOTNOTE = ("", "¹ Preis zzgl. Überführung", "Alle Angaben ohne Gewähr.")
HELD_OUT: Mapping[str, Shape] = {
    "ownership_cars": Shape(messy_held_out.ownership_car, "car_prices_in_rupee"),
    "refurbished": Shape(messy_held_out.refurbished, "Our Price", index="Sr.No", again=0.03),
    "sized_furniture": Shape(messy_held_out.sized_furniture, "Price", currency="AED", index=None, file="items.csv"),
    "villas": Shape(messy_held_out.villa, "Price", index=None, delimiter="|", file="hyderabad.csv"),
    "adverts": _euro(messy_held_out.advert, "Preis", index=None, delimiter=";", decimal=",", encoding="cp1252",
                     before=_NOTICE, after=_FOOTNOTE, file="autos.csv"),
    "watches": _dollar(messy_held_out.watch, "Price (USD)", again=0.03, file="watches.csv"),
    "euro_notebooks": _euro(messy_held_out.euro_notebook, "Preis inkl. MwSt.", index=None, delimiter=";", decimal=",",
                            encoding="utf-8-sig", gaps=0.05),
    "tractors": _euro(messy_held_out.tractor, "Price excl. VAT", index=None, file="tractors.csv"),
    "velos": _euro(messy_held_out.velo, "Prix", index=None, delimiter=";", decimal=",", file="velos.csv"),
    "instruments": _dollar(messy_held_out.instrument, "Price", index="#", file="guitars.csv"),
    "old_books": Shape(messy_held_out.old_book, "Price", currency="GBP", index=None, delimiter="\t", file="stock.txt"),
}  # fmt: skip
TABLES: Mapping[str, Shape] = {**_SEEN, **HELD_OUT}


def write(path: Path, name: str, rows: int, seed: int = 1) -> Path:
    """A table of `rows` made-up things of TABLES, with holes in it."""
    return _written(path, TABLES[name], rows, seed).path


def make(folder: Path, name: str, rows: int, seed: int = 1) -> Made:
    """A table of `rows` made-up things of TABLES in a file of its own name in a folder."""
    return _written(folder / TABLES[name].file, TABLES[name], rows, seed)


def _written(path: Path, shape: Shape, rows: int, seed: int) -> Made:
    random = np.random.default_rng(seed)
    made, prices = [], []
    for place in range(rows):
        row = shape.row(random, NOISE)
        true = row.pop(_TRUE, None)
        prices.append(float(true) if true is not None else _said(row[shape.price]) * shape.scale)
        if shape.index is not None:
            row = {shape.index: str(place)} | {name: cell for name, cell in row.items() if name != shape.index}
        _blank(row, random, shape.price)
        made.append(row)
        if random.random() < shape.again:
            made.append(row)
            prices.append(prices[-1])
    text = io.StringIO()
    text.writelines(f"{line}\r\n" for line in shape.before)
    writer = csv.writer(text, delimiter=shape.delimiter)
    again = (shape.twice,) if shape.twice else ()
    writer.writerow([*made[0], *again])
    for row in made:
        writer.writerow([*row.values(), *(row[name] for name in again)])
        if shape.gaps and random.random() < shape.gaps:
            text.write("\r\n")
    text.writelines(f"{line}\r\n" for line in shape.after)
    path.write_text(text.getvalue(), encoding=shape.encoding, newline="")
    return Made(path, prices, shape)


def _said(cell: str) -> float:
    digits = re.sub(r"[^\d.]", "", cell.replace("Rs.", ""))
    return float(digits) if digits else float("nan")


def _blank(row: Row, random: np.random.Generator, price: str) -> None:
    """Holes: what is blanked is what a thing is like; prices, dates, names and the outermost columns stay."""
    for column in list(row)[1:-1]:
        folded = column.casefold()
        stays = column == price or any(word in folded for word in ("price", "date", "name", "url", "link", "posted"))
        if not stays and folded not in ("id", "title", "date") and random.random() < 0.03:
            row[column] = str(random.choice(_BLANKS))
