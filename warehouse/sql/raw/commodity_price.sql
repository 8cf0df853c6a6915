-- The columns follow from warehouse.records; here is what they mean.
COMMENT ON TABLE raw.commodity_price IS 'Prices of raw materials by period. A revised price is a row of its own.';
COMMENT ON COLUMN raw.commodity_price.source IS 'Who was read';
COMMENT ON COLUMN raw.commodity_price.commodity IS 'The name folded to a stable key';
COMMENT ON COLUMN raw.commodity_price.title IS 'The name as it was written';
COMMENT ON COLUMN raw.commodity_price.period IS 'First day of the period';
COMMENT ON COLUMN raw.commodity_price.days IS 'Length of the period, about';
COMMENT ON COLUMN raw.commodity_price.price IS 'For one unit, in currency';
COMMENT ON COLUMN raw.commodity_price.currency IS 'ISO 4217';
COMMENT ON COLUMN raw.commodity_price.unit IS 'bbl, mt, kg, …';
COMMENT ON COLUMN raw.commodity_price.observed_at IS 'When it was published or read (UTC)';
COMMENT ON COLUMN raw.commodity_price.run IS 'The run that read it';
COMMENT ON COLUMN raw.commodity_price.row IS 'Number of the row within its run';
COMMENT ON COLUMN raw.commodity_price.found_at IS 'Where a person finds the original: file and line, or address';
COMMENT ON COLUMN raw.commodity_price.loaded_at IS 'When it was loaded, by this installation''s clock';
