"""Homes and stays in the shapes that people publish: areas as ranges and in odd units, prices in lakhs and crores.

A price per square foot stands beside the price, addresses beside nothing that says what a row is, and a flat's age is a
date in the first column. "=" in a row is its true price where the cell of the price does not simply say it.
"""

from __future__ import annotations

import numpy as np

from bench.messy_shapes import chosen, noisy

_BANGALORE = {"Electronic City Phase II": -0.3, "Uttarahalli": -0.1, "Whitefield": 0.1, "Hebbal": 0.2,
              "Rajaji Nagar": 0.6, "Indira Nagar": 0.7, "1st Phase JP Nagar": 0.4, " Kanakpura Road": 0.0}  # fmt: skip
_MELBOURNE = {
    "Abbotsford": 0.2,
    "Airport West": -0.2,
    "Brunswick": 0.1,
    "Kew": 0.6,
    "Reservoir": -0.3,
    "St Albans": -0.5,
}
_AMES = {"CollgCr": 0.0, "Veenker": 0.1, "Crawfor": 0.1, "NoRidge": 0.3, "OldTown": -0.2, "NAmes": -0.1}
_STAYS = {"Capitol Hill": 0.2, "Ballard": 0.0, "Fremont": 0.1, "Rainier Valley": -0.3, "Downtown": 0.35}
_CITIES = {"Mumbai": 1.0, "Delhi": 0.5, "Kolkata": -0.2, "Hyderabad": 0.0, "Chennai": 0.1}
_MOST = 1e7


def _lakhs(price: float) -> tuple[str, float]:
    """A price as people write it in lakhs or crores, and what that says."""
    return (f"{price / 1e7:.2f} Cr", round(price / 1e7, 2) * 1e7) if price >= _MOST else (
        f"{price / 1e5:.1f} Lac", round(price / 1e5, 1) * 1e5
    )  # fmt: skip


def plot(random: np.random.Generator, noise: float) -> dict[str, str]:
    """size "2 BHK" or "4 Bedroom", total_sqft "1133 - 1384" or "142.84Sq. Meter", price in lakhs."""
    place, rooms = chosen(random, _BANGALORE), int(random.integers(1, 6))
    area = rooms * random.uniform(350, 750)
    log = np.log(area * 5000 / 1e5) + _BANGALORE[place] + 0.06 * rooms
    way = random.random()
    said = f"{area:.0f}" if way > 0.1 else f"{area * 0.9:.0f} - {area * 1.1:.0f}" if way > 0.03 else (
        f"{area / 10.764:.2f}Sq. Meter"
    )  # fmt: skip
    return {
        "area_type": chosen(random, ["Super built-up  Area", "Plot  Area", "Built-up  Area"]),
        "availability": chosen(random, ["Ready To Move", "19-Dec", "18-May", "Immediate Possession"]),
        "location": place, "size": f"{rooms} {chosen(random, ['BHK', 'BHK', 'Bedroom'])}",
        "society": chosen(random, ["", "", "Coomee ", "Theanmp", "Soiewre", "DuenaTa"]), "total_sqft": said,
        "bath": f"{rooms}.0", "balcony": f"{int(random.integers(4))}.0", "price": f"{noisy(random, log, noise):.2f}",
    }  # fmt: skip


def offered_flat(random: np.random.Generator, noise: float) -> dict[str, str]:
    """ "Amount(in rupees)" is "42 Lac " and "Price (in rupees)" that of a square foot; "10 out of 11"."""
    place, rooms = chosen(random, ["thane", "pune", "jaipur", "surat", "noida"]), int(random.integers(1, 5))
    area, floor = int(rooms * random.uniform(350, 650)), int(random.integers(1, 12))
    furnished = chosen(random, ["Unfurnished", "Semi-Furnished", "Furnished"])
    level = {"thane": 0.4, "pune": 0.2, "jaipur": -0.2, "surat": -0.3, "noida": 0.1}[place]
    extra = {"Unfurnished": 0.0, "Semi-Furnished": 0.05, "Furnished": 0.15}[furnished]
    text, price = _lakhs(noisy(random, np.log(area * 6000) + level + extra, noise))
    asked = random.random() >= 0.04
    return {
        "Index": "", "Title": f"{rooms} BHK Ready to Occupy Flat for sale {place.title()}",
        "Description": f"Bhiwandi, {place} has an attractive {rooms} BHK Flat for sale.\nBook now, \"limited\" offer.",
        "Amount(in rupees)": f"{text} " if asked else "Call for Price",
        "Price (in rupees)": f"{price / area:.0f}" if asked else "", "location": place, "Carpet Area": f"{area} sqft",
        "Status": "Ready to Move", "Floor": f"{floor} out of {floor + int(random.integers(9))}",
        "Transaction": chosen(random, ["Resale", "New Property"]), "Furnishing": furnished,
        "facing": chosen(random, ["", "East", "West"]), "Bathroom": str(rooms),
        "Balcony": chosen(random, ["", "1", "2"]),
        "Car Parking": chosen(random, ["", "1 Open", "1 Covered"]), "Ownership": chosen(random, ["", "Freehold"]),
        "Super Area": "", "Dimensions": "", "Plot Area": "", "=": f"{price if asked else 'nan'}",
    }  # fmt: skip


def auctioned(random: np.random.Generator, noise: float) -> dict[str, str]:
    """Suburb, Address, Rooms, Type "h", Price, Method "S", SellerG, Date "3/12/2016", Distance, Postcode, Landsize …"""
    place, rooms, kind = chosen(random, _MELBOURNE), int(random.integers(1, 6)), chosen(random, "htu")
    land, built = int(random.uniform(80, 800)), int(random.integers(1900, 2016))
    log = 13.2 + _MELBOURNE[place] + 0.18 * rooms + {"h": 0.2, "t": 0.0, "u": -0.3}[kind] + 0.0004 * land
    asked = random.random() >= 0.1
    return {
        "Suburb": place,
        "Address": f"{int(random.integers(1, 200))} {chosen(random, ['Bloomburg', 'Park', 'Hill'])} St",
        "Rooms": str(rooms), "Type": kind, "Price": f"{noisy(random, log, noise):.1f}" if asked else "",
        "Method": chosen(random, ["S", "SP", "PI"]), "SellerG": chosen(random, ["Biggin", "Nelson", "Jellis", "Ray"]),
        "Date": f"{int(random.integers(1, 29))}/{int(random.integers(1, 13)):02d}/2016",
        "Distance": f"{3 + 2 * list(_MELBOURNE).index(place)}.5",
        "Postcode": f"30{60 + list(_MELBOURNE).index(place)}.0",
        "Bedroom2": f"{rooms}.0", "Bathroom": f"{max(1, rooms - 1)}.0",
        "Car": chosen(random, ["1.0", "2.0", "", "0.0"]),
        "Landsize": f"{land}.0", "BuildingArea": chosen(random, ["", "", "126.0"]), "YearBuilt": f"{built}.0",
        "CouncilArea": chosen(random, ["Yarra", "Moreland", ""]), "Lattitude": f"{random.uniform(-38, -37.5):.5f}",
        "Longtitude": f"{random.uniform(144.5, 145.4):.4f}", "Regionname": "Northern Metropolitan",
        "Propertycount": "4019.0",
    }  # fmt: skip


def surveyed(random: np.random.Generator, noise: float) -> dict[str, str]:
    """A survey's codes: NA where a house has no such thing, MiscVal and SaleCondition beside SalePrice."""
    place, grade = chosen(random, _AMES), int(random.integers(3, 11))
    area, built, cars = int(np.exp(random.normal(7.25, 0.3))), int(random.integers(1900, 2010)), int(random.integers(4))
    log = 6.4 + 0.6 * np.log(area) + 0.1 * grade + 0.002 * (built - 1950) + 0.05 * cars + _AMES[place]
    return {
        "Id": "", "MSSubClass": chosen(random, ["60", "20", "70", "50"]), "MSZoning": chosen(random, ["RL", "RM"]),
        "LotFrontage": chosen(random, ["65", "80", "NA"]), "LotArea": str(int(random.integers(3000, 20000))),
        "Street": "Pave", "Alley": chosen(random, ["NA", "NA", "Grvl"]), "Neighborhood": place,
        "BldgType": chosen(random, ["1Fam", "TwnhsE"]), "HouseStyle": chosen(random, ["2Story", "1Story", "1.5Fin"]),
        "OverallQual": str(grade), "OverallCond": str(int(random.integers(3, 9))), "YearBuilt": str(built),
        "ExterQual": "TA" if grade < 6 else "Gd", "TotalBsmtSF": str(int(area * 0.6)), "GrLivArea": str(area),
        "GarageType": "Attchd" if cars else "NA", "GarageCars": str(cars), "PoolQC": "NA", "Fence": "NA",
        "MiscVal": chosen(random, ["0", "0", "700"]), "MoSold": str(int(random.integers(1, 13))),
        "YrSold": str(int(random.integers(2006, 2011))), "SaleType": "WD",
        "SaleCondition": chosen(random, ["Normal", "Abnorml", "Partial"]),
        "SalePrice": f"{noisy(random, log, noise):.0f}",
    }  # fmt: skip


def stay(random: np.random.Generator, noise: float) -> dict[str, str]:
    """A stay for a night: "$1,200.00", bathrooms_text "1.5 shared baths", amenities as a list, hosts, three dates."""
    place, guests = chosen(random, _STAYS), int(random.integers(1, 11))
    whole, baths = random.random() < 0.6, float(random.choice([1, 1.5, 2, 3]))
    log = 4.2 + _STAYS[place] + 0.12 * guests + 0.45 * whole + 0.1 * baths
    number = int(random.integers(10**6, 10**8))
    return {
        "id": str(number), "listing_url": f"https://stays.example.com/rooms/{number}", "scrape_id": "20240320000000",
        "last_scraped": "2024-03-20", "name": f"{chosen(random, ['Cozy', 'Bright', 'Modern'])} home in {place}",
        "description": "Lovely place,<br />close to everything.", "host_id": str(int(random.integers(10**4, 10**6))),
        "host_name": chosen(random, ["Ann", "Bob", "Eve"]), "host_since": "2012-03-01", "host_response_rate": "98%",
        "neighbourhood_cleansed": place, "latitude": f"{random.uniform(47.5, 47.7):.5f}",
        "longitude": f"{random.uniform(-122.4, -122.2):.5f}",
        "property_type": "Entire home" if whole else "Private room in home",
        "room_type": "Entire home/apt" if whole else "Private room", "accommodates": str(guests),
        "bathrooms_text": f"{baths:g} {'baths' if whole else 'shared baths'}", "bedrooms": str(max(1, guests // 2)),
        "beds": str(max(1, guests // 2)), "amenities": '["Wifi", "Kitchen", "Free parking"]',
        "price": f"${noisy(random, log, noise):,.2f}", "minimum_nights": str(int(random.integers(1, 30))),
        "number_of_reviews": str(int(random.integers(300))), "first_review": "2015-01-02", "last_review": "2024-03-01",
        "review_scores_rating": f"{random.uniform(4, 5):.2f}", "license": "", "instant_bookable": "f",
    }  # fmt: skip


def let_flat(random: np.random.Generator, noise: float) -> dict[str, str]:
    """Posted On, BHK, Rent, Size, Floor "Ground out of 2", Area Locality, City, Furnishing Status, Point of Contact."""
    city, rooms = chosen(random, _CITIES), int(random.integers(1, 5))
    area, furnished = int(rooms * random.uniform(300, 600)), random.random() < 0.4
    log = 8.0 + _CITIES[city] + 0.6 * np.log(area / 500) + 0.25 * rooms + 0.15 * furnished
    top = int(random.integers(1, 12))
    return {
        "Posted On": f"2022-0{int(random.integers(4, 8))}-{int(random.integers(1, 29)):02d}", "BHK": str(rooms),
        "Rent": f"{noisy(random, log, noise):.0f}", "Size": str(area),
        "Floor": f"{chosen(random, ['Ground', '1', '2'])} out of {top + 2}",
        "Area Type": chosen(random, ["Super Area", "Carpet Area"]),
        "Area Locality": f"Sector {int(random.integers(1, 90))}", "City": city,
        "Furnishing Status": "Furnished" if furnished else "Unfurnished",
        "Tenant Preferred": chosen(random, ["Bachelors/Family", "Family"]), "Bathroom": str(rooms),
        "Point of Contact": chosen(random, ["Contact Owner", "Contact Agent"]),
    }  # fmt: skip
