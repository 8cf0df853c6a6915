-- What was asked and paid for each product, day by day. A listing counts once a day, with the median of what was seen.
CREATE OR REPLACE TABLE mart.price_history AS
WITH listing_day AS (
    SELECT
        identity.product,
        observation.observed_on AS day,
        observation.kind,
        observation.source,
        observation.id,
        median(observation.price_anchor) AS price
    FROM core.observation AS observation
    JOIN core.identity AS identity USING (source, id)
    WHERE identity.product IS NOT NULL AND observation.price_anchor IS NOT NULL
    GROUP BY ALL
)

SELECT
    listing_day.product,
    listing_day.day,
    listing_day.kind,
    median(listing_day.price) AS median,
    quantile_cont(listing_day.price, 0.1) AS low,
    quantile_cont(listing_day.price, 0.9) AS high,
    count(*) AS n,
    any_value(anchor.currency) AS currency
FROM listing_day
CROSS JOIN core.anchor AS anchor
GROUP BY listing_day.product, listing_day.day, listing_day.kind
ORDER BY listing_day.product, listing_day.day, listing_day.kind;

COMMENT ON TABLE mart.price_history IS 'What was asked and paid for each product: one row for each product, day and kind on which it was seen.';
COMMENT ON COLUMN mart.price_history.product IS 'The product''s id';
COMMENT ON COLUMN mart.price_history.day IS 'The day in UTC';
COMMENT ON COLUMN mart.price_history.kind IS 'asking, sold, wanted or traded';
COMMENT ON COLUMN mart.price_history.median IS 'Median price of the listings seen that day, in currency';
COMMENT ON COLUMN mart.price_history.low IS 'Tenth percentile';
COMMENT ON COLUMN mart.price_history.high IS 'Ninetieth percentile';
COMMENT ON COLUMN mart.price_history.n IS 'Listings seen that day';
COMMENT ON COLUMN mart.price_history.currency IS 'The anchor currency, ISO 4217';
