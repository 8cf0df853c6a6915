-- The columns follow from warehouse.records; here is what they mean.
COMMENT ON TABLE raw.published_level IS 'The history of published market levels: appended, never revised.';
COMMENT ON COLUMN raw.published_level.source IS 'Who published it';
COMMENT ON COLUMN raw.published_level.unit IS 'What the level belongs to: all, category:…, segment:…|region, product:…';
COMMENT ON COLUMN raw.published_level.period IS 'First day of the calendar period';
COMMENT ON COLUMN raw.published_level.days IS 'Length of the period';
COMMENT ON COLUMN raw.published_level.raw IS 'Natural log, before dampening';
COMMENT ON COLUMN raw.published_level.published IS 'Natural log, after dampening';
COMMENT ON COLUMN raw.published_level.evidence IS 'Distinct sellers seen in the period';
COMMENT ON COLUMN raw.published_level.reconstructed IS 'Replayed from before the first publication';
COMMENT ON COLUMN raw.published_level.snapshot IS 'The publication it belongs to';
COMMENT ON COLUMN raw.published_level.published_at IS 'When (UTC)';
COMMENT ON COLUMN raw.published_level.run IS 'The run that published it';
COMMENT ON COLUMN raw.published_level.row IS 'Number of the row within its run';
COMMENT ON COLUMN raw.published_level.loaded_at IS 'When it was loaded, by this installation''s clock';
