-- What makers and shops ask for new articles: the last price seen on each day, and in the anchor currency at the newest
-- rate that people pay on or before that day.
CREATE OR REPLACE VIEW mart.list_price AS
WITH newest AS (
    SELECT *, (observed_at AT TIME ZONE 'UTC')::DATE AS day
    FROM raw.list_price
    QUALIFY row_number() OVER (
        PARTITION BY source, id, currency, day
        ORDER BY observed_at DESC, loaded_at DESC, run DESC, row DESC
    ) = 1
),

rated AS (
    SELECT
        newest.*,
        anchor.currency AS anchor,
        CASE WHEN newest.currency = anchor.currency THEN 1.0 ELSE fx.rate END AS rate,
        CASE WHEN newest.currency = anchor.currency THEN 0 ELSE newest.day - fx.observed_on END AS rate_age_days
    FROM newest
    CROSS JOIN core.anchor AS anchor
    ASOF LEFT JOIN core.fx_to_anchor AS fx ON newest.currency = fx.currency AND newest.day >= fx.observed_on
)

SELECT
    source,
    id,
    title,
    brand,
    category,
    day,
    day = max(day) OVER article AS is_newest,
    price,
    currency,
    price::DOUBLE * rate AS price_anchor,
    anchor,
    rate,
    rate_age_days,
    price::DOUBLE / nullif(lag(price::DOUBLE) OVER (PARTITION BY source, id, currency ORDER BY day), 0) - 1 AS change,
    gtin,
    mpn,
    released_on,
    region,
    url,
    image,
    observed_at,
    attributes,
    found_at,
    price_path,
    run,
    loaded_at
FROM rated
WINDOW article AS (PARTITION BY source, id, currency);

COMMENT ON VIEW mart.list_price IS 'What is asked for new articles: one row for each article, currency and day on which it was seen.';
COMMENT ON COLUMN mart.list_price.source IS 'Who was read';
COMMENT ON COLUMN mart.list_price.id IS 'The article within its source';
COMMENT ON COLUMN mart.list_price.title IS 'The article in the source''s words';
COMMENT ON COLUMN mart.list_price.brand IS 'In the source''s words';
COMMENT ON COLUMN mart.list_price.category IS 'In the source''s words';
COMMENT ON COLUMN mart.list_price.day IS 'The day of observed_at in UTC';
COMMENT ON COLUMN mart.list_price.is_newest IS 'Whether it is the article''s newest price in this currency';
COMMENT ON COLUMN mart.list_price.price IS 'The last one seen that day, in currency';
COMMENT ON COLUMN mart.list_price.currency IS 'ISO 4217';
COMMENT ON COLUMN mart.list_price.price_anchor IS 'Price in the anchor currency; empty where no exchange rate is known';
COMMENT ON COLUMN mart.list_price.anchor IS 'The currency values are formed in, ISO 4217';
COMMENT ON COLUMN mart.list_price.rate IS 'Units of the anchor currency for 1 unit of currency: the newest rate that people pay, on or before the day';
COMMENT ON COLUMN mart.list_price.rate_age_days IS 'How many days older than the price the rate is';
COMMENT ON COLUMN mart.list_price.change IS 'Price divided by that of the day it was seen before, less 1';
COMMENT ON COLUMN mart.list_price.gtin IS 'Global Trade Item Number (EAN, UPC, ISBN-13)';
COMMENT ON COLUMN mart.list_price.mpn IS 'Manufacturer part number';
COMMENT ON COLUMN mart.list_price.released_on IS 'When the article came out';
COMMENT ON COLUMN mart.list_price.region IS 'ISO 3166-2, or the source''s own words';
COMMENT ON COLUMN mart.list_price.url IS 'The original, where there is one';
COMMENT ON COLUMN mart.list_price.image IS 'URL of a picture';
COMMENT ON COLUMN mart.list_price.observed_at IS 'When it was seen (UTC)';
COMMENT ON COLUMN mart.list_price.attributes IS 'JSON object of every field without a name of its own';
COMMENT ON COLUMN mart.list_price.found_at IS 'Where a person finds the original';
COMMENT ON COLUMN mart.list_price.price_path IS 'Which part of the original the price was read from';
COMMENT ON COLUMN mart.list_price.run IS 'The run that read it';
COMMENT ON COLUMN mart.list_price.loaded_at IS 'When it came into the warehouse';
