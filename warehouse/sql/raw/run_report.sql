-- The columns follow from warehouse.records; here is what they mean.
COMMENT ON TABLE raw.run_report IS 'What each run of each source read, landed and refused.';
COMMENT ON COLUMN raw.run_report.source IS 'What was read';
COMMENT ON COLUMN raw.run_report.run IS 'The run';
COMMENT ON COLUMN raw.run_report.row IS 'Number of the row within its run';
COMMENT ON COLUMN raw.run_report.of_record IS 'The kind of record it read';
COMMENT ON COLUMN raw.run_report.found_at IS 'The file or address it read';
COMMENT ON COLUMN raw.run_report.started_at IS 'UTC';
COMMENT ON COLUMN raw.run_report.ended_at IS 'UTC';
COMMENT ON COLUMN raw.run_report.rows_read IS 'Rows found';
COMMENT ON COLUMN raw.run_report.rows_landed IS 'Rows believed';
COMMENT ON COLUMN raw.run_report.rows_quarantined IS 'Rows refused';
COMMENT ON COLUMN raw.run_report.file_sha256 IS 'Hash of an imported file and the options it was read with';
COMMENT ON COLUMN raw.run_report.detail_json IS 'JSON object: counts by reason, status codes, field coverage';
COMMENT ON COLUMN raw.run_report.loaded_at IS 'When it was loaded, by this installation''s clock';
