-- Exchange rates into the anchor currency.
CREATE OR REPLACE VIEW mart.fx_rate AS
SELECT fx.currency, fx.observed_on, fx.rate, anchor.currency AS anchor
FROM core.fx_to_anchor AS fx
CROSS JOIN core.anchor AS anchor;

COMMENT ON VIEW mart.fx_rate IS 'What one unit of a currency was worth in the anchor currency: one row for each currency and day with a rate.';
COMMENT ON COLUMN mart.fx_rate.currency IS 'ISO 4217';
COMMENT ON COLUMN mart.fx_rate.observed_on IS 'The day the rate belongs to';
COMMENT ON COLUMN mart.fx_rate.rate IS 'Units of the anchor for 1 unit of currency; official';
COMMENT ON COLUMN mart.fx_rate.anchor IS 'The anchor currency, ISO 4217';
