-- Rows that were not believed, and whether a person has released them since.
CREATE OR REPLACE VIEW ops.quarantine AS
SELECT
    refused.id, refused.source, refused.of_record, refused.reason, refused.message, refused.found_at, refused.row_json,
    refused.reading_json, refused.quarantined_at, refused.run, release.about IS NOT NULL AS released,
    release.released_at
FROM raw.quarantine AS refused
LEFT JOIN (
    SELECT about, min(judged_at) AS released_at
    FROM raw.judgement
    WHERE verdict = 'release'
    GROUP BY about
) AS release ON refused.id = release.about;

COMMENT ON VIEW ops.quarantine IS 'Rows that were read but not believed, each with its reason, and whether a person has released it.';
COMMENT ON COLUMN ops.quarantine.id IS 'The row''s id, for katy quarantine';
COMMENT ON COLUMN ops.quarantine.source IS 'Where it was read';
COMMENT ON COLUMN ops.quarantine.of_record IS 'The kind of record it should have become';
COMMENT ON COLUMN ops.quarantine.reason IS 'no_price, bad_price, ambiguous_price, bad_date, …';
COMMENT ON COLUMN ops.quarantine.message IS 'The reason in words';
COMMENT ON COLUMN ops.quarantine.found_at IS 'Where a person finds the original';
COMMENT ON COLUMN ops.quarantine.row_json IS 'JSON object of the row as it was found';
COMMENT ON COLUMN ops.quarantine.reading_json IS 'JSON object of the options it was read with';
COMMENT ON COLUMN ops.quarantine.quarantined_at IS 'When (UTC)';
COMMENT ON COLUMN ops.quarantine.run IS 'The run that read it';
COMMENT ON COLUMN ops.quarantine.released IS 'A person has corrected and released it';
COMMENT ON COLUMN ops.quarantine.released_at IS 'When (UTC)';
