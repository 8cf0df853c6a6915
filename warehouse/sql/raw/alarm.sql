-- The columns follow from warehouse.records; here is what they mean.
COMMENT ON TABLE raw.alarm IS 'What is wrong with a source''s reading.';
COMMENT ON COLUMN raw.alarm.id IS 'The alarm';
COMMENT ON COLUMN raw.alarm.source IS 'Who was read';
COMMENT ON COLUMN raw.alarm.kind IS 'stale, coverage, fewer_records, price_jump, currency, empty, blocked, login_wall, drift, ambiguous, quarantine, unreachable or failed';
COMMENT ON COLUMN raw.alarm.about IS 'The field or page it concerns';
COMMENT ON COLUMN raw.alarm.severity IS 'warning or error';
COMMENT ON COLUMN raw.alarm.message IS 'In words';
COMMENT ON COLUMN raw.alarm.raised_at IS 'When (UTC)';
COMMENT ON COLUMN raw.alarm.detail_json IS 'JSON object of the figures behind it';
COMMENT ON COLUMN raw.alarm.run IS 'The run that read it';
COMMENT ON COLUMN raw.alarm.row IS 'Number of the row within its run';
COMMENT ON COLUMN raw.alarm.loaded_at IS 'When it was loaded, by this installation''s clock';
