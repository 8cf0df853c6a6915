-- Periods in which a currency was in trouble, as it was known then.
CREATE OR REPLACE VIEW mart.currency_trouble AS
SELECT trouble.currency, trouble.started, trouble.ended, trouble.premium, trouble.volatility, trouble.crawl, trouble.goods, trouble.why
FROM core.fx_trouble AS trouble
JOIN core.anchor AS anchor ON anchor.currency = trouble.anchor;

COMMENT ON VIEW mart.currency_trouble IS 'Periods in which a currency was in trouble: one row for each. While one lasts, values are formed through the rate people pay.';
COMMENT ON COLUMN mart.currency_trouble.currency IS 'ISO 4217';
COMMENT ON COLUMN mart.currency_trouble.started IS 'The first day on which it was known to be in trouble';
COMMENT ON COLUMN mart.currency_trouble.ended IS 'The first day on which it was not; empty while it lasts';
COMMENT ON COLUMN mart.currency_trouble.premium IS 'The largest premium of the parallel rate; empty where that gave no alarm';
COMMENT ON COLUMN mart.currency_trouble.volatility IS 'The largest yearly volatility of the official rate; empty where that gave no alarm';
COMMENT ON COLUMN mart.currency_trouble.crawl IS 'By how much the anchor became dearer within a year at most; empty where that gave no alarm';
COMMENT ON COLUMN mart.currency_trouble.goods IS 'How far the same goods'' prices stood from the official rate at most; empty where they gave no alarm';
COMMENT ON COLUMN mart.currency_trouble.why IS 'The reasons in words';
