"""Used vehicles in the shapes that people publish: classified advertisements, dealers' lists, scraped pages.

Units stand inside texts, a blank is a dash or a dagger, mileage is a sentence, the decimal mark is a comma, German
words name the columns. "=" in a row is its true price where the cell of the price does not simply say it.
"""

from __future__ import annotations

import numpy as np

from bench.messy_shapes import chosen, grouped, noisy

_FORDS = {"ford f-150": 10.3, "chevrolet silverado 1500": 10.25, "toyota camry": 9.8, "honda civic": 9.6,
          "jeep wrangler": 10.2, "nissan altima": 9.5, "bmw 3 series": 10.0, "subaru outback": 9.8}  # fmt: skip
_GOLFS = {"volkswagen golf": 9.3, "bmw 3er": 9.7, "opel corsa": 8.8, "audi a4": 9.6, "ford focus": 9.0,
          "renault twingo": 8.5, "mercedes_benz c_klasse": 9.7}  # fmt: skip
_AUDIS = {" A1": 9.8, " A3": 9.95, " A4": 10.1, " A6": 10.3, " Q2": 10.05, " Q3": 10.2, " Q5": 10.5, " TT": 10.2}
_BRANDS = {"Ford Utility Police Interceptor Base": 10.2, "BMW M4 Base": 11.0,
           "Audi Q3 45 S line Premium Plus": 10.4,
           "Mercedes-Benz E-Class E 350": 10.6, "Toyota RAV4 XLE": 10.1, "Lexus RX 350 Base": 10.4}  # fmt: skip
_TBILISI = {"LEXUS RX 450": 9.9, "HONDA FIT": 8.8, "HYUNDAI Elantra": 9.2, "TOYOTA Prius": 9.1,
            "CHEVROLET Equinox": 9.3,
            "MERCEDES-BENZ E 350": 9.6}  # fmt: skip
_BIKES = {"Bajaj Avenger Cruise 220": 11.3, "Royal Enfield Classic 350cc": 11.8, "Hyosung GT250R": 11.9,
          "KTM Duke 200cc": 11.6, "Hero Splendor Plus 100cc": 10.7, "TVS Apache RTR 160cc": 11.0}  # fmt: skip
_PAKISTAN = {"Toyota Corolla GLi": 14.6, "Honda Civic VTi": 14.8, "Suzuki Mehran VX": 13.4, "Suzuki Cultus VXR": 13.8,
             "Daihatsu Cuore": 13.2}  # fmt: skip


def classified(random: np.random.Generator, noise: float) -> dict[str, str]:
    """A classified advertisement: links, a description over lines, the odometer as 57923.0, a price of 0 at times."""
    what = chosen(random, _FORDS)
    maker, model = what.split(" ", 1)
    year, miles = int(random.integers(2002, 2021)), int(random.integers(5, 190)) * 997
    state, good = (
        chosen(random, ["ca", "tx", "ny", "fl"]),
        chosen(random, ["", "good", "excellent", "like new", "fair"]),
    )
    worth = {"": 0.0, "good": 0.0, "excellent": 0.08, "like new": 0.15, "fair": -0.2}[good]
    price = round(noisy(random, _FORDS[what] - 0.09 * (2021 - year) - miles / 4e5 + worth, noise))
    number = int(random.integers(7_300_000_000, 7_399_999_999))
    asked = random.random() >= 0.05
    return {
        "id": str(number), "url": f"https://{state}.example.org/ctd/d/{number}.html", "region": f"{state} city",
        "region_url": f"https://{state}.example.org", "price": f"{price:.0f}" if asked else "0", "year": f"{year}.0",
        "manufacturer": maker, "model": model, "condition": good,
        "cylinders": chosen(random, ["4 cylinders", "6 cylinders", "8 cylinders", ""]),
        "fuel": chosen(random, ["gas", "gas", "diesel"]), "odometer": f"{miles}.0", "title_status": "clean",
        "transmission": "automatic", "VIN": f"1FT{number % 10**9:09d}XKA{number % 97:02d}", "drive": "4wd",
        "size": "", "type": chosen(random, ["sedan", "pickup", "SUV"]),
        "paint_color": chosen(random, ["white", "black", ""]), "image_url": "https://images.example.org/00a_600x450.jpg",
        "description": f'Runs great,\n"one owner"; {miles:,} miles\nCall today, $500 down!', "county": "",
        "state": state, "lat": f"{random.uniform(30, 45):.4f}", "long": f"{random.uniform(-120, -75):.4f}",
        "posting_date": f"2021-04-{int(random.integers(4, 30)):02d}T12:31:18-0500", "=": f"{price if asked else 'nan'}",
    }  # fmt: skip


def kleinanzeige(random: np.random.Generator, noise: float) -> dict[str, str]:
    """German words in a Latin-1 file: "Golf_3_1.6_TDI", "$5,000", "150,000km", two dates beside the one that counts."""
    what = chosen(random, _GOLFS)
    maker, model = what.split(" ", 1)
    year, km = int(random.integers(1996, 2016)), int(random.choice([20, 40, 60, 80, 100, 125, 150])) * 1000
    damaged, horse = random.random() < 0.12, int(random.integers(50, 200))
    log = _GOLFS[what] - 0.11 * (2016 - year) - km / 3e5 - 0.5 * damaged + 0.004 * (horse - 100)
    day = f"2016-03-{int(random.integers(5, 30)):02d}"
    words = chosen(random, ["_TÜV_neu", "_1.6", "_Kombi_scheckheftgepflegt", "_VB", ""])
    return {
        "dateCrawled": f"{day} 17:47:46", "name": f"{maker.title()}_{model}{words}", "seller": "privat",
        "offerType": "Angebot", "price": f"${noisy(random, log, noise):,.0f}", "abtest": "test",
        "vehicleType": chosen(random, ["limousine", "kombi", "kleinwagen", ""]), "yearOfRegistration": str(year),
        "gearbox": chosen(random, ["manuell", "automatik"]), "powerPS": str(horse), "model": model,
        "odometer": f"{km:,}km", "monthOfRegistration": str(int(random.integers(13))),
        "fuelType": chosen(random, ["benzin", "diesel"]), "brand": maker,
        "notRepairedDamage": "ja" if damaged else "nein", "dateCreated": f"{day} 00:00:00", "nrOfPictures": "0",
        "postalCode": f"{int(random.integers(1000, 99999)):05d}", "lastSeen": "2016-04-06 06:45:54",
    }  # fmt: skip


def one_make(random: np.random.Generator, noise: float) -> dict[str, str]:
    """A table of one make that stands only in the file's name; models begin with a blank."""
    model, year, miles = chosen(random, _AUDIS), int(random.integers(2013, 2021)), int(random.integers(1, 90)) * 991
    size, auto = float(random.choice([1.0, 1.4, 2.0, 3.0])), random.random() < 0.4
    log = _AUDIS[model] - 0.12 * (2020 - year) - miles / 2e5 + 0.15 * (size - 1.4) + 0.1 * auto
    return {
        "model": model, "year": str(year), "price": f"{noisy(random, log, noise):.0f}",
        "transmission": "Automatic" if auto else "Manual", "mileage": str(miles),
        "fuelType": chosen(random, ["Petrol", "Diesel", "Hybrid"]), "tax": chosen(random, ["145", "30", "20", "0"]),
        "mpg": f"{random.uniform(30, 70):.1f}", "engineSize": f"{size}",
    }  # fmt: skip


def dealer(random: np.random.Generator, noise: float) -> dict[str, str]:
    """milage "51,000 mi.", engine "300.0HP 3.7L V6 Cylinder Engine …", accident as a sentence, price "$10,300"."""
    what = chosen(random, _BRANDS)
    maker, model = what.split(" ", 1)
    year, miles, horse = (
        int(random.integers(2005, 2024)),
        int(random.integers(1, 160)) * 1000,
        random.integers(150, 500),
    )
    crash = random.random() < 0.25
    log = _BRANDS[what] - 0.07 * (2024 - year) - miles / 3e5 + 0.0012 * (horse - 300) - 0.12 * crash
    colour = chosen(random, ["Black", "Moonlight Cloud", "Blue", "Scarlet Ember", "–"])
    return {
        "brand": maker, "model": model, "model_year": str(year), "milage": f"{miles:,} mi.",
        "fuel_type": chosen(random, ["Gasoline", "E85 Flex Fuel", "Hybrid", "–", "not supported"]),
        "engine": f"{horse:.1f}HP {random.choice([2.0, 3.5, 3.7])}L V6 Cylinder Engine Gasoline Fuel",
        "transmission": chosen(random, ["6-Speed A/T", "8-Speed Automatic", "Transmission w/Dual Shift Mode"]),
        "ext_col": colour, "int_col": "Black",
        "accident": "At least 1 accident or damage reported" if crash else "None reported",
        "clean_title": chosen(random, ["Yes", ""]), "price": f"${noisy(random, log, noise):,.0f}",
    }  # fmt: skip


def levied(random: np.random.Generator, noise: float) -> dict[str, str]:
    """ID, Price, Levy "-", Category "Jeep", Engine volume "3.5 Turbo", Mileage "186005 km", Doors "04-May"."""
    what = chosen(random, _TBILISI)
    maker, model = what.split(" ", 1)
    year, km, turbo = int(random.integers(2005, 2020)), int(random.integers(10, 250)) * 997, random.random() < 0.2
    size, leather = float(random.choice([1.3, 2.0, 2.5, 3.5])), random.random() < 0.6
    log = _TBILISI[what] + 0.08 * (year - 2012) - km / 1e6 + 0.1 * (size - 2) + 0.1 * turbo + 0.12 * leather
    return {
        "ID": str(int(random.integers(44_000_000, 46_000_000))), "Price": f"{noisy(random, log, noise):.0f}",
        "Levy": str(int(random.integers(400, 2000))) if random.random() < 0.7 else "-", "Manufacturer": maker,
        "Model": model, "Prod. year": str(year), "Category": chosen(random, ["Jeep", "Hatchback", "Sedan"]),
        "Leather interior": "Yes" if leather else "No", "Fuel type": chosen(random, ["Hybrid", "Petrol", "Diesel"]),
        "Engine volume": f"{size} Turbo" if turbo else f"{size}", "Mileage": f"{km} km", "Cylinders": "6.0",
        "Gear box type": chosen(random, ["Automatic", "Tiptronic", "Variator"]), "Drive wheels": "4x4",
        "Doors": chosen(random, ["04-May", "02-Mar", ">5"]),
        "Wheel": chosen(random, ["Left wheel", "Right-hand drive"]),
        "Color": chosen(random, ["Silver", "Black", "White"]), "Airbags": str(int(random.integers(13))),
    }  # fmt: skip


def gebraucht(random: np.random.Generator, noise: float) -> dict[str, str]:
    """Semicolons, decimal commas and a byte order mark: "03/2015", "125.000 km", "110 kW (150 PS)", "12.990 €"."""
    what = chosen(random, _GOLFS)
    maker, model = what.split(" ", 1)
    year, km, kw = int(random.integers(2004, 2023)), int(random.integers(2, 220)) * 1000, int(random.integers(45, 180))
    log = _GOLFS[what] + 0.5 - 0.1 * (2024 - year) - km / 3e5 + 0.004 * (kw - 90)
    price = round(noisy(random, log, noise), -1)
    german = f"{km:,}".replace(",", ".")
    return {
        "Marke ": maker.title(), " Modell": model.replace("_", "-"),
        "Erstzulassung": f"{int(random.integers(1, 13)):02d}/{year}",
        "Kilometerstand": f"{german} km", "Leistung": f"{kw} kW ({kw * 1.36:.0f} PS)",
        "Kraftstoff": chosen(random, ["Benzin", "Diesel", "k. A."]), "Verbrauch": f"{random.uniform(4, 9):.1f}".replace(
            ".", ","), "Getriebe": chosen(random, ["Schaltgetriebe", "Automatik"]),
        "Preis": f"{price:,.0f} €".replace(",", "."), "=": f"{price}",
    }  # fmt: skip


def scraped_bike(random: np.random.Generator, noise: float) -> dict[str, str]:
    """model_name with its year, kms_driven "17000 Km", mileage "\\n\\n 35 kmpl", owner in words."""
    model, year, km = chosen(random, _BIKES), int(random.integers(2008, 2021)), int(random.integers(1, 70)) * 1000
    owner = int(random.integers(3))
    log = _BIKES[model] - 0.08 * (2021 - year) - km / 3e5 - 0.07 * owner
    return {
        "model_name": f"{model} {year}", "model_year": str(year),
        "kms_driven": chosen(random, [f"{km} Km", f"{grouped(km)} Km"]),
        "owner": ["first owner", "second owner", "third owner"][owner],
        "location": chosen(random, ["hyderabad", "pune"]),
        "mileage": f"\n\n {random.integers(25, 60)} kmpl", "power": f"{random.uniform(8, 35):.1f} bhp",
        "price": f"{noisy(random, log, noise):.0f}",
    }  # fmt: skip


def in_lacs(random: np.random.Generator, noise: float) -> dict[str, str]:
    """Price "PKR 26.5 lacs" or "PKR 1.2 crore" or "Call for price", with a trailing blank in every header."""
    what, year = chosen(random, _PAKISTAN), int(random.integers(2003, 2022))
    km, size = int(random.integers(5, 200)) * 1000, int(random.choice([660, 1000, 1300, 1800]))
    price = noisy(random, _PAKISTAN[what] - 0.08 * (2022 - year) - km / 8e5 + (size - 1300) / 4000, noise)
    shown = round(price / 1e7, 3) if price >= 1e7 else round(price / 1e5, 2)
    asked = random.random() >= 0.04
    return {
        "Car Name ": f"{what} {year}", "City ": chosen(random, ["Lahore", "Karachi", "Islamabad"]),
        "Price ": (f"PKR {shown} {'crore' if price >= 1e7 else 'lacs'}" if asked else "Call for price"),
        "Model Year ": str(year), "Mileage ": f"{km:,} km", "Engine Type ": chosen(random, ["Petrol", "Hybrid"]),
        "Engine Capacity ": f"{size} cc", "Transmission ": chosen(random, ["Automatic", "Manual"]),
        "Link ": f"https://cars.example.pk/ad/{int(random.integers(10**6, 10**7))}",
        "=": f"{shown * (1e7 if price >= 1e7 else 1e5) if asked else 'nan'}",
    }  # fmt: skip
