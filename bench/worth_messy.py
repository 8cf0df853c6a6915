"""Messy tables as people publish them, made up from known price laws: used cars of India, laptops, flats and more.

Units stand inside texts, numbers are grouped in lakhs, cells are blank, "-" or "N/A", flats have no title at all. The
noise of each law is known, so that it can be told how near values come to the best there is.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np

from bench import messy_shapes
from bench.messy_shapes import grouped

NOISE = 0.10  # standard deviation of ln price: the median error that remains is 0.6745 times that
_KEPT = frozenset({"date", "id", "name"})
_CARS = {"Maruti Swift VDI": 6.2, "Maruti Alto 800 LXI": 5.4, "Hyundai i20 Sportz": 6.4, "Honda City 1.5 V MT": 6.9,
         "Toyota Innova 2.5 V": 7.5, "Mahindra XUV500 W8": 7.3, "Tata Nano Twist": 4.8}  # fmt: skip
_LAPTOPS = {"Apple": 0.45, "Dell": 0.1, "HP": 0.05, "Lenovo": 0.0, "Acer": -0.15, "Asus": -0.05}
_CPUS = {"Intel Core i3 6006U 2GHz": 0.0, "Intel Core i5 7200U 2.5GHz": 0.3, "Intel Core i7 7700HQ 2.8GHz": 0.6,
         "AMD A9-Series 9420 3GHz": -0.1}  # fmt: skip
_DISKS = {"128GB SSD": 0.0, "256GB SSD": 0.12, "1TB HDD": 0.05, "128GB SSD +  1TB HDD": 0.15, "512GB SSD": 0.3}
_AREAS = {"Whitefield": 0.0, "Indira Nagar": 0.5, "Hebbal": 0.2, "Electronic City": -0.2, "Yelahanka": -0.1}


def _pick(random: np.random.Generator, names: dict[str, float]) -> str:
    return list(names)[int(random.integers(len(names)))]


def car(random: np.random.Generator) -> dict[str, str]:
    """A used car: ln price in thousand rupees = model − 0.11 · age − 0.3 · km/100,000 + 0.25 for automatic."""
    name, year = _pick(random, _CARS), int(random.integers(2007, 2020))
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


def laptop(random: np.random.Generator) -> dict[str, str]:
    """A laptop: maker, memory, processor, disk and weight make its price."""
    maker, cpu, disk = _pick(random, _LAPTOPS), _pick(random, _CPUS), _pick(random, _DISKS)
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


def flat(random: np.random.Generator) -> dict[str, str]:
    """A flat, without a title: area, rooms and place make its price, in lakhs of rupees."""
    place, rooms = _pick(random, _AREAS), int(random.integers(1, 5))
    low = rooms * random.uniform(400, 700)
    area = f"{low:.0f} - {low * 1.1:.0f}" if random.random() < 0.1 else f"{low:.0f}"
    log = np.log(low * 5000) + _AREAS[place] + 0.1 * rooms
    return {
        "area_type": "Super built-up  Area", "availability": str(random.choice(["Ready To Move", "19-Dec", "-"])),
        "location": place, "size": f"{rooms} BHK", "total_sqft": area, "bath": str(rooms), "balcony": "N/A",
        "price": f"{np.exp(log + random.normal(0, NOISE)):.0f}",
    }  # fmt: skip


def _with_noise(
    shape: Callable[[np.random.Generator, float], dict[str, str]],
) -> Callable[[np.random.Generator], dict[str, str]]:
    return lambda random: shape(random, NOISE)


TABLES: dict[str, Callable[[np.random.Generator], dict[str, str]]] = {
    **{"cars": car, "laptops": laptop, "flats": flat, "quoted_cars": _with_noise(messy_shapes.quoted_car)},
    **{"dealt_cars": _with_noise(messy_shapes.dealt_car), "lakh_cars": _with_noise(messy_shapes.lakh_car)},
    **{"phones": _with_noise(messy_shapes.phone), "diamonds": _with_noise(messy_shapes.diamond)},
    **{"bikes": _with_noise(messy_shapes.bike), "wine": _with_noise(messy_shapes.wine)},
    **{"houses": _with_noise(messy_shapes.house)},
}


def write(path: Path, name: str, rows: int, seed: int = 1) -> Path:
    """A table of `rows` made-up things of TABLES, with holes in it, as CSV with a running number in front."""
    random = np.random.default_rng(seed)
    made = [TABLES[name](random) for _ in range(rows)]
    for row in made:
        for column in list(row)[1:-1]:
            # Prices and dates stay: what is blanked is what a thing is like.
            if column.casefold() in _KEPT or "price" in column.casefold():
                continue
            if random.random() < 0.03:
                row[column] = str(random.choice(["", "-", "N/A"]))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["", *made[0]])
        writer.writerows([place, *row.values()] for place, row in enumerate(made))
    return path
