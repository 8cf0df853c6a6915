-- Prices of raw materials, each period's as it was published first: what is revised was not known before.
SELECT
    source,
    commodity,
    date_diff('day', DATE '1970-01-01', period) AS day,
    days,
    CAST(price AS DOUBLE) AS price
FROM raw.commodity_price
WHERE period <= ? AND price > 0
QUALIFY row_number() OVER (
    PARTITION BY commodity, period
    ORDER BY days, source, observed_at, loaded_at, run, row
) = 1
ORDER BY commodity, period
