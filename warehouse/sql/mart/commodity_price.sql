-- Prices of raw materials, each period's as it was published last: a revision replaces what it revises.
CREATE OR REPLACE VIEW mart.commodity_price AS
WITH newest AS (
    SELECT
        *,
        count(*) OVER (PARTITION BY source, commodity, unit, currency, period, days) - 1 AS revisions
    FROM raw.commodity_price
    QUALIFY row_number() OVER (
        PARTITION BY source, commodity, unit, currency, period, days
        ORDER BY observed_at DESC, loaded_at DESC, run DESC, row DESC
    ) = 1
)

SELECT
    source,
    commodity,
    title,
    period,
    days,
    price,
    currency,
    unit,
    price::DOUBLE / lag(price::DOUBLE) OVER series - 1 AS change,
    revisions,
    observed_at,
    found_at,
    run,
    loaded_at
FROM newest
WINDOW series AS (PARTITION BY source, commodity, unit, currency, days ORDER BY period);

COMMENT ON VIEW mart.commodity_price IS 'Prices of raw materials as last published: one row for each commodity and period of a source.';
COMMENT ON COLUMN mart.commodity_price.source IS 'Who was read';
COMMENT ON COLUMN mart.commodity_price.commodity IS 'The raw material: a key that stays while its title drifts';
COMMENT ON COLUMN mart.commodity_price.title IS 'Its name in the source''s words';
COMMENT ON COLUMN mart.commodity_price.period IS 'First day of the time the price is of';
COMMENT ON COLUMN mart.commodity_price.days IS 'Length of that time, about: 30 is a month';
COMMENT ON COLUMN mart.commodity_price.price IS 'In currency for one unit, nominal';
COMMENT ON COLUMN mart.commodity_price.currency IS 'ISO 4217';
COMMENT ON COLUMN mart.commodity_price.unit IS 'bbl, mt (metric ton), dmtu (1 % of a dry metric ton), mmbtu, troy oz, kg, …';
COMMENT ON COLUMN mart.commodity_price.change IS 'Price divided by that of the period before it in the series, less 1; holes are skipped';
COMMENT ON COLUMN mart.commodity_price.revisions IS 'How many other prices were published for the period';
COMMENT ON COLUMN mart.commodity_price.observed_at IS 'When it was published, or read where that is not known (UTC)';
COMMENT ON COLUMN mart.commodity_price.found_at IS 'Where a person finds the original';
COMMENT ON COLUMN mart.commodity_price.run IS 'The run that read it';
COMMENT ON COLUMN mart.commodity_price.loaded_at IS 'When it came into the warehouse';
