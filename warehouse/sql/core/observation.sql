-- Every observation with its price in the anchor currency, at the newest rate on or before its day. How old the rate is
-- stands beside it; no age is too old here, because a limit that depends on whether newer rates came later would change
-- what was known then.
CREATE OR REPLACE TABLE core.observation AS
WITH listing AS (
    SELECT *, (observed_at AT TIME ZONE 'UTC')::DATE AS observed_on
    FROM raw.listing
),

rated AS (
    SELECT
        listing.*,
        CASE WHEN listing.currency = anchor.currency THEN 1.0 ELSE fx.rate END AS rate,
        CASE WHEN listing.currency = anchor.currency THEN 0 ELSE listing.observed_on - fx.observed_on END AS rate_age_days
    FROM listing
    CROSS JOIN core.anchor AS anchor
    ASOF LEFT JOIN core.fx_to_anchor AS fx
        ON listing.currency = fx.currency AND listing.observed_on >= fx.observed_on
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
