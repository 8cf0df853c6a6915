"""More messy tables from known price laws, in the shapes that people publish: each row is a mapping of its headers.

No `Name` says what a row of diamonds or houses is; phones have a price before and after a discount; one table of cars
is in lakhs, which only the cells of another column say; bikes are asked "On Request" now and then.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

_MODELS = {"Maruti Swift Dzire VDI": 5.6, "Hyundai i20 Asta": 5.5, "Honda City i-VTEC SV": 6.1,
           "Toyota Innova 2.5 G": 6.9, "Mahindra Scorpio S10": 6.8, "Ford Figo Titanium": 5.3,
           "Renault KWID RXT": 5.2, "Skoda Rapid 1.5 TDI": 6.2}  # fmt: skip
_PHONES = {"Samsung": 0.25, "Redmi": 0.0, "realme": -0.05, "vivo": 0.1, "OnePlus": 0.5, "Apple": 1.2}
_BIKES = {"Royal Enfield Classic 350cc": 4.9, "Bajaj Pulsar 150cc": 4.1, "Hero Splendor Plus 100cc": 3.7,
          "KTM Duke 200cc": 4.8, "Yamaha FZ S 150cc": 4.2, "TVS Apache RTR 160cc": 4.3}  # fmt: skip
_GRAPES = {"Pinot Noir": 0.35, "Cabernet Sauvignon": 0.3, "Riesling": 0.0, "Chardonnay": 0.1, "Malbec": -0.1}
_PROVINCES = {
    "California": ("US", 0.3),
    "Burgundy": ("France", 0.6),
    "Mendoza": ("Argentina", -0.2),
    "Mosel": ("Germany", 0.1),
}
_TOWNS = ["Delhi", "Mumbai", "Jaipur", "Pune", "Bangalore"]


def grouped(amount: float) -> str:
    """Indian grouping: 450000 is 4,50,000."""
    digits = f"{amount:.0f}"
    head, tail = digits[:-3], digits[-3:]
    while len(head) > 2:
        tail, head = f"{head[-2:]},{tail}", head[:-2]
    return f"{head},{tail}" if head else tail


def chosen(random: np.random.Generator, names: Collection[str]) -> str:
    """One of several words, each as likely."""
    return list(names)[int(random.integers(len(names)))]


def noisy(random: np.random.Generator, log: float, noise: float) -> float:
    """The price whose logarithm is `log` but for noise of a standard deviation."""
    return float(np.exp(log + random.normal(0, noise)))


def quoted_car(random: np.random.Generator, noise: float) -> dict[str, str]:
    """name, company, year, Price "4,25,000" or "Ask For Price", kms_driven "45,000 kms", fuel_type."""
    model = chosen(random, _MODELS)
    year, km = int(random.integers(2004, 2020)), int(random.integers(3, 150)) * 1000
    fuel = chosen(random, ["Petrol", "Petrol", "Diesel"])
    log = _MODELS[model] + np.log(1000) - 0.1 * (2020 - year) - km / 4e5 + 0.1 * (fuel == "Diesel")
    asked = random.random() >= 0.03
    return {
        "name": model, "company": model.split()[0], "year": str(year),
        "Price": grouped(round(noisy(random, log, noise), -3)) if asked else "Ask For Price",
        "kms_driven": f"{grouped(km)} kms", "fuel_type": fuel,
    }  # fmt: skip


def dealt_car(random: np.random.Generator, noise: float) -> dict[str, str]:
    """name, year, selling_price … mileage "23.4 kmpl", engine "1248 CC", max_power "74 bhp", torque, seats."""
    model = chosen(random, _MODELS)
    year, km = int(random.integers(2006, 2021)), int(random.integers(2, 180)) * 1000
    owner, auto = int(random.integers(3)), random.random() < 0.15
    size = 1000 + 100 * (list(_MODELS).index(model) + 1)
    log = _MODELS[model] + np.log(1000) - 0.11 * (2021 - year) - km / 5e5 - 0.08 * owner + 0.25 * auto
    return {
        "name": model, "year": str(year), "selling_price": f"{noisy(random, log, noise):.0f}", "km_driven": str(km),
        "fuel": chosen(random, ["Petrol", "Diesel"]), "seller_type": chosen(random, ["Individual", "Dealer"]),
        "transmission": "Automatic" if auto else "Manual",
        "owner": ["First Owner", "Second Owner", "Third Owner"][owner], "mileage": f"{random.uniform(12, 27):.1f} kmpl",
        "engine": f"{size} CC", "max_power": f"{size / 15:.2f} bhp",
        "torque": f"{size // 8}Nm@ {chosen(random, ['2000', '1750-2500', '4000'])}rpm",
        "seats": chosen(random, ["5", "5", "7"]),
    }  # fmt: skip


def lakh_car(random: np.random.Generator, noise: float) -> dict[str, str]:
    """Name, Location, Year … New_Price "8.61 Lakh" on one in seven rows, and a Price in lakhs that does not say so."""
    model = chosen(random, _MODELS)
    year, km = int(random.integers(2006, 2020)), int(random.integers(2, 150)) * 1000
    auto = random.random() < 0.2
    log = _MODELS[model] - np.log(100) - 0.11 * (2019 - year) - km / 5e5 + 0.25 * auto
    new = float(np.exp(_MODELS[model] - np.log(100) + 0.25 * auto + 0.35))
    return {
        "Name": model, "Location": chosen(random, _TOWNS), "Year": str(year), "Kilometers_Driven": str(km),
        "Fuel_Type": chosen(random, ["Diesel", "Petrol"]), "Transmission": "Automatic" if auto else "Manual",
        "Owner_Type": "First", "Mileage": f"{random.uniform(12, 27):.1f} kmpl", "Engine": "1248 CC",
        "Power": chosen(random, ["74 bhp", "null bhp"]), "Seats": "5.0",
        "New_Price": f"{new:.2f} Lakh" if random.random() < 0.15 else "", "Price": f"{noisy(random, log, noise):.2f}",
    }  # fmt: skip


def phone(random: np.random.Generator, noise: float) -> dict[str, str]:
    """Product Name, Actual price "₹15,999", Discount price "₹12,999", Stars, RAM, Storage, Display, Link."""
    maker = chosen(random, _PHONES)
    ram, disk = int(random.choice([4, 6, 8, 12])), int(random.choice([64, 128, 256]))
    log = 9.2 + _PHONES[maker] + 0.3 * np.log2(ram / 4) + 0.2 * np.log2(disk / 64)
    price = noisy(random, log, noise)
    number = int(random.integers(1_000_000, 9_999_999))
    return {
        "Product Name": f"{maker} {chosen(random, ['A', 'C', 'Note ', 'Pro '])}{int(random.integers(5, 60))}",
        "Actual price": f"₹{price * random.uniform(1.02, 1.6):,.0f}", "Discount price": f"₹{price:,.0f}",
        "Stars": f"{random.uniform(3.5, 4.7):.1f}", "Rating": f"{int(random.integers(10, 99999)):,} Ratings",
        "RAM (GB)": f"{ram} GB RAM", "Storage (GB)": f"{disk} GB ROM",
        "Display Size (inch)": f"{random.uniform(5.5, 6.8):.2f}",
        "Camera": chosen(random, ["50MP + 2MP", "13MP", "64MP + 8MP + 2MP"]),
        "Link": f"https://shop.example.com/p/itm{number}",
    }  # fmt: skip


def diamond(random: np.random.Generator, noise: float) -> dict[str, str]:
    """carat, cut, color, clarity, depth, table, price, x, y, z: nothing says what a row is called."""
    carat = float(np.exp(random.normal(-0.4, 0.5)))
    cuts, colours = ["Fair", "Good", "Very Good", "Premium", "Ideal"], list("DEFGHIJ")
    clear = ["I1", "SI2", "SI1", "VS2", "VS1", "VVS2", "VVS1", "IF"]
    cut, colour, clarity = (int(random.integers(len(names))) for names in (cuts, colours, clear))
    log = 8.2 + 1.85 * np.log(carat) + 0.04 * cut - 0.08 * colour + 0.11 * clarity
    side = 6.5 * carat ** (1 / 3)
    return {
        "carat": f"{carat:.2f}", "cut": cuts[cut], "color": colours[colour], "clarity": clear[clarity],
        "depth": f"{random.normal(61.7, 1.4):.1f}", "table": f"{random.normal(57, 2):.0f}",
        "price": f"{noisy(random, log, noise):.0f}", "x": f"{side:.2f}", "y": f"{side * 1.01:.2f}",
        "z": f"{side * 0.62:.2f}",
    }  # fmt: skip


def bike(random: np.random.Generator, noise: float) -> dict[str, str]:
    """bike_name, price "Rs. 63,500", city, kms_driven "17654 Km", owner, age, brand; now and then "On Request"."""
    model = chosen(random, _BIKES)
    age, km, owner = int(random.integers(1, 15)), int(random.integers(1, 80)) * 1000, int(random.integers(3))
    log = _BIKES[model] + np.log(1000) - 0.08 * age - km / 3e5 - 0.07 * owner
    asked = random.random() >= 0.03
    return {
        "bike_name": model, "price": f"Rs. {grouped(noisy(random, log, noise))}" if asked else "On Request",
        "city": chosen(random, _TOWNS), "kms_driven": f"{km} Km",
        "owner": ["First", "Second", "Third"][owner] + " Owner",
        "age": f"{age} yr", "brand": model.split()[0], "seller": chosen(random, ["Dealer", "Individual"]),
    }  # fmt: skip


def wine(random: np.random.Generator, noise: float) -> dict[str, str]:
    """country, description, designation, points, price, province, variety, winery: points and grape make the price."""
    province, grape = chosen(random, _PROVINCES), chosen(random, _GRAPES)
    points, year = int(random.integers(80, 98)), int(random.integers(2008, 2018))
    log = 2.4 + 0.09 * (points - 80) + _GRAPES[grape] + _PROVINCES[province][1]
    words = (
        chosen(random, ["ripe", "tart", "smoky", "lush"]) + " " + chosen(random, ["cherry", "citrus", "plum", "oak"])
    )
    winery = f"Chateau {chosen(random, ['Nord', 'Sud', 'Bel', 'Mont'])}{int(random.integers(40))}"
    return {
        "country": _PROVINCES[province][0], "description": f"A {words} wine from {year}, drink now.",
        "designation": chosen(random, ["Reserve", "Estate", ""]), "points": str(points),
        "price": f"{noisy(random, log, noise):.1f}", "province": province, "region_1": province, "variety": grape,
        "winery": winery,
    }  # fmt: skip


def house(random: np.random.Generator, noise: float) -> dict[str, str]:
    """id, date "20141013T000000", price, bedrooms, bathrooms, sqft_living, grade, zipcode: numbers and nothing else."""
    area, grade = int(np.exp(random.normal(7.5, 0.4))), int(random.integers(5, 12))
    code = int(random.integers(12))
    log = 6.0 + 0.85 * np.log(area) + 0.12 * grade + 0.06 * code
    return {
        "id": str(int(random.integers(10**8, 10**9))),
        "date": f"2014{int(random.integers(5, 13)):02d}{int(random.integers(1, 28)):02d}T000000",
        "price": f"{noisy(random, log, noise):.0f}", "bedrooms": str(int(random.integers(1, 6))),
        "bathrooms": f"{random.choice([1.0, 1.5, 2.0, 2.5])}", "sqft_living": str(area), "grade": str(grade),
        "zipcode": str(98001 + code), "yr_built": str(int(random.integers(1930, 2014))),
    }  # fmt: skip
