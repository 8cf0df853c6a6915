"""Wide tables made long: a column for each date, or a column for each series, becomes a row for each value.

A blank cell is a hole: there is no row for it, and the holes are counted. What stands in the other columns goes along
with every value of the row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from spiders.files.finder import Finder
from spiders.files.headers import row_numbers, title_columns
from spiders.files.placing import are_dates, are_numbers
from spiders.files.record_plan import RecordOptions
from spiders.files.shapes import Shape, shape_of
from spiders.files.table import Table, TableRow, column_names
from warehouse.errors import BadInput
from warehouse.reading.currency import read_code
from warehouse.reading.dates import read_day
from warehouse.reading.words import fold_header, is_blank

_AGAIN = re.compile(r" \(\d+\)$")
# A heading that means a day and spells none ("Feb 30, 2024"): its values are refused, not lost.
_LIKE_A_DAY = re.compile(r".*\b(?:19|20)\d\d\b.*|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}")


@dataclass(frozen=True, slots=True)
class WideTable(Table):
    """A wide table, made long. `heading` is the place of the cell that names the column a value stood in; `holes`
    holds the number of blank cells of the last reading.
    """

    heading: int
    holes: list[int]

    def place(self, row: TableRow) -> str:
        """ "gpus.csv line 17 column Apr 12, 2024"."""
        column = f" column {row.cells[self.heading]}" if row.cells else ""
        return f"{self.name} {self.unit} {row.line}{column}"


def melt(table: Table, options: RecordOptions, sample: list[Sequence[str]]) -> tuple[WideTable, RecordOptions]:
    """A wide table as a long one, with the options that say which of its columns are what.

    BadInput where no column is a date (or no column is a series).
    """
    shape = shape_of(options.record)
    layout = _Layout(table, shape, options, sample)
    return layout.by_dates() if options.wide == "dates" else layout.by_series()


class _Layout:
    """Which columns of a wide table hold values, and which go along with them."""

    def __init__(self, table: Table, shape: Shape, options: RecordOptions, sample: list[Sequence[str]]) -> None:
        self.table, self.shape, self.options, self.sample = table, shape, options, sample
        self.columns = table.columns
        finder = Finder(table.name, table.columns)
        self.said = {name: finder.find(name, text) for name, text in options.mapping.items()}
        self.mapped = {at for places in self.said.values() for at in places}
        counters = set(row_numbers(self.columns, sample))
        self.free = [at for at in range(len(self.columns)) if at not in self.mapped and at not in counters]

    def by_dates(self) -> tuple[WideTable, RecordOptions]:
        """A column for each date: what names the row is the series."""
        headings = {at: _AGAIN.sub("", self.columns[at]) for at in self.free}
        values = {at: text for at, text in headings.items() if read_day(text) or _LIKE_A_DAY.fullmatch(text)}
        if not any(read_day(text) for text in values.values()):
            raise BadInput(f"{self.table.name} has no column whose heading is a date: {', '.join(self.columns[:12])}")
        along = [at for at in range(len(self.columns)) if at in self.mapped or (at in headings and at not in values)]
        mapping = dict(self.options.mapping)
        key = str(self.shape.key)
        if key not in mapping and key not in self.options.fixed:
            mapping[key] = " + ".join(self.columns[at] for at in self._names([at for at in along if at in self.free]))
        return self._long(along, values, self.shape.moment, mapping)

    def by_series(self) -> tuple[WideTable, RecordOptions]:
        """A column for each series (or currency), and one of dates."""
        shape, mapping = self.shape, dict(self.options.mapping)
        moment = None if shape.moment in mapping or shape.moment in self.options.fixed else self._moment()
        if moment is not None:
            mapping[shape.moment] = self.columns[moment]
        values = {at: _AGAIN.sub("", self.columns[at]) for at in self.free if at != moment and self._is_series(at)}
        if not values:
            raise BadInput(f"{self.table.name} has no column of numbers beside {', '.join(self.columns[:12])}")
        along = [at for at in range(len(self.columns)) if at in self.mapped or (at in self.free and at not in values)]
        return self._long(along, values, str(shape.key), mapping)

    def _moment(self) -> int:
        words = (self.shape.moment.replace("_", ""), *self.shape.aliases[self.shape.moment])
        named = [at for word in words for at in self.free if fold_header(self.columns[at]) == word]
        held = [at for at in self.free if are_dates([row[at] for row in self.sample])]
        if not named and len(held) != 1:
            raise BadInput(Finder(self.table.name, self.columns).missing(self.shape.moment, self.shape.moment))
        return (named or held)[0]

    def _is_series(self, at: int) -> bool:
        heading, cells = self.columns[at], [row[at] for row in self.sample]
        if self.shape.key == "quote":
            return read_code(heading) is not None or re.fullmatch(r"[A-Z]{3}", heading) is not None
        if fold_header(heading) in {fold_header(name) for name in self.shape.fields}:
            return False
        said = [cell for cell in cells if not is_blank(cell)]
        return not said or sum(are_numbers([cell]) for cell in said) * 2 >= len(said)

    def _names(self, along: list[int]) -> tuple[int, ...]:
        """What a row of a table with a column for each date is called."""
        words = (str(self.shape.key), *self.shape.aliases[str(self.shape.key)], *self.shape.aliases.get("title", ()))
        named = [at for word in ("title", *words) for at in along if fold_header(self.columns[at]) == word]
        found = tuple(named[:1]) or title_columns({}, {self.columns[at]: at for at in along}, self.sample)
        texts = [at for at in along if not are_numbers([row[at] for row in self.sample])]
        if not found and not along:
            raise BadInput(f"{self.table.name} has only columns of dates: say --set {self.shape.key}=… for all of them")
        return found or tuple(texts[:1] or along[:1])

    def _long(
        self, along: list[int], values: Mapping[int, str], heading: str, mapping: dict[str, str]
    ) -> tuple[WideTable, RecordOptions]:
        names = column_names([*(self.columns[at] for at in along), heading, self.shape.amount])
        holes = [0]
        told = {shown: names[len(along) + number] for number, shown in enumerate((heading, self.shape.amount))}
        if heading in mapping:
            # A series that is named by the row and by the column: by both.
            told[heading] = f"{mapping[heading]} + {told[heading]}"

        def rows() -> Iterator[TableRow]:
            holes[0] = 0
            for row in self.table.rows():
                if row.cells is None:
                    yield row
                    continue
                before = [row.cells[at] for at in along]
                for at, text in values.items():
                    if is_blank(row.cells[at]):
                        holes[0] += 1
                    else:
                        yield TableRow(row.line, [*before, text, row.cells[at]])

        table = self.table
        what = "dates" if heading == self.shape.moment else "series" if heading == "series" else "currencies"
        notes = [*table.notes, f"{table.name}: the headings of its columns are taken as {what}"]
        long = WideTable(table.name, names, table.unit, notes, rows, len(along), holes)
        return long, replace(self.options, mapping=mapping | told)
