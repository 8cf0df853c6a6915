"""Messy tables that were written before the reader of files was mended on them, and measured once: blind.

Prices in crores and with ",-", a header under two lines of notice, footnotes, blank lines, hours and kilometres with
blanks between the thousands, dimensions in one cell. "=" in a row is its true price where its cell does not simply say
it. What was measured blind stands in `BLIND`, so that later figures are not taken for it: eight tables with the reader
as it was, the last three after it had been mended on those eight.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bench.messy_shapes import chosen, grouped, noisy

# Katy's median error, None where the table was refused as a whole: 1,500 rows, seed 1, one fold of three.
BLIND: Mapping[str, float | None] = {
    "ownership_cars": 0.0875,
    "refurbished": 0.0941,
    "sized_furniture": 0.0923,
    "villas": 0.0804,
    "adverts": 0.0889,  # 370 of 1,500 rows were held back as well, for a footnote's mark behind the price
    "watches": 0.0962,
    "euro_notebooks": 0.0717,
    "tractors": None,  # "Price excl. VAT" was not taken for a price
    "velos": 0.0812,
    "instruments": 0.0859,
    "old_books": None,  # "£12.50 (+ p&p)" was not read as a price
}
_HATCHES = {"Maruti Baleno Delta": 6.3, "Hyundai Creta SX": 7.0, "Tata Nexon XZ": 6.7, "Kia Seltos HTX": 7.1,
            "Honda Amaze V": 6.4, "Toyota Fortuner 2.8": 8.1, "Maruti Wagon R LXI": 5.9}  # fmt: skip
_HANDSETS = {"Apple iPhone 12": 11.0, "Apple iPhone SE": 10.6, "Samsung Galaxy M31": 9.8, "Samsung Galaxy S20": 10.9,
             "OnePlus 8T": 10.6, "Xiaomi Redmi Note 9": 9.4, "Vivo V19": 10.1, "Realme 7": 9.6}  # fmt: skip
_GRADES = {"Superb": 0.0, "Good": -0.12, "Fair": -0.28}
_PIECES = {"Dining Table": 6.6, "Coffee Table": 5.8, "TV Cabinet": 6.2, "Bookshelf": 6.0, "Writing Desk": 6.1}
_WOODS = {"Solid Sheesham Wood": 0.45, "Engineered Wood": 0.0, "Mango Wood": 0.3, "Metal & Glass": 0.1}
_LOCALITIES = {"Gachibowli": 0.35, "Kukatpally": 0.0, "Shamshabad": -0.3, "Jubilee Hills": 0.9, "Miyapur": -0.1}
_ADVERTS = {"VW Golf VII 1.6 TDI": 9.5, "BMW 320d Touring": 9.9, "Opel Astra K": 9.3, "Audi A4 Avant": 10.0,
            "Škoda Octavia Combi": 9.6, "Ford Fiesta": 9.0, "Mercedes-Benz C 220": 10.05}  # fmt: skip
_WATCHES = {"Rolex Submariner Date|16610LN": 9.2, "Omega Speedmaster Professional|311.30.42.30.01.005": 8.6,
            "Tudor Black Bay 58|79030N": 8.1, "Seiko Prospex|SPB143J1": 6.7, "TAG Heuer Carrera|CBN2A1B": 8.2,
            "Cartier Tank Must|WSTA0041": 7.9, "IWC Portugieser|IW371605": 8.7}  # fmt: skip
_NOTEBOOKS = {"Lenovo ThinkPad T14": 6.6, "HP ProBook 450": 6.4, "Dell Latitude 5420": 6.6, "Acer Aspire 5": 6.1,
              "ASUS ZenBook 14": 6.5, "MSI Katana GF66": 6.7}  # fmt: skip
_CORES = {"Intel Core i5-1135G7": 0.0, "Intel Core i7-1165G7": 0.25, "AMD Ryzen 5 5500U": -0.05,
          "AMD Ryzen 7 5700U": 0.15}  # fmt: skip
_TRACTORS = {"John Deere|6155R": 11.4, "Fendt|724 Vario": 11.8, "Massey Ferguson|5713": 10.9,
             "New Holland|T6.180": 11.1, "Claas|Arion 640": 11.2, "Case IH|Puma 150": 11.1}  # fmt: skip

_CYCLES = {"Giant TCR Advanced": 7.6, "Trek Domane AL 3": 7.0, "Specialized Allez": 6.9, "Decathlon Triban RC 520": 6.3,
           "Canyon Endurace CF": 7.7, "Lapierre Xelius": 7.8}  # fmt: skip
_STATES = {"Très bon état": 0.0, "Bon état": -0.12, "État moyen": -0.3, "Comme neuf": 0.12}
_GUITARS = {"Fender|Stratocaster": 7.1, "Gibson|Les Paul Standard": 7.7, "Epiphone|Dot ES-335": 6.1, "Martin|D-28": 7.8,
            "Ibanez|RG550": 6.7, "Yamaha|FG800": 5.4, "PRS|Custom 24": 7.9}  # fmt: skip
_AUTHORS = {"Graham Greene": 2.6, "Iris Murdoch": 2.4, "George Orwell": 3.1, "W. H. Auden": 2.8, "Muriel Spark": 2.3}
_WEAR = ["Fine/Fine", "VG+/VG", "Good, ex-library", "Fair; spine worn"]


def ownership_car(random: np.random.Generator, noise: float) -> dict[str, str]:
    """car_prices_in_rupee "4.5 Lakh" or "1.05 Crore", kms_driven "1,20,000 kms", "2nd Owner", "Jul 2015"."""
    model, year, owner = chosen(random, _HATCHES), int(random.integers(2009, 2023)), int(random.integers(1, 4))
    km, auto, month = int(random.integers(4, 160)) * 997, random.random() < 0.25, chosen(random, ["Jan", "Jul", "Nov"])
    log = _HATCHES[model] + np.log(1000) - 0.1 * (2023 - year) - 0.3 * km / 1e5 + 0.15 * auto - 0.07 * (owner - 1)
    price = noisy(random, log, noise)
    crore = price >= 1e7
    shown = round(price / 1e7, 3) if crore else round(price / 1e5, 2)
    return {
        "car_name": f"{year} {model}", "car_prices_in_rupee": f"₹ {shown} {'Crore' if crore else 'Lakh'}",
        "registered": f"{month} {year}", "kms_driven": f"{grouped(km)} kms",
        "fuel_type": chosen(random, ["Petrol", "Cng"]),
        "transmission": "Automatic" if auto else "Manual", "ownership": f"{owner}{['st', 'nd', 'rd'][owner - 1]} Owner",
        "mileage": f"{random.uniform(12, 25):.2f} kmpl", "engine": f"{chosen(random, ['1197', '1498', '1248'])} CC",
        "Seats": chosen(random, ["5 Seats", "7 Seats"]), "insurance": chosen(random, ["Third Party", "Zero Dep", "NA"]),
        "=": f"{shown * (1e7 if crore else 1e5)}",
    }  # fmt: skip


def refurbished(random: np.random.Generator, noise: float) -> dict[str, str]:
    """Name, Specs "6 GB | 128 GB | Black", Grade, MRP "₹18,999", Our Price "₹ 12,499/-", EMI in words."""
    model, grade = chosen(random, _HANDSETS), chosen(random, _GRADES)
    ram, disk = int(random.choice([4, 6, 8])), int(random.choice([64, 128, 256]))
    full = np.exp(_HANDSETS[model] + 0.1 * np.log2(ram / 4) + 0.12 * np.log2(disk / 64) + random.normal(0, 0.2))
    full, months = 100 * round(full / 100) - 1, int(random.integers(2, 40))
    price = noisy(random, np.log(full) - 0.25 + _GRADES[grade] - 0.012 * months, noise)
    return {
        "Sr.No": "", "Name": f"{model} - Refurbished",
        "Specs": f"{ram} GB | {disk} GB | {chosen(random, ['Black', 'Blue'])}",
        "Grade": grade, "MRP": f"₹{grouped(full)}", "Our Price": f"₹ {grouped(price)}/-",
        "EMI": chosen(random, ["No Cost EMI available", "Standard EMI", "-"]), "Age": f"{months} months",
        "Warranty": chosen(random, ["6 Months Warranty", "12 Months Warranty"]), "In the box": "Charger, Cable",
    }  # fmt: skip


def sized_furniture(random: np.random.Generator, noise: float) -> dict[str, str]:
    """Product, Dimensions (L x W x H) "120 x 60 x 75 cm", Weight "23.5 Kg", Price "AED 1,299.00" or "Sold Out"."""
    piece, wood = chosen(random, _PIECES), chosen(random, _WOODS)
    long, wide, high = int(random.integers(60, 220)), int(random.integers(30, 110)), int(random.integers(40, 200))
    log = _PIECES[piece] + _WOODS[wood] + 0.5 * np.log(long / 120) + 0.25 * np.log(wide / 60) + 0.1 * np.log(high / 75)
    price, sold = round(noisy(random, log, noise), 2), random.random() < 0.04
    said = "Sold Out" if sold else f"AED {price:,.2f}"
    return {
        "Product": f"{chosen(random, ['Nordic', 'Oslo', 'Jodhpur', 'Luna'])} {piece}",
        "Category": f"Home > Living > {piece}s",
        "Dimensions (L x W x H)": f"{long} x {wide} x {high} cm", "Material": wood, "Price": said,
        "Weight": f"{long * wide / 250:.1f} Kg", "Colour": chosen(random, ["Walnut", "Natural", "White", "N/A"]),
        "Assembly": chosen(random, ["DIY", "Carpenter Assembly", ""]), "Reviews": f"({int(random.integers(400))})",
        "=": f"{'nan' if sold else price}",
    }  # fmt: skip


def villa(random: np.random.Generator, noise: float) -> dict[str, str]:
    """Bars between cells: "3 BHK Villa", "1200 - 1400 Sq.Yards" or "1850 Sq.Ft.", "₹ 1.2 Cr", "Call for price"."""
    place, rooms = chosen(random, _LOCALITIES), int(random.integers(1, 6))
    feet, kind = rooms * random.uniform(420, 800), chosen(random, ["Villa", "Apartment", "Independent House"])
    log = np.log(feet * 6500) + _LOCALITIES[place] + 0.2 * (kind == "Villa") + 0.05 * rooms
    price = noisy(random, log, noise)
    crore, asked = price >= 1e7, random.random() >= 0.04
    shown = round(price / 1e7, 2) if crore else round(price / 1e5, 1)
    way, yards = random.random(), feet / 9
    area = f"{grouped(feet)} Sq.Ft." if way > 0.4 else (
        f"{yards:.0f} Sq.Yards" if way > 0.15 else f"{yards * 0.93:.0f} - {yards * 1.07:.0f} Sq.Yards"
    )  # fmt: skip
    return {
        "Title": f"{rooms} BHK {kind} for Sale in {place}", "Location": f"{place}, Hyderabad", "Built-up Area": area,
        "Price": f"₹ {shown} {'Cr' if crore else 'Lac'}" if asked else "Call for price",
        "Facing": chosen(random, ["East", "West", "North", "-"]),
        "Possession": chosen(random, ["Ready", "Dec '24", "NA"]),
        "Bathrooms": f"{rooms} Baths", "Posted by": chosen(random, ["Owner", "Agent", "Builder"]),
        "=": f"{shown * (1e7 if crore else 1e5) if asked else 'nan'}",
    }  # fmt: skip


def advert(random: np.random.Generator, noise: float) -> dict[str, str]:
    """A header in the third line: Angebot, "EZ 03/2015", "125.000 km", "110 kW (150 PS)", "12.500 € VB", a footnote."""
    what, year, month = chosen(random, _ADVERTS), int(random.integers(2008, 2024)), int(random.integers(1, 13))
    km, kw = int(random.integers(5, 230)) * 1000, int(random.integers(55, 160))
    crash, asked = random.random() < 0.08, random.random() >= 0.03
    log = _ADVERTS[what] + 0.3 - 0.095 * (2024 - year) - km / 3.5e5 + 0.003 * (kw - 90) - 0.35 * crash
    price = round(noisy(random, log, noise), -1)
    euros = f"{price:,.0f} €".replace(",", ".") + chosen(random, ["", "", " VB", " ¹"])
    return {
        "Angebot": what, "Erstzulassung": f"EZ {month:02d}/{year}", "Laufleistung": f"{km:,} km".replace(",", "."),
        "Leistung": f"{kw} kW ({kw * 1.36:.0f} PS)", "Kraftstoff": chosen(random, ["Diesel", "Benzin", "k.A."]),
        "Preis": euros if asked else "auf Anfrage", "Zustand": "Unfallwagen" if crash else "unfallfrei",
        "HU": chosen(random, ["neu", "05/2025", "11/2024", "-"]),
        "Standort": chosen(random, ["80331 München", "20095 Hamburg"]),
        "=": f"{price if asked else 'nan'}",
    }  # fmt: skip


def watch(random: np.random.Generator, noise: float) -> dict[str, str]:
    """Listing "… Ref. 16610LN", Price (USD), Case diameter (mm), Year "approx. 2005" or "Unknown", box and papers."""
    what = chosen(random, _WATCHES)
    name, number = what.split("|")
    year, box, worn = int(random.integers(1990, 2024)), random.random() < 0.6, int(random.integers(4))
    state = ["New/unworn", "Very good", "Good", "Fair"][worn]
    log = _WATCHES[what] - 0.008 * (2024 - year) + 0.12 * box - 0.09 * worn
    asked = random.random() >= 0.05
    return {
        "Listing": f"{name} Ref. {number}",
        "Price (USD)": f"{noisy(random, log, noise):,.0f}" if asked else "Price on request",
        "Year of production": chosen(random, [str(year), str(year), f"approx. {year}", f"{year} (Approximation)"]),
        "Case diameter (mm)": chosen(random, ["36", "39", "40", "42"]),
        "Movement": chosen(random, ["Automatic", "Manual winding"]),
        "Scope of delivery": (
            "Original box, original papers" if box else chosen(random, ["Watch only", "No original box"])
        ),
        "Condition": state, "Bracelet": chosen(random, ["Steel", "Leather", "--"]),
        "Location": chosen(random, ["Germany, Berlin", "United States of America", "Japan, Tokyo"]),
    }  # fmt: skip


def euro_notebook(random: np.random.Generator, noise: float) -> dict[str, str]:
    """Semicolons, a byte order mark, blank lines: "15,6\\"", "1,79 kg", "16 GB DDR4", "1.299,00 €"."""
    what, core = chosen(random, _NOTEBOOKS), chosen(random, _CORES)
    ram, disk, kilos = int(random.choice([8, 16, 32])), int(random.choice([256, 512, 1000])), random.uniform(1.1, 2.6)
    log = _NOTEBOOKS[what] + _CORES[core] + 0.2 * np.log2(ram / 8) + 0.1 * np.log2(disk / 256) - 0.15 * (kilos - 1.8)
    price = round(noisy(random, log, noise), 2)
    store = "1 TB SSD" if disk == 1000 else f"{disk} GB SSD"
    return {
        "Artikel": what, "Display": f'{chosen(random, ["13,3", "14,0", "15,6"])}"', "Prozessor": core,
        "Arbeitsspeicher": f"{ram} GB DDR4", "Festplatte": store, "Gewicht": f"{kilos:.2f} kg".replace(".", ","),
        "Preis inkl. MwSt.": f"{price:,.2f} €".translate(str.maketrans(",.", ".,")),
        "Betriebssystem": chosen(random, ["Windows 11 Pro", "ohne", "FreeDOS"]),
        "Lieferzeit": chosen(random, ["1-3 Werktage", "sofort lieferbar"]), "=": f"{price}",
    }  # fmt: skip


def tractor(random: np.random.Generator, noise: float) -> dict[str, str]:
    """Make, Model, Hours "4 350 h", Power "155 hp", Price excl. VAT "€ 45.000,-", Year, Front tyres "540/65R28 70%"."""
    what = chosen(random, _TRACTORS)
    maker, model = what.split("|")
    year, hours, horse = (
        int(random.integers(2005, 2024)),
        int(random.integers(2, 120)) * 97,
        int(random.integers(95, 250)),
    )
    loader = random.random() < 0.3
    log = _TRACTORS[what] - 0.06 * (2024 - year) - hours / 3e4 + 0.003 * (horse - 150) + 0.1 * loader
    price = round(noisy(random, log, noise), -2)
    asked = random.random() >= 0.03
    return {
        "Ad no": str(int(random.integers(10**6, 10**7))), "Make": maker, "Model": model, "Year": str(year),
        "Hours": f"{hours:,} h".replace(",", "\u00a0"), "Power": f"{horse} hp",
        "Price excl. VAT": f"€ {price:,.0f},-".replace(",", ".", 1 if price >= 1000 else 0) if asked else "POA",
        "Front loader": chosen(random, ["Yes", "✓"]) if loader else chosen(random, ["No", "n/a"]),
        "Front tyres": f"540/65R28 {int(random.integers(1, 10)) * 10}%",
        "Country": chosen(random, ["NL", "DE", "FR", "PL"]),
        "=": f"{price if asked else 'nan'}",
    }  # fmt: skip


def velo(random: np.random.Generator, noise: float) -> dict[str, str]:
    """French: Prix "1 250,50 €", Année "2019 env.", Taille "54 cm (M)", Poids "8,9 kg", Kilométrage "3 200 km"."""
    what, year, size = chosen(random, _CYCLES), int(random.integers(2010, 2024)), int(random.integers(48, 62))
    km, kilos, state = int(random.integers(1, 90)) * 97, random.uniform(7, 14), chosen(random, _STATES)
    log = _CYCLES[what] - 0.07 * (2024 - year) - km / 4e4 - 0.06 * (kilos - 9) + _STATES[state]
    price, asked = round(noisy(random, log, noise), 2), random.random() >= 0.04
    said = f"{price:,.2f} €".translate(str.maketrans(",.", "\u202f,"))
    return {
        "Annonce": f"Vélo {what}", "Marque": what.split()[0], "Année": chosen(random, [str(year), f"{year} env."]),
        "Taille du cadre": f"{size} cm ({'S' if size < 52 else 'M' if size < 57 else 'L'})",
        "Poids": f"{kilos:.1f} kg".replace(".", ","), "Kilométrage": f"{km:,} km".replace(",", " "), "État": state,
        "Prix": said if asked else "Nous consulter",
        "Ville": chosen(random, ["Lyon (69)", "Paris (75)", "Nantes (44)"]),
        "=": f"{price if asked else 'nan'}",
    }  # fmt: skip


def instrument(random: np.random.Generator, noise: float) -> dict[str, str]:
    """Maker, Model, Finish, Year "'98" or "1998", Weight (lbs) "8 lbs 4 oz", Was "$1,499.00", Price "$1,249.00 USD"."""
    what, year, state = chosen(random, _GUITARS), int(random.integers(1975, 2020)), int(random.integers(4))
    maker, model = what.split("|")
    ounces, case = int(random.integers(100, 170)), random.random() < 0.5
    log = _GUITARS[what] + 0.012 * (2020 - year) - 0.1 * state + 0.08 * case - 0.004 * (ounces - 130)
    price = round(noisy(random, log, noise))
    return {
        "Brand": maker, "Model": model, "Finish": chosen(random, ["Sunburst", "Olympic White", "Natural", "n/a"]),
        "Made": chosen(random, [f"{year}", f"{year}", f"c. {year}"]),
        "Condition": ["Mint", "Excellent", "Very Good", "Good"][state],
        "Weight": f"{ounces // 16} lbs {ounces % 16} oz",
        "Case": "Hardshell" if case else chosen(random, ["Gig bag", "-"]),
        "Was": f"${price * 1.15:,.2f}" if random.random() < 0.2 else "", "Price": f"${price:,.2f} USD",
        "Shipping": chosen(random, ["Free Shipping", "$45.00", "Local Pickup"]),
        "Watchers": str(int(random.integers(40))),
        "=": f"{price}",
    }  # fmt: skip


def old_book(random: np.random.Generator, noise: float) -> dict[str, str]:
    """Title with its author, "London: Penguin, 1987.", "Hardback, 352 pp.", "VG+/VG", "£12.50 (+ p&p)"."""
    author, binding = chosen(random, _AUTHORS), chosen(random, ["Hardback", "Paperback"])
    year, pages, first = int(random.integers(1930, 2010)), int(random.integers(90, 900)), random.random() < 0.25
    worn = int(random.integers(4))
    log = _AUTHORS[author] + 0.012 * (2010 - year) + 0.5 * (binding == "Hardback") + 0.0006 * pages + 0.6 * first
    price = round(noisy(random, log - 0.15 * worn, noise), 2)
    city = chosen(random, ["London: Penguin", "New York: Harper", "Oxford: Clarendon"])
    return {
        "Title": f"{chosen(random, ['Collected Stories', 'A Life', 'The Late Essays', 'Letters'])} by {author}",
        "Published": f"{city}, {year}.", "Format": f"{binding}, {pages} pp.", "Grading": _WEAR[worn],
        "Edition": "1st edition" if first else chosen(random, ["Reprint", "2nd impression", "Later edition"]),
        "ISBN": f"978-0-14-{int(random.integers(100000, 999999))}-{int(random.integers(10))}",
        "Price": f"£{price:.2f} (+ p&p)", "Stock": chosen(random, ["In stock (1 available)", "In stock (2 available)"]),
        "=": f"{price}",
    }  # fmt: skip
