-- The open alarms: neither over nor dismissed. `warehouse/alarms.py` says when an alarm is over; this says the same.
CREATE OR REPLACE VIEW ops.alarm AS
WITH raised AS (
    SELECT
        id, source, kind, about, arg_max(severity, raised_at) AS severity, arg_max(message, raised_at) AS message,
        arg_max(detail_json, raised_at)::JSON AS detail, arg_max(run, raised_at) AS run, min(raised_at) AS since,
        max(raised_at) AS raised_at, count(DISTINCT run) AS runs
    FROM raw.alarm
    GROUP BY id, source, kind, about
),
visit AS (
    SELECT
        source, run, ended_at, rows_landed, detail_json::JSON ->> 'verdict' AS verdict,
        detail_json::JSON ->> 'base' AS base
    FROM raw.run_report
    WHERE (detail_json::JSON ->> 'verdict') IS NOT NULL
),
-- Whether a later run got in, any can tell; whether the rows are well again, only one that landed enough of them.
ended AS (
    SELECT DISTINCT raised.id
    FROM raised
    JOIN visit ON raised.source = visit.source AND visit.ended_at > raised.raised_at AND visit.run <> raised.run
    WHERE
        CASE
            WHEN raised.kind = 'stale' THEN visit.verdict IN ('complete', 'partly')
            WHEN visit.verdict = 'interrupted' THEN false
            WHEN (raised.detail ->> 'base') IS NOT NULL AND visit.base IS DISTINCT FROM (raised.detail ->> 'base')
                THEN false
            WHEN raised.kind IN ('blocked', 'login_wall', 'unreachable', 'failed', 'empty') THEN true
            ELSE
                visit.verdict IN ('complete', 'partly')
                AND visit.rows_landed >= coalesce((raised.detail ->> 'needs_rows')::DOUBLE, 1)
        END
)
SELECT
    raised.id, raised.source, raised.kind, raised.about, raised.severity, raised.message, raised.since,
    raised.raised_at, raised.runs, raised.run, raised.detail::VARCHAR AS detail_json
FROM raised
WHERE
    raised.id NOT IN (SELECT id FROM ended)
    AND raised.id NOT IN (SELECT about FROM raw.judgement WHERE verdict = 'dismiss');

COMMENT ON VIEW ops.alarm IS 'What is wrong with the reading of sources: alarms that are neither over nor dismissed.';
COMMENT ON COLUMN ops.alarm.id IS 'The alarm''s id, for katy alarms dismiss';
COMMENT ON COLUMN ops.alarm.source IS 'Who was read';
COMMENT ON COLUMN ops.alarm.kind IS 'stale, coverage, fewer_records, price_jump, currency, drift, ambiguous, quarantine, blocked, login_wall, unreachable, failed or empty';
COMMENT ON COLUMN ops.alarm.about IS 'The field, currency or part it concerns';
COMMENT ON COLUMN ops.alarm.severity IS 'warning or error';
COMMENT ON COLUMN ops.alarm.message IS 'In words, as it was raised last';
COMMENT ON COLUMN ops.alarm.since IS 'When it was raised first (UTC)';
COMMENT ON COLUMN ops.alarm.raised_at IS 'When it was raised last (UTC)';
COMMENT ON COLUMN ops.alarm.runs IS 'How many runs have raised it';
COMMENT ON COLUMN ops.alarm.run IS 'The run that raised it last';
COMMENT ON COLUMN ops.alarm.detail_json IS 'JSON object of the figures behind it';
