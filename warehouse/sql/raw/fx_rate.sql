-- The columns follow from warehouse.records; here is what they mean.
COMMENT ON TABLE raw.fx_rate IS 'Exchange rates as published: rate units of quote for one unit of base.';
COMMENT ON COLUMN raw.fx_rate.source IS 'Who was read';
COMMENT ON COLUMN raw.fx_rate.base IS 'ISO 4217';
COMMENT ON COLUMN raw.fx_rate.quote IS 'ISO 4217';
COMMENT ON COLUMN raw.fx_rate.kind IS 'official, parallel or implied';
COMMENT ON COLUMN raw.fx_rate.rate IS 'Units of quote for one unit of base';
COMMENT ON COLUMN raw.fx_rate.observed_on IS 'The day the rate belongs to';
COMMENT ON COLUMN raw.fx_rate.run IS 'The run that read it';
COMMENT ON COLUMN raw.fx_rate.row IS 'Number of the row within its run';
COMMENT ON COLUMN raw.fx_rate.found_at IS 'Where a person finds the original';
COMMENT ON COLUMN raw.fx_rate.loaded_at IS 'When it was loaded, by this installation''s clock';
