"""Goods of shops, games, books and tickets in the shapes that people publish.

Prices before and after a discount, ratings with thousands separators, specifications as sentences, "No old price", tabs
between the cells, semicolons within them. "=" in a row is its true price where the cell of the price does not say it.
"""

from __future__ import annotations

import numpy as np

from bench.messy_shapes import chosen, noisy

_MAKERS = {"samsung": 0.3, "xiaomi": 0.0, "realme": -0.1, "oneplus": 0.4, "apple": 1.1, "vivo": 0.05}
_CHIPS = {"Snapdragon 8 Gen2, Octa Core, 3.2 GHz Processor": 0.6, "Dimensity 1080, Octa Core, 2.6 GHz Processor": 0.2,
          "Helio G35, Octa Core, 2.3 GHz Processor": -0.3,
          "Bionic A15, Hexa Core, 3.22 GHz Processor": 0.5}  # fmt: skip
_CABLES = {"USBCables": 5.5, "SmartWatches": 7.6, "Headphones|In-Ear": 6.8, "SmartTelevisions": 10.2,
           "MixerGrinders": 8.0, "Mice": 6.2}  # fmt: skip
_SUPPLIERS = {"boAt": 0.0, "Portronics": -0.1, "Samsung": 0.5, "Amazon Basics": -0.2, "Sony": 0.6}
_COOLERS = {"Lloyd": 0.0, "LG": 0.2, "Daikin": 0.25, "Carrier": 0.1}
_GENRES = {"Action;Indie": 2.2, "Strategy;Simulation": 2.7, "Casual;Indie": 1.4, "RPG": 2.9, "Action": 2.5}
_CLOTHES = {"Women/Athletic Apparel/Pants, Tights, Leggings": 3.2, "Men/Tops/T-shirts": 2.6, "Beauty/Makeup/Face": 2.8,
            "Electronics/Video Games & Consoles/Games": 3.1, "Women/Shoes/Boots": 3.7}  # fmt: skip
_LABELS = {"Nike": 0.3, "LuLaRoe": 0.4, "PINK": 0.2, "Forever 21": -0.4, "": -0.1}
_SHELVES = {
    "Bar furniture": 5.6,
    "Beds": 7.2,
    "Bookcases & shelving units": 6.0,
    "Sofas & armchairs": 7.6,
    "Chairs": 5.7,
}
_SCIFI = {"Fantasy": 6.0, "Comics & Mangas": 6.3, "Sports": 5.8, "Arts, Film & Photography": 6.6, "Law": 6.4}
_BINDINGS = {"Paperback": 0.0, "Hardcover": 0.5, "Kindle Edition": -0.6}
_AIRLINES = {"IndiGo": 8.4, "Air India": 8.9, "Jet Airways": 9.1, "SpiceJet": 8.3, "Vistara": 8.8}
_LEGS = {"Banglore|New Delhi|BLR → DEL": 0.1, "Kolkata|Banglore|CCU → BLR": 0.0, "Delhi|Cochin|DEL → BOM → COK": 0.15,
         "Chennai|Kolkata|MAA → CCU": -0.2, "Mumbai|Hyderabad|BOM → HYD": -0.3}  # fmt: skip
_BOOKS = {"Apple MacBook Pro": 0.6, "HP 250 G6": 0.0, "Acer Aspire 3": -0.15, "Asus VivoBook X540UA-DM186": -0.05,
          "Dell Inspiron 3567": 0.05, "Lenovo IdeaPad 320-15IKB": 0.0, "Dell XPS 13": 0.5}  # fmt: skip
_CPUS = {"Intel Core i5 2.3GHz": 0.3, "Intel Core i7 7700HQ 2.8GHz": 0.55, "Intel Core i3 6006U 2GHz": 0.0,
         "AMD A9-Series 9420 3GHz": -0.15, "Intel Celeron Dual Core N3350 1.1GHz": -0.35}  # fmt: skip


def smartphone(random: np.random.Generator, noise: float) -> dict[str, str]:
    """model, price "₹54,999", sim, processor, ram "12 GB RAM, 256 GB inbuilt", battery, display, camera: sentences."""
    maker, chip = chosen(random, _MAKERS), chosen(random, _CHIPS)
    ram, disk, mah = (int(random.choice(some)) for some in ([4, 6, 8, 12], [64, 128, 256], [4000, 4500, 5000]))
    fast, hertz = int(random.choice([18, 33, 67, 100])), int(random.choice([60, 90, 120]))
    log = 9.0 + _MAKERS[maker] + _CHIPS[chip] + 0.3 * np.log2(ram / 4) + 0.15 * np.log2(disk / 64) + 0.002 * hertz
    name = f"{maker.title()} {chosen(random, ['Galaxy', 'Note', 'Nord', 'Pro'])} {int(random.integers(5, 99))} 5G"
    return {
        "model": name, "price": f"₹{noisy(random, log, noise):,.0f}", "rating": chosen(random, ["89.0", "81.0", ""]),
        "sim": "Dual Sim, 3G, 4G, 5G, VoLTE, Wi-Fi, NFC", "processor": chip, "ram": f"{ram} GB RAM, {disk} GB inbuilt",
        "battery": f"{mah} mAh Battery with {fast}W Fast Charging",
        "display": f"{random.uniform(6, 6.9):.2f} inches, 1080 x 2400 px, {hertz} Hz Display with Punch Hole",
        "camera": f"{random.choice([50, 64, 108])} MP + 8 MP + 2 MP Triple Rear & 16 MP Front Camera",
        "card": chosen(random, ["Memory Card Not Supported", "Memory Card Supported, upto 1 TB", ""]),
        "os": "Android v13",
    }  # fmt: skip


def reviewed(random: np.random.Generator, noise: float) -> dict[str, str]:
    """product_id, category as a path, discounted_price "₹399", actual_price, rating_count "24,269", lists of people."""
    kind, maker = chosen(random, _CABLES), chosen(random, _SUPPLIERS)
    price = noisy(random, _CABLES[kind] + _SUPPLIERS[maker], noise)
    full = price * random.uniform(1.1, 4)
    number = f"B0{int(random.integers(10**7, 10**8))}"
    return {
        "product_id": number,
        "product_name": f"{maker} {kind.split('|')[0]} {chosen(random, ['Pro', 'Lite', 'Max'])}, 2 "
        f"Year Warranty ({chosen(random, ['Black', 'Grey', 'White'])})",
        "category": f"Electronics|Accessories&Peripherals|{kind}", "discounted_price": f"₹{price:,.0f}",
        "actual_price": f"₹{full:,.0f}", "discount_percentage": f"{100 * (1 - price / full):.0f}%",
        "rating": f"{random.uniform(3, 5):.1f}", "rating_count": f"{int(random.integers(2, 300000)):,}",
        "about_product": "High Compatibility|Fast Charge & Data Sync\nWarranty",
        "user_id": "AG3D6O4STAQKAY,AHMY5CWJMMK5",
        "user_name": "Manav,Adarsh gupta", "review_id": "R3HXWT0LRP0NMF,R2AJM3LFTLZHFO",
        "review_title": "Satisfied,Charging is really fast", "review_content": "Looks durable,,good",
        "img_link": f"https://images.example.com/{number}.jpg", "product_link": f"https://shop.example.com/dp/{number}",
    }  # fmt: skip


def discounted(random: np.random.Generator, noise: float) -> dict[str, str]:
    """name, main_category, sub_category, ratings "Get", no_of_ratings "1,255", discount_price, actual_price."""
    maker, tons = chosen(random, _COOLERS), float(random.choice([1, 1.5, 2]))
    stars, inverter = int(random.integers(2, 6)), random.random() < 0.6
    price = noisy(random, 9.9 + _COOLERS[maker] + 0.35 * tons + 0.05 * stars + 0.1 * inverter, noise)
    number = int(random.integers(10**6, 10**7))
    return {
        "name": f"{maker} {tons:g} Ton {stars} Star {'Inverter ' if inverter else ''}Split Ac ({2018 + stars}, White)",
        "main_category": "appliances", "sub_category": "Air Conditioners",
        "image": f"https://images.example.com/{number}.jpg", "link": f"https://shop.example.com/dp/{number}",
        "ratings": chosen(random, ["4.2", "4.0", "Get", ""]), "no_of_ratings": chosen(random, ["2,255", "1,206", ""]),
        "discount_price": f"₹{price:,.0f}" if random.random() > 0.1 else "",
        "actual_price": f"₹{price * random.uniform(1.1, 1.9):,.0f}",
    }  # fmt: skip


def game(random: np.random.Generator, noise: float) -> dict[str, str]:
    """appid, name, release_date, lists with semicolons, owners "10000000-20000000", a price of 0 for what is free."""
    kind, studio = chosen(random, _GENRES), f"Studio {chosen(random, 'ABCDEFGH')}"
    year, size = int(random.integers(2008, 2020)), int(random.integers(5))
    low, high = [("0", "20000"), ("20000", "50000"), ("100000", "200000"), ("1000000", "2000000"),
                 ("10000000", "20000000")][size]  # fmt: skip
    free = random.random() < 0.08
    log = _GENRES[kind] + 0.05 * (ord(studio[-1]) - 68) + 0.03 * (year - 2014) + 0.12 * size
    return {
        "appid": str(int(random.integers(10, 10**6))), "name": f"{chosen(random, ['Dark', 'Space', 'Tiny', 'Iron'])} "
        f"{chosen(random, ['Quest', 'Empire', 'Farm', 'Racer'])} {int(random.integers(1, 400))}",
        "release_date": f"{year}-0{int(random.integers(1, 10))}-1{int(random.integers(10))}", "english": "1",
        "developer": studio, "publisher": studio, "platforms": chosen(random, ["windows;mac;linux", "windows"]),
        "required_age": "0", "categories": "Single-player;Steam Cloud", "genres": kind,
        "steamspy_tags": kind.replace(";", ";Great "), "achievements": str(int(random.integers(80))),
        "positive_ratings": str(int(random.integers(10**5))), "negative_ratings": str(int(random.integers(10**4))),
        "average_playtime": str(int(random.integers(2000))), "owners": f"{low}-{high}",
        "price": "0.0" if free else f"{noisy(random, log, noise):.2f}",
    }  # fmt: skip


def second_hand(random: np.random.Generator, noise: float) -> dict[str, str]:
    """Tabs between cells: train_id, name, item_condition_id 1 to 5, category_name as a path, shipping."""
    kind, label, state, paid = chosen(random, _CLOTHES), chosen(random, _LABELS), int(random.integers(1, 6)), "01"
    shipping = chosen(random, paid)
    log = _CLOTHES[kind] + _LABELS[label] - 0.08 * state - 0.2 * (shipping == "1")
    words = kind.rsplit("/", 1)[1].split(",")[0]
    return {
        "train_id": "", "name": f"{label} {words} {chosen(random, ['size S', 'M', 'bundle', 'NWT'])}".strip(),
        "item_condition_id": str(state), "category_name": kind, "brand_name": label,
        "price": f"{noisy(random, log, noise):.1f}", "shipping": shipping,
        "item_description": chosen(random, ["No description yet", "Worn once, [rm] each", "Brand new in \"box\""]),
    }  # fmt: skip


def furniture(random: np.random.Generator, noise: float) -> dict[str, str]:
    """A name that is a word only, short_description, old_price "No old price" or "SR 1,395", depth and height."""
    kind, deep, high, wide = chosen(random, _SHELVES), *(int(random.integers(20, 200)) for _ in range(3))
    log = _SHELVES[kind] + 0.3 * np.log(wide / 80) + 0.2 * np.log(high / 80)
    price = noisy(random, log, noise)
    number, reduced = int(random.integers(10**7, 10**8)), random.random() < 0.15
    return {
        "": "", "item_id": str(number), "name": chosen(random, ["FREKVENS", "BILLY", "EKTORP", "STUVA", "INGOLF"]),
        "category": kind, "price": f"{price:.1f}",
        "old_price": f"SR {price * 1.2:,.0f}" if reduced else "No old price",
        "sellable_online": "True", "link": f"https://shop.example.com/p/{number}", "other_colors": "No",
        "short_description": f"{kind.rstrip('s')}, in/outdoor,          {wide}x{high} cm",
        "designer": "Nicholai Hansen",
        "depth": f"{deep}.0", "height": f"{high}.0" if random.random() > 0.2 else "", "width": f"{wide}.0",
    }  # fmt: skip


def book(random: np.random.Generator, noise: float) -> dict[str, str]:
    """Edition "Paperback,– 10 Mar 2016", Reviews "4.0 out of 5 stars", Ratings "8 customer reviews", a synopsis."""
    kind, binding, year = chosen(random, _SCIFI), chosen(random, _BINDINGS), int(random.integers(1995, 2020))
    author = chosen(random, ["Chris Ware", "Agatha Christie", "George Orwell", "Ravi Sinha", "Herge"])
    log = _SCIFI[kind] + _BINDINGS[binding] + 0.02 * (year - 2008) + 0.1 * len(author) / 10
    return {
        "Title": f"The {chosen(random, ['Prisoner', 'House', 'Law', 'Game', 'Journey'])} of "
        f"{chosen(random, ['Gold', 'Thorns', 'India', 'Glass'])} {int(random.integers(1, 90))} ({kind})",
        "Author": author,
        "Edition": f"{binding},– {int(random.integers(1, 29))} {chosen(random, ['Mar', 'Nov', 'Jul'])} {year}",
        "Reviews": f"{random.uniform(3, 5):.1f} out of 5 stars",
        "Ratings": f"{int(random.integers(1, 90))} customer reviews",
        "Synopsis": "A story of love,\nloss; and \"money\".", "Genre": f"{kind} (Books)", "BookCategory": kind,
        "Price": f"{noisy(random, log, noise):.2f}",
    }  # fmt: skip


def flight(random: np.random.Generator, noise: float) -> dict[str, str]:
    """Airline, Date_of_Journey "24/03/2019", Source, Route "BLR → DEL", Duration "2h 50m", Total_Stops "1 stop"."""
    airline, leg, stops = chosen(random, _AIRLINES), chosen(random, _LEGS), int(random.integers(3))
    start, end, route = leg.split("|")
    minutes, month = int(100 + 200 * stops + random.integers(0, 100)), int(random.integers(3, 7))
    return {
        "Airline": airline, "Date_of_Journey": f"{int(random.integers(1, 28))}/{month:02d}/2019", "Source": start,
        "Destination": end, "Route": route, "Dep_Time": "22:20",
        "Arrival_Time": chosen(random, ["01:10 22 Mar", "13:15"]),
        "Duration": chosen(random, [f"{minutes // 60}h {minutes % 60}m", f"{minutes // 60}h"]),
        "Total_Stops": ["non-stop", "1 stop", "2 stops"][stops],
        "Additional_Info": chosen(random, ["No info", "No info", "In-flight meal not included"]),
        "Price": f"{noisy(random, _AIRLINES[airline] + _LEGS[leg] + 0.25 * stops - 0.05 * month, noise):.0f}",
    }  # fmt: skip


def notebook(random: np.random.Generator, noise: float) -> dict[str, str]:
    """laptop_ID, Company, Product, Inches, ScreenResolution, Cpu, Ram "8GB", Memory, Gpu, Weight, Price_euros."""
    what, cpu, ram = chosen(random, _BOOKS), chosen(random, _CPUS), int(random.choice([4, 8, 16]))
    maker, product = what.split(" ", 1)
    disk = chosen(random, ["128GB SSD", "256GB SSD", "1TB HDD", "128GB SSD +  1TB HDD", "512GB SSD", "1.0TB Hybrid"])
    size = {"128GB SSD": 0.0, "256GB SSD": 0.12, "512GB SSD": 0.3, "128GB SSD +  1TB HDD": 0.15}.get(disk, 0.05)
    sharp = random.random() < 0.5
    log = 6.1 + _BOOKS[what] + _CPUS[cpu] + size + 0.3 * np.log2(ram / 4) + 0.1 * sharp
    return {
        "laptop_ID": "", "Company": maker, "Product": product, "TypeName": chosen(random, ["Notebook", "Ultrabook"]),
        "Inches": f"{random.choice([13.3, 14, 15.6])}",
        "ScreenResolution": "IPS Panel Full HD 1920x1080" if sharp else "1366x768", "Cpu": cpu, "Ram": f"{ram}GB",
        "Memory": disk, "Gpu": chosen(random, ["Intel HD Graphics 620", "AMD Radeon R5\u00a0M430"]),
        "OpSys": chosen(random, ["Windows 10", "No OS", "macOS"]), "Weight": f"{random.uniform(1.1, 2.8):.2f}kg",
        "Price_euros": f"{noisy(random, log, noise):.2f}",
    }  # fmt: skip


def used_device(random: np.random.Generator, noise: float) -> dict[str, str]:
    """Brand, Model, Color, Memory "4 GB", Storage "64 GB" or "Expandable Upto 1 TB", Selling Price, Original Price."""
    maker, ram, disk = chosen(random, _MAKERS), int(random.choice([2, 4, 6, 8])), int(random.choice([32, 64, 128, 256]))
    log = 9.0 + _MAKERS[maker] + 0.25 * np.log2(ram / 2) + 0.2 * np.log2(disk / 32)
    price = noisy(random, log, noise)
    return {
        "Brand": maker.upper(), "Model": f"{chosen(random, ['A', 'F', 'Y'])}{int(random.integers(9, 60))}",
        "Color": chosen(random, ["Moonlight Black", "Matte Silver", "Blue"]), "Memory": f"{ram} GB",
        "Storage": f"{disk} GB", "Rating": chosen(random, ["4.5", "4.2", ""]), "Selling Price": f"{price:.0f}",
        "Original Price": f"{price * random.choice([1.0, 1.0, 1.15, 1.3]):.0f}",
    }  # fmt: skip
