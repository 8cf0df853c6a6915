-- How each source that an agent visits was read the last time. Reports of imported files have no verdict.
CREATE OR REPLACE VIEW ops.agent AS
WITH visit AS (
    SELECT
        *, detail_json::JSON AS detail, detail_json::JSON ->> 'verdict' AS verdict,
        (detail_json::JSON ->> 'verdict') IN ('complete', 'partly') AS good
    FROM raw.run_report
    WHERE (detail_json::JSON ->> 'verdict') IS NOT NULL
),
newest AS (
    SELECT *
    FROM visit
    QUALIFY row_number() OVER (PARTITION BY source ORDER BY started_at DESC, run DESC) = 1
)
SELECT
    newest.source, newest.detail ->> 'reader' AS reader, newest.run AS last_run, newest.started_at AS last_look,
    past.last_good, past.visits, past.good_visits, newest.verdict, newest.detail ->> 'why' AS why,
    (newest.detail ->> 'asked')::BIGINT AS asked, (newest.detail ->> 'unchanged')::BIGINT AS unchanged,
    (newest.detail ->> 'pages')::BIGINT AS pages, (newest.detail ->> 'bytes')::BIGINT AS bytes, newest.rows_read,
    newest.rows_landed, newest.rows_quarantined,
    coalesce((newest.detail ->> '$.signs.ambiguous')::BIGINT, 0) AS ambiguous,
    newest.detail ->> 'statuses' AS statuses_json, newest.detail ->> 'coverage' AS coverage_json,
    newest.detail ->> 'price_paths' AS price_paths_json, newest.detail ->> 'quarantined' AS quarantined_json
FROM newest
JOIN (
    SELECT
        source, max(started_at) FILTER (WHERE good) AS last_good, count(*) AS visits,
        count(*) FILTER (WHERE good) AS good_visits
    FROM visit
    GROUP BY source
) AS past ON newest.source = past.source;

COMMENT ON VIEW ops.agent IS 'One row for each source that an agent visits: how well it was read the last time.';
COMMENT ON COLUMN ops.agent.source IS 'The source, by the name its rows land under';
COMMENT ON COLUMN ops.agent.reader IS 'The declared source whose reader reads it';
COMMENT ON COLUMN ops.agent.last_run IS 'The newest run';
COMMENT ON COLUMN ops.agent.last_look IS 'When it began (UTC)';
COMMENT ON COLUMN ops.agent.last_good IS 'When the newest run that was complete or partly so began (UTC)';
COMMENT ON COLUMN ops.agent.visits IS 'Runs so far';
COMMENT ON COLUMN ops.agent.good_visits IS 'Runs that were complete or partly so';
COMMENT ON COLUMN ops.agent.verdict IS 'complete, partly, blocked, unreachable, empty, failed or interrupted';
COMMENT ON COLUMN ops.agent.why IS 'The verdict in words';
COMMENT ON COLUMN ops.agent.asked IS 'Requests made';
COMMENT ON COLUMN ops.agent.unchanged IS 'Answers that had not changed since the last time';
COMMENT ON COLUMN ops.agent.pages IS 'Pages got';
COMMENT ON COLUMN ops.agent.bytes IS 'Bytes got';
COMMENT ON COLUMN ops.agent.rows_read IS 'Rows found';
COMMENT ON COLUMN ops.agent.rows_landed IS 'Rows believed';
COMMENT ON COLUMN ops.agent.rows_quarantined IS 'Rows refused';
COMMENT ON COLUMN ops.agent.ambiguous IS 'Rows with more than one price';
COMMENT ON COLUMN ops.agent.statuses_json IS 'JSON object: answers by status code';
COMMENT ON COLUMN ops.agent.coverage_json IS 'JSON object: the share of landed rows that have each field';
COMMENT ON COLUMN ops.agent.price_paths_json IS 'JSON object: prices by the part of the page they were read from';
COMMENT ON COLUMN ops.agent.quarantined_json IS 'JSON object: refused rows by reason';
