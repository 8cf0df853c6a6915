-- What each run of each source did.
CREATE OR REPLACE VIEW ops.run_report AS
SELECT
    run, source, of_record, found_at, started_at, ended_at, rows_read, rows_landed, rows_quarantined, file_sha256,
    detail_json, loaded_at
FROM raw.run_report;

COMMENT ON VIEW ops.run_report IS 'What each run of each source read, landed and refused.';
COMMENT ON COLUMN ops.run_report.run IS 'The run';
COMMENT ON COLUMN ops.run_report.source IS 'What was read';
COMMENT ON COLUMN ops.run_report.of_record IS 'The kind of record it read';
COMMENT ON COLUMN ops.run_report.found_at IS 'The file or address it read';
COMMENT ON COLUMN ops.run_report.started_at IS 'UTC';
COMMENT ON COLUMN ops.run_report.ended_at IS 'UTC';
COMMENT ON COLUMN ops.run_report.rows_read IS 'Rows found';
COMMENT ON COLUMN ops.run_report.rows_landed IS 'Rows believed';
COMMENT ON COLUMN ops.run_report.rows_quarantined IS 'Rows refused';
COMMENT ON COLUMN ops.run_report.file_sha256 IS 'Hash of an imported file and the options it was read with';
COMMENT ON COLUMN ops.run_report.detail_json IS 'JSON object: counts by reason, status codes, field coverage';
COMMENT ON COLUMN ops.run_report.loaded_at IS 'When it came into the warehouse';
