-- The columns follow from warehouse.records; here is what they mean.
COMMENT ON TABLE raw.quarantine IS 'Rows that were read but not believed, whole, each with its reason.';
COMMENT ON COLUMN raw.quarantine.id IS 'Hash of the row and how it was read: the same row is kept once';
COMMENT ON COLUMN raw.quarantine.source IS 'Where it was read';
COMMENT ON COLUMN raw.quarantine.of_record IS 'The kind of record it should have become';
COMMENT ON COLUMN raw.quarantine.reason IS 'no_price, bad_price, ambiguous_price, bad_date, …';
COMMENT ON COLUMN raw.quarantine.message IS 'The reason in words';
COMMENT ON COLUMN raw.quarantine.found_at IS 'Where a person finds the original';
COMMENT ON COLUMN raw.quarantine.row_json IS 'JSON object of the row as it was found';
COMMENT ON COLUMN raw.quarantine.reading_json IS 'JSON object of the options it was read with';
COMMENT ON COLUMN raw.quarantine.quarantined_at IS 'When (UTC)';
COMMENT ON COLUMN raw.quarantine.run IS 'The run that read it';
COMMENT ON COLUMN raw.quarantine.row IS 'Number of the row within its run';
COMMENT ON COLUMN raw.quarantine.loaded_at IS 'When it was loaded, by this installation''s clock';
