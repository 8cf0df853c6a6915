-- Periods in which a currency was in trouble, with the reasons. The features step fills it.
CREATE TABLE IF NOT EXISTS core.fx_trouble (
    anchor VARCHAR NOT NULL,
    currency VARCHAR NOT NULL,
    started DATE NOT NULL,
    ended DATE,
    premium DOUBLE,
    volatility DOUBLE,
    crawl DOUBLE,
    goods DOUBLE,
    why VARCHAR NOT NULL
);

COMMENT ON TABLE core.fx_trouble IS 'Periods in which a currency was in trouble: one row for each.';
COMMENT ON COLUMN core.fx_trouble.anchor IS 'The anchor currency it was judged against, ISO 4217';
COMMENT ON COLUMN core.fx_trouble.currency IS 'ISO 4217';
COMMENT ON COLUMN core.fx_trouble.started IS 'The first day on which it was known to be in trouble';
COMMENT ON COLUMN core.fx_trouble.ended IS 'The first day on which it was not; empty while it lasts';
COMMENT ON COLUMN core.fx_trouble.premium IS 'The largest premium of the parallel rate; empty where that gave no alarm';
COMMENT ON COLUMN core.fx_trouble.volatility IS 'The largest yearly volatility of the official rate; empty where that gave no alarm';
COMMENT ON COLUMN core.fx_trouble.crawl IS 'By how much the anchor became dearer within a year at most; empty where that gave no alarm';
COMMENT ON COLUMN core.fx_trouble.goods IS 'How far the same goods'' prices stood from the official rate at most; empty where they gave no alarm';
COMMENT ON COLUMN core.fx_trouble.why IS 'The reasons in words';
