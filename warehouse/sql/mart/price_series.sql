-- Published series of prices and indices, each period's value as it was published last: a revision replaces what it
-- revises. A month and a quarter that begin on one day are two periods.
CREATE OR REPLACE VIEW mart.price_series AS
WITH newest AS (
    SELECT
        *,
        count(*) OVER (PARTITION BY source, series, statistic, period, days) - 1 AS revisions
    FROM raw.price_series
    QUALIFY row_number() OVER (
        PARTITION BY source, series, statistic, period, days
        ORDER BY observed_at DESC, loaded_at DESC, run DESC, row DESC
    ) = 1
)

SELECT
    source,
    series,
    title,
    period,
    days,
    value,
    statistic,
    currency,
    unit,
    volume,
    region,
    place,
    category,
    gtin,
    CASE
        WHEN currency IS NOT DISTINCT FROM lag(currency) OVER earlier
            THEN value::DOUBLE / nullif(lag(value::DOUBLE) OVER earlier, 0) - 1
    END AS change,
    revisions,
    observed_at,
    attributes,
    found_at,
    run,
    loaded_at
FROM newest
WINDOW earlier AS (PARTITION BY source, series, statistic, days ORDER BY period);

COMMENT ON VIEW mart.price_series IS 'Published averages, guide prices and indices as last published: one row for each series and period of a source.';
COMMENT ON COLUMN mart.price_series.source IS 'Who was read';
COMMENT ON COLUMN mart.price_series.series IS 'The series within its source';
COMMENT ON COLUMN mart.price_series.title IS 'The series in the source''s words';
COMMENT ON COLUMN mart.price_series.period IS 'First day of the time the value is of';
COMMENT ON COLUMN mart.price_series.days IS 'Length of that time, about: 1, 7, 30, 91, 182, 365';
COMMENT ON COLUMN mart.price_series.value IS 'An amount in currency, or an index';
COMMENT ON COLUMN mart.price_series.statistic IS 'mean, median, min, max, index, guide, price, or value where the source does not say';
COMMENT ON COLUMN mart.price_series.currency IS 'ISO 4217; none for an index';
COMMENT ON COLUMN mart.price_series.unit IS 'What the value is for one of; of an index what it is 100 in';
COMMENT ON COLUMN mart.price_series.volume IS 'How much was sold, where it says so';
COMMENT ON COLUMN mart.price_series.region IS 'ISO 3166-2 or a country''s code, where the source says it';
COMMENT ON COLUMN mart.price_series.place IS 'Place in the source''s words';
COMMENT ON COLUMN mart.price_series.category IS 'In the source''s words';
COMMENT ON COLUMN mart.price_series.gtin IS 'Global Trade Item Number (EAN, UPC, ISBN-13)';
COMMENT ON COLUMN mart.price_series.change IS 'Value divided by that of the period before it in the series, less 1; empty where the currency changed';
COMMENT ON COLUMN mart.price_series.revisions IS 'How many other values were published for the period';
COMMENT ON COLUMN mart.price_series.observed_at IS 'When it was published, or read where that is not known (UTC)';
COMMENT ON COLUMN mart.price_series.attributes IS 'JSON object of every field without a name of its own';
COMMENT ON COLUMN mart.price_series.found_at IS 'Where a person finds the original';
COMMENT ON COLUMN mart.price_series.run IS 'The run that read it';
COMMENT ON COLUMN mart.price_series.loaded_at IS 'When it came into the warehouse';
