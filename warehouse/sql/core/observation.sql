-- Every observation with its price in the anchor currency. The rate is the newest on or before the observation's day;
-- it may be 30 days old inside the history, and of any age after the currency's last known day (rate_age_days says it).
CREATE OR REPLACE TABLE core.observation AS
WITH listing AS (
    SELECT *, (observed_at AT TIME ZONE 'UTC')::DATE AS observed_on
    FROM raw.listing
),

newest_rate AS (
    SELECT currency, max(observed_on) AS observed_on FROM core.fx_to_anchor GROUP BY currency
),

rated AS (
    SELECT
        listing.*,
        CASE
            WHEN listing.currency = anchor.currency THEN 1.0
            WHEN listing.observed_on - fx.observed_on <= 30 OR fx.observed_on = newest_rate.observed_on THEN fx.rate
        END AS rate,
        CASE
            WHEN listing.currency = anchor.currency THEN 0
            WHEN listing.observed_on - fx.observed_on <= 30 OR fx.observed_on = newest_rate.observed_on
                THEN listing.observed_on - fx.observed_on
        END AS rate_age_days
    FROM listing
    CROSS JOIN core.anchor AS anchor
    ASOF LEFT JOIN core.fx_to_anchor AS fx
        ON listing.currency = fx.currency AND listing.observed_on >= fx.observed_on
    LEFT JOIN newest_rate ON listing.currency = newest_rate.currency
)

SELECT *, price::DOUBLE * rate AS price_anchor, list_price::DOUBLE * rate AS list_price_anchor
FROM rated
ORDER BY observed_at, source, id, kind, price;

COMMENT ON TABLE core.observation IS 'Every observation of a listing, as read, with its price in the anchor currency.';
COMMENT ON COLUMN core.observation.observed_on IS 'The day of observed_at in UTC';
COMMENT ON COLUMN core.observation.rate IS 'Units of the anchor currency for 1 unit of currency; empty where unknown';
COMMENT ON COLUMN core.observation.rate_age_days IS 'Days between the rate and the observation; 0 for the anchor itself';
COMMENT ON COLUMN core.observation.price_anchor IS 'Price in the anchor currency; empty where no rate is known';
COMMENT ON COLUMN core.observation.list_price_anchor IS 'List price in the anchor currency; empty where unknown';
