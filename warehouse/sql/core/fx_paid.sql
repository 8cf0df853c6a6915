-- Days on which another rate than the official one is what people pay. The features step decides them (a currency in
-- trouble, its parallel or implied rate); without that step the table is there and empty.
CREATE TABLE IF NOT EXISTS core.fx_paid (
    anchor VARCHAR NOT NULL,
    currency VARCHAR NOT NULL,
    observed_on DATE NOT NULL,
    rate DOUBLE NOT NULL,
    kind VARCHAR NOT NULL,
    source VARCHAR,
    quoted_on DATE NOT NULL,
    official DOUBLE,
    premium DOUBLE,
    goods BIGINT NOT NULL,
    low DOUBLE,
    high DOUBLE,
    carried BOOLEAN NOT NULL
);

COMMENT ON TABLE core.fx_paid IS 'Days of currencies in trouble, with the rate that people pay instead of the official one.';
COMMENT ON COLUMN core.fx_paid.anchor IS 'The anchor currency it was decided against, ISO 4217';
COMMENT ON COLUMN core.fx_paid.currency IS 'ISO 4217';
COMMENT ON COLUMN core.fx_paid.observed_on IS 'The day it counts from, until the next';
COMMENT ON COLUMN core.fx_paid.rate IS 'Units of the anchor currency for 1 unit of currency';
COMMENT ON COLUMN core.fx_paid.kind IS 'parallel, or implied by the same goods in both currencies';
COMMENT ON COLUMN core.fx_paid.source IS 'Who published it';
COMMENT ON COLUMN core.fx_paid.quoted_on IS 'The day it was quoted, or read from goods';
COMMENT ON COLUMN core.fx_paid.official IS 'The official rate then, in the same units; empty where unknown';
COMMENT ON COLUMN core.fx_paid.premium IS 'By how much the anchor costs more than officially: 0.86 is 86 %';
COMMENT ON COLUMN core.fx_paid.goods IS 'Goods that an implied rate was read from';
COMMENT ON COLUMN core.fx_paid.low IS 'Lower end of an implied rate''s 90 % interval';
COMMENT ON COLUMN core.fx_paid.high IS 'Its upper end';
COMMENT ON COLUMN core.fx_paid.carried IS 'The street was not quoted lately: its last premium over the official rate of the day';
