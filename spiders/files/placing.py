"""Which column of a table is which field of a record: what was said, what the headers say, what the columns hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from spiders.files.finder import Finder
from spiders.files.headers import header_currency, row_numbers, title_columns
from spiders.files.shapes import Shape
from warehouse.errors import BadInput
from warehouse.reading.dates import read_instant
from warehouse.reading.numbers import read_number
from warehouse.reading.words import fold_header, is_blank

# "price_usd", "List Price (EUR)": a price in a currency.
_PRICED = re.compile(r"(?:list|retail|average|avg|mean|median)?prices?\(?[a-z$€£¥₹]{1,4}\)?")
# Names that a record has for what is not in its row.
_NOT_IN_A_ROW = frozenset({"run", "row", "source", "found_at", "price_path", "attributes"})


class Placing:
    """Which column is which field: what was said, then what the headers say, then what the columns hold."""

    def __init__(
        self,
        shape: Shape,
        name: str,
        columns: Sequence[str],
        sample: list[Sequence[str]],
        mapping: Mapping[str, str],
        fixed: Mapping[str, str],
    ) -> None:
        self.shape, self.table, self.columns, self.sample = shape, name, columns, sample
        self.finder = Finder(name, list(columns))
        mapped = {one: self.finder.find(one, text) for one, text in mapping.items()}
        self.places = {one: at for one, at in mapped.items() if one in shape.fields}
        self.extra = {one: at[0] for one, at in mapped.items() if one not in shape.fields}
        self.fixed = dict(fixed)
        # Columns that are joined into one field stay attributes too: each still says something of its own.
        self.taken = {at[0] for at in mapped.values() if len(at) == 1}
        # Fields whose column has another name.
        self.guessed: list[str] = []
        self.counters = {place for place in row_numbers(columns, sample) if place not in self.taken}

    def free(self) -> list[int]:
        """Columns that are no field yet and do not only number the rows."""
        return [at for at in range(len(self.columns)) if at not in self.taken and at not in self.counters]

    def take(self, name: str, place: int) -> None:
        self.places[name] = (place,)
        self.taken.add(place)
        if fold_header(self.columns[place]) != fold_header(name):
            self.guessed.append(name)

    def by_name(self) -> None:
        """Headers that are a field's own name, then those that mean one."""
        folded = {at: fold_header(self.columns[at]) for at in self.free()}
        wanted = [(name, fold_header(name)) for name in self.shape.fields]
        wanted += [(name, word) for name, words in self.shape.aliases.items() for word in words]
        for name, word in wanted:
            open_field = name not in self.places and name not in self.fixed
            place = next((at for at, text in folded.items() if text == word and at not in self.taken), None)
            if open_field and place is not None:
                self.take(name, place)
        if self.shape.amount not in self.places:
            priced = [at for at in self.free() if _PRICED.fullmatch(folded[at]) and header_currency([self.columns[at]])]
            if len(priced) == 1:
                self.take(self.shape.amount, priced[0])

        self._only_a_moment()

    def _only_a_moment(self) -> None:
        """A file of a series with one time only means the time that its values are of."""
        moment = self.shape.moment
        if moment not in self.places and moment not in self.fixed and "observed_at" in self.shape.fields:
            if "observed_at" in self.places:
                self.places[moment] = self.places.pop("observed_at")
            elif "observed_at" in self.fixed:
                self.fixed[moment] = self.fixed.pop("observed_at")

    def by_content(self) -> None:
        """The only column of dates is the time; then the only column of numbers is the number."""
        if self.shape.key is None:
            return
        for name, holds in ((self.shape.moment, are_dates), (self.shape.amount, are_numbers)):
            if name not in self.places and name not in self.fixed:
                found = [at for at in self.free() if holds([row[at] for row in self.sample])]
                if len(found) == 1:
                    self.take(name, found[0])

    def names(self) -> None:
        """What a row is called: a title of columns, a series by its title, or by its only column of numbers."""
        places, fixed, key = self.places, self.fixed, self.shape.key
        if "title" in self.shape.fields and not {"title", "series"} & (places.keys() | fixed.keys()):
            found = title_columns(places, {self.columns[at]: at for at in self.free()}, self.sample)
            if found:
                places["title"] = found
                self.guessed.append("title")
                self.taken |= set(found) if len(found) == 1 else set()
            elif key is None:
                raise BadInput(self.finder.missing("title", "title"))
        if key == "series" and key not in places and key not in fixed:
            if "title" in places:
                places[key] = places["title"]
            elif "title" in fixed or not (self.free() or self.places.keys() - self._of_any_series()):
                fixed[key] = fixed.get("title") or self._called()

    def _of_any_series(self) -> set[str]:
        """Fields whose columns do not tell one series from another."""
        return {self.shape.amount, self.shape.moment, "observed_at", "volume", "days"}

    def _called(self) -> str:
        """A file that holds one series only: it is called as its column, or as the file."""
        column = self.columns[self.places[self.shape.amount][0]] if self.shape.amount in self.places else ""
        words = self.shape.aliases[self.shape.amount]
        generic = fold_header(column) in (*words, self.shape.amount, "")
        return self.table.split(".")[0] if generic else column

    def attributes(self) -> dict[str, int]:
        """All other columns by name; a name that the record has for itself is told apart."""
        if not self.shape.extras:
            return {}
        named = {self.columns[at]: at for at in self.free()} | self.extra
        own = _NOT_IN_A_ROW | set(self.shape.fields)
        return {f"{name} (column)" if name in own else name: at for name, at in named.items()}


def are_dates(cells: Iterable[str]) -> bool:
    """Whether cells are days: more than bare numbers, and all that are not blank."""
    said = [cell for cell in cells if not is_blank(cell)]
    return bool(said) and all(not _bare(cell) and read_instant(cell) is not None for cell in said)


def are_numbers(cells: Iterable[str]) -> bool:
    """Whether cells are numbers, all that are not blank."""
    said = [cell.strip() for cell in cells if not is_blank(cell)]
    return bool(said) and all(read_number(cell.lstrip("-−+$€£ ")) is not None for cell in said)


def _bare(cell: str) -> bool:
    text = cell.strip()
    return text.replace(".", "", 1).isdigit() and len(text) != 8
