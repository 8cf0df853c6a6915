"""The data folder of the kill drill: small, published once, with two landed files that its writer has yet to load."""

from __future__ import annotations

import csv
import random
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

NOW = "2026-11-01T12:00:00"
RUN_LIMIT = 600  # seconds


def katy(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end. Raises CalledProcessError with its own words when it fails."""
    done = subprocess.run(command(home, *words), capture_output=True, text=True, timeout=RUN_LIMIT, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"katy {' '.join(words)} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    return done


def command(home: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "katy", "--home", str(home), "--now", NOW, *words]


def write_listings(path: Path, start: int, number: int, seed: int) -> None:
    """A CSV of sold drills, bikes and coats: a price by category and condition, with noise."""
    pick = random.Random(seed)
    goods = {
        "drill": ("Brand{} cordless drill 18V model D{}", 60),
        "bike": ("Brand{} road bike frame 56 model R{}", 420),
        "coat": ("Brand{} winter coat down model W{}", 90),
    }
    conditions = {"new": 1.25, "good": 1.0, "fair": 0.7}
    first = datetime(2026, 3, 1, tzinfo=UTC)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "title", "price", "condition", "category", "seller", "observed_at"])
        for row in range(start, start + number):
            category, (words, price) = pick.choice(list(goods.items()))
            condition, share = pick.choice(list(conditions.items()))
            model = pick.randint(1, 6)
            paid = price * (0.7 + 0.1 * model) * share * pick.lognormvariate(0, 0.15)
            when = first + timedelta(hours=pick.randint(0, 24 * 240))
            title = words.format(model % 3, model)
            writer.writerow([row, title, f"{paid:.2f}", condition, category, f"s{row % 97}", when.isoformat()])


def prepare(folder: Path, rows: int) -> Path:
    """A home with one published snapshot and two landed files that the writer has not loaded yet."""
    home = folder / "base"
    files = [folder / f"part{number}.csv" for number in range(3)]
    for number, file in enumerate(files):
        write_listings(file, number * rows, rows, seed=number)
    katy(home, "import", "listings", str(files[0]), "--source", "drill", "--kind", "sold")
    katy(home, "run", "--plain")
    writer = home / "warehouse"
    shutil.copytree(writer, folder / "writer-before")
    for file in files[1:]:
        katy(home, "import", "listings", str(file), "--source", "drill", "--kind", "sold")
    # The landing files stay, the writer forgets them: the run under test has two files to load.
    shutil.rmtree(writer)
    (folder / "writer-before").rename(writer)
    return home
