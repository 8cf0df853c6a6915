"""What a person says about files of listings: whose they are, and which column or value is which field."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from warehouse.errors import BadInput
from warehouse.reading.currency import read_code
from warehouse.reading.words import fold_header
from warehouse.records import KINDS

FIELDS = (
    *("id", "title", "price", "currency", "list_price", "kind", "condition", "category", "brand", "gtin", "mpn"),
    *("quantity", "unit", "seller", "region", "place", "url", "image", "description", "observed_at", "ended_at"),
)
NUMBERED = ("price", "list_price", "quantity")
DATED = ("observed_at", "ended_at")
# Headers that are a field's own name, folded.
FOLDED = {fold_header(name): name for name in FIELDS}


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What a person says about the files: whose they are, and which column or value is which field.

    `mapping` is field → column ("Brand + Model" joins two), `fixed` field → value for all rows (where the field is
    mapped too: for the rows that have none). Any other field name is an attribute. `currency` holds where a row names
    none; where it is not given either, what the price's header says, then `fallback_currency`.
    """

    source: str
    kind: str = "asking"
    mapping: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)
    currency: str | None = None
    fallback_currency: str = "USD"

    def checked(self) -> ImportOptions:
        """These options, where they make sense; BadInput otherwise. Codes come out in capitals."""
        if self.kind not in KINDS:
            raise BadInput(f'kind "{self.kind}" is none of {", ".join(KINDS)}')
        currency = None if self.currency is None else read_code(self.currency)
        if self.currency is not None and currency is None:
            raise BadInput(f'currency "{self.currency}" is no ISO 4217 code such as USD')
        for what, pairs in (("--map", self.mapping), ("--set", self.fixed)):
            for name in pairs:
                if not name.strip():
                    raise BadInput(
                        f"{what} needs a field before the equals sign: one of {', '.join(FIELDS)}, or any other"
                    )
        return replace(
            self,
            currency=currency,
            mapping={_field(name): column for name, column in self.mapping.items()},
            fixed={_field(name): value for name, value in self.fixed.items()},
        )

    def canonical_json(self) -> str:
        """The same options as the same text: part of what makes a file the same file again."""
        return canonical_text(
            {
                "source": self.source,
                "kind": self.kind,
                "mapping": dict(self.mapping),
                "fixed": dict(self.fixed),
                "currency": self.currency,
                "fallback": self.fallback_currency,
            }
        )


def _field(name: str) -> str:
    """A field's own name however it is written; an attribute's name as it stands."""
    return FOLDED.get(fold_header(name), name.strip())


def canonical_text(value: Any) -> str:
    """A value as JSON that is the same text whenever the value is the same."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
