"""DolarApi, Venezuela: the central bank's rate (`oficial`) and the street's (`paralelo`), in bolívares.

The shape is Argentina's (`spiders.dolarapi`) with `fuente` in place of `casa`, without `moneda`, and with null for
buying and selling: what counts is `promedio`. A day is Venezuela's (−04:00).

Traps: null for buying and selling beside a `promedio`; no `moneda`; a moment in UTC whose day is another one in
Venezuela; markets never met land as series, not as rates.
"""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from spiders.dolarapi import DolarApiReader
from spiders.source import Source

SOURCE = Source(
    name="dolarapi_ve",
    title="DolarApi: Venezuela's official and parallel rates",
    records=("fx_rate", "price_series"),
    reader="spiders.dolarapi_ve:DolarApiVeReader",
    licence_note="A free public interface (MIT-licensed project), to be asked sparingly; rates from public sources",
    follows="https://dolarapi.com/docs/venezuela/",
    cadence=timedelta(hours=1),
    fields={
        "base": "USD; EUR where euros were asked for",
        "quote": "VES, always",
        "series": "USD/VES fuente",
        "title": "USD/VES nombre",
        "period": "fechaActualizacion, Venezuela's day",
        "days": "1",
        "value": "as rate",
        "statistic": "mid, always",
        "kind": "fuente",
        "rate": "(compra + venta) / 2, else promedio",
        "observed_on": "fechaActualizacion, Venezuela's day",
    },
    base="https://ve.dolarapi.com",
    region="VE",
    currency="VES",
    api=True,
    targets=("dolares",),
    target_note="what is asked for below /v1/: dolares, dolares/oficial, dolares/paralelo, euros",
    needs_target=True,
)


class DolarApiVeReader(DolarApiReader):
    """Venezuela's clock; all else is as in Argentina."""

    hours: ClassVar[float] = -4
