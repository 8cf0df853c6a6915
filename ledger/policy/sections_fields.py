"""Reading one section of a policy field by field, so that every error names the section and the field."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from ledger.books import units

_NOT_SAID = object()


class Fields:
    """The fields of a section. What was not asked for by the time of `done` is a field that is not known.

    A field without a default must be there. All methods raise `ValueError` or `BadInput`.
    """

    def __init__(self, section: str, table: object) -> None:
        if not isinstance(table, dict):
            raise ValueError(f"[policy.{section}] is a table of fields, not {table!r}")
        self.section = section
        self._table: dict[str, Any] = table
        self._asked: set[str] = set()

    def rails(self, name: str, default: str | None = None) -> int:
        """An amount of K at least zero, in rails."""
        amount = units.rails(str(self._text(name, default)))
        if amount < 0:
            raise self._wrong(name, "is not below zero")
        return amount

    def percent(self, name: str, default: str | None = None, *, most: int = 100) -> Fraction:
        """A percentage as a text such as "1.5", at least zero and at most `most`, as a fraction of one."""
        return self.number(name, default, most=most) / 100

    def number(self, name: str, default: str | None = None, *, most: int = 1000) -> Fraction:
        """A plain number as a text, at least zero and at most `most`."""
        text = self._text(name, default)
        try:
            value = Decimal(text)
        except InvalidOperation:
            raise self._wrong(name, f'is a number such as "1.5", not {text!r}') from None
        if not value.is_finite() or not 0 <= value <= most:
            raise self._wrong(name, f"is at least 0 and at most {most}, not {text}")
        return Fraction(value)

    def whole(self, name: str, default: int | None = None, *, least: int = 0, most: int = 100_000) -> int:
        """A whole number."""
        value = self._value(name, default)
        if type(value) is not int or not least <= value <= most:
            raise self._wrong(name, f"is a whole number from {least} to {most}, not {value!r}")
        return value

    def text(self, name: str, default: str | None = None) -> str:
        """A text that is not empty."""
        return self._text(name, default)

    def choice(self, name: str, options: tuple[str, ...], default: str | None = None) -> str:
        """One of a few words."""
        value = self._text(name, default)
        if value not in options:
            raise self._wrong(name, f"is one of {', '.join(options)}, not {value!r}")
        return value

    def yes(self, name: str, default: bool | None = None) -> bool:
        """True or false."""
        value = self._value(name, default)
        if type(value) is not bool:
            raise self._wrong(name, f"is true or false, not {value!r}")
        return value

    def names(self, name: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """A list of texts."""
        value = self._value(name, None if default is None else list(default))
        if not isinstance(value, list) or not all(isinstance(each, str) and each for each in value):
            raise self._wrong(name, f"is a list of texts, not {value!r}")
        return tuple(value)

    def tables(self, name: str) -> Mapping[str, Fields]:
        """Tables by their names: [policy.section.name.each]."""
        value = self._value(name, {})
        if not isinstance(value, dict):
            raise self._wrong(name, f"is a table, not {value!r}")
        return {each: Fields(f"{self.section}.{name}.{each}", inner) for each, inner in value.items()}

    def inner(self, name: str) -> Fields:
        """A table inside this one; empty where it is not there."""
        return Fields(f"{self.section}.{name}", self._value(name, {}))

    def there(self) -> tuple[str, ...]:
        """The names of all fields that were written."""
        return tuple(self._table)

    def has(self, name: str) -> bool:
        """Whether a field was written."""
        return name in self._table

    def done(self) -> None:
        """Raise `ValueError` where a field was written that the section does not have."""
        odd = sorted(self._table.keys() - self._asked)
        if odd:
            raise ValueError(f"[policy.{self.section}] has {', '.join(sorted(self._asked))}, not {odd}")

    def _value(self, name: str, default: object) -> Any:
        self._asked.add(name)
        value = self._table.get(name, _NOT_SAID if default is None else default)
        if value is _NOT_SAID:
            raise ValueError(f"[policy.{self.section}] needs {name}")
        return value

    def _text(self, name: str, default: str | None) -> str:
        value = self._value(name, default)
        if not isinstance(value, str) or not value:
            raise self._wrong(name, f"is a text, not {value!r}")
        return value

    def _wrong(self, name: str, what: str) -> ValueError:
        return ValueError(f"[policy.{self.section}] {name} {what}")
