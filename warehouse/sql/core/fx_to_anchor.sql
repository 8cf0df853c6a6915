-- What one unit of each currency is worth in the anchor at the rate that people pay, for each day with a rate: the
-- official one, and another where the currency is in trouble. The anchor itself has no row: it is worth 1 on every day.
CREATE OR REPLACE TABLE core.fx_to_anchor AS
WITH paid AS (
    SELECT fx_paid.* FROM core.fx_paid JOIN core.anchor ON core.anchor.currency = fx_paid.anchor
)

SELECT
    currency,
    observed_on,
    coalesce(paid.rate, official.rate) AS rate,
    coalesce(paid.kind, 'official') AS kind,
    coalesce(paid.source, official.source) AS source,
    coalesce(paid.quoted_on, observed_on) AS quoted_on,
    coalesce(official.rate, paid.official) AS official,
    paid.premium,
    coalesce(paid.carried, false) AS carried
FROM core.fx_official AS official
FULL JOIN paid USING (currency, observed_on)
ORDER BY currency, observed_on;

COMMENT ON TABLE core.fx_to_anchor IS 'What one unit of a currency is worth in the anchor currency at the rate people pay, by day.';
COMMENT ON COLUMN core.fx_to_anchor.currency IS 'ISO 4217';
COMMENT ON COLUMN core.fx_to_anchor.observed_on IS 'The day the rate belongs to';
COMMENT ON COLUMN core.fx_to_anchor.rate IS 'Units of the anchor currency for 1 unit of currency';
COMMENT ON COLUMN core.fx_to_anchor.kind IS 'official; where the currency is in trouble parallel or implied';
COMMENT ON COLUMN core.fx_to_anchor.source IS 'Who published it';
COMMENT ON COLUMN core.fx_to_anchor.quoted_on IS 'The day it was quoted: before observed_on where the street has not been quoted since';
COMMENT ON COLUMN core.fx_to_anchor.official IS 'The official rate, in the same units; empty where unknown';
COMMENT ON COLUMN core.fx_to_anchor.premium IS 'By how much the anchor costs more than officially; empty where the official rate counts';
COMMENT ON COLUMN core.fx_to_anchor.carried IS 'The last known premium on the official rate of the day, because the street was not quoted lately';
