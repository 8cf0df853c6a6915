-- Exchange rates into the anchor currency, as values are formed through them.
CREATE OR REPLACE VIEW mart.fx_rate AS
SELECT
    fx.currency, fx.observed_on, fx.rate, anchor.currency AS anchor, fx.kind, fx.source, fx.quoted_on, fx.official, fx.premium
FROM core.fx_to_anchor AS fx
CROSS JOIN core.anchor AS anchor;

COMMENT ON VIEW mart.fx_rate IS 'What one unit of a currency was worth in the anchor currency at the rate people pay: one row for each currency and day with a rate.';
COMMENT ON COLUMN mart.fx_rate.currency IS 'ISO 4217';
COMMENT ON COLUMN mart.fx_rate.observed_on IS 'The day the rate belongs to';
COMMENT ON COLUMN mart.fx_rate.rate IS 'Units of the anchor for 1 unit of currency';
COMMENT ON COLUMN mart.fx_rate.anchor IS 'The anchor currency, ISO 4217';
COMMENT ON COLUMN mart.fx_rate.kind IS 'official; parallel or implied where the currency is in trouble';
COMMENT ON COLUMN mart.fx_rate.source IS 'Who published it';
COMMENT ON COLUMN mart.fx_rate.quoted_on IS 'The day it was quoted';
COMMENT ON COLUMN mart.fx_rate.official IS 'The official rate, in the same units; empty where unknown';
COMMENT ON COLUMN mart.fx_rate.premium IS 'By how much the anchor costs more than officially; empty where the official rate counts';
