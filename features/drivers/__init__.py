"""What the world does that may move prices, as it was known at the end of each day.

Demand and scarcity are counted in the offers themselves; raw materials, weather and hazards come from their records.
Every driver is causal: its value of a day uses only what was observed or published by that day.
"""

from features.drivers.read import read_drivers
from features.drivers.table import DETAILS, Drivers, Episodes, Seen, Steps

__all__ = ["DETAILS", "Drivers", "Episodes", "Seen", "Steps", "read_drivers"]
