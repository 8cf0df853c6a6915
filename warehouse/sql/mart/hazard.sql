-- What is known of each hazard, from all its messages: the newest of each area (a code of its own, or '' for all of it)
-- counts, as far as none says that it replaces it, and a cancellation ends that area for good. As features.hazards.active
-- does for a moment; here for the newest state. Tests and exercises are left out.
CREATE OR REPLACE VIEW mart.hazard AS
WITH message AS (
    SELECT
        *,
        sent = max(sent) OVER (PARTITION BY source, thread, id) AS latest,
        -- A message about several regions has no single one.
        string_split(coalesce(attributes ->> 'regions', region), ' ') AS its_regions,
        CASE
            WHEN coalesce(geocodes ->> 'UGC', geocodes ->> 'SAME', '') = '' THEN ['']
            ELSE string_split(coalesce(geocodes ->> 'UGC', geocodes ->> 'SAME'), ' ')
        END AS areas
    FROM raw.hazard_event
    WHERE status = 'actual'
),
replaced AS (
    SELECT source, id, max(sent) AS at
    FROM (
        SELECT source, id AS by_id, unnest(string_split(replaces, ' ')) AS id, sent
        FROM message
        WHERE replaces <> ''
    )
    WHERE id <> by_id
    GROUP BY ALL
),
place AS (
    SELECT source, thread, unnest(areas) AS area, id, message_type, sent, latest
    FROM message
),
cancelled AS (
    SELECT source, thread, area, max(sent) AS at
    FROM place
    WHERE message_type = 'cancel'
    GROUP BY ALL
),
newest AS (
    SELECT place.source, place.thread, place.area, arg_max(place.id, (place.sent, place.id)) AS id, max(place.sent) AS sent
    FROM place
    LEFT JOIN replaced ON replaced.source = place.source AND replaced.id = place.id
    WHERE place.message_type <> 'cancel' AND place.latest AND (replaced.at IS NULL OR replaced.at < place.sent)
    GROUP BY ALL
),
standing AS (
    SELECT DISTINCT newest.source, newest.thread, newest.id, newest.sent
    FROM newest
    WHERE NOT EXISTS (
        FROM cancelled
        WHERE cancelled.source = newest.source AND cancelled.thread = newest.thread
            AND (cancelled.area IN (newest.area, '') OR newest.area = '')
    )
),
state AS (
    SELECT
        source, thread,
        min(coalesce(message.starts, message.sent)) AS starts,
        CASE WHEN bool_and(coalesce(message.ends, message.expires) IS NOT NULL)
            THEN max(coalesce(message.ends, message.expires)) END AS ends
    FROM standing
    JOIN message USING (source, thread, id, sent)
    GROUP BY ALL
),
thread AS (
    SELECT
        source, thread,
        arg_max(event, (sent, id)) AS event,
        arg_max(hazard, (sent, id)) AS hazard,
        min(sent) AS first_sent,
        max(sent) AS last_sent,
        arg_max(id, (sent, id)) AS newest_id,
        arg_max(headline, (sent, id)) AS headline,
        count(*) AS messages,
        max(sent) FILTER (message_type = 'cancel') AS cancelled_at,
        min(coalesce(starts, sent)) AS first_starts,
        max(coalesce(ends, expires)) AS last_ends,
        list_sort(list_distinct(flatten(list(its_regions) FILTER (its_regions IS NOT NULL)))) AS regions,
        arg_max(country, (sent, id)) AS country,
        min(list_position(['extreme', 'severe', 'moderate', 'minor', 'unknown'], severity)) AS worst,
        max(magnitude) AS magnitude,
        arg_max(damage, (sent, id)) AS damage,
        arg_max(currency, (sent, id)) AS currency,
        arg_max(latitude, (sent, id)) AS latitude,
        arg_max(longitude, (sent, id)) AS longitude
    FROM message
    GROUP BY ALL
)
SELECT
    thread.source, thread.thread, thread.hazard, thread.event, thread.headline,
    thread.first_sent, thread.last_sent, thread.messages, thread.newest_id,
    coalesce(state.starts, thread.first_starts) AS starts,
    CASE WHEN state.source IS NULL AND thread.cancelled_at IS NOT NULL
        THEN least(thread.cancelled_at, coalesce(thread.last_ends, thread.cancelled_at)) ELSE state.ends END AS ends,
    state.source IS NULL AND thread.cancelled_at IS NOT NULL AS cancelled,
    ['extreme', 'severe', 'moderate', 'minor', 'unknown'][thread.worst] AS severity,
    CASE WHEN len(thread.regions) = 1 THEN thread.regions[1] END AS region,
    array_to_string(thread.regions, ' ') AS regions,
    thread.country, thread.latitude, thread.longitude, thread.magnitude, thread.damage, thread.currency
FROM thread
LEFT JOIN state ON state.source = thread.source AND state.thread = thread.thread;

COMMENT ON VIEW mart.hazard IS 'Hazards as they stand by their newest messages: one row for each thread of messages of a source. Tests and exercises are left out.';
COMMENT ON COLUMN mart.hazard.source IS 'Who was read';
COMMENT ON COLUMN mart.hazard.thread IS 'What the messages of the hazard share';
COMMENT ON COLUMN mart.hazard.hazard IS 'Katy''s word: flood, tornado, earthquake, …';
COMMENT ON COLUMN mart.hazard.event IS 'The source''s word, in the newest message';
COMMENT ON COLUMN mart.hazard.headline IS 'In one line, from the newest message';
COMMENT ON COLUMN mart.hazard.first_sent IS 'When the first message was sent (UTC)';
COMMENT ON COLUMN mart.hazard.last_sent IS 'When the newest message was sent (UTC)';
COMMENT ON COLUMN mart.hazard.messages IS 'How many messages there are';
COMMENT ON COLUMN mart.hazard.newest_id IS 'The newest message, within its source';
COMMENT ON COLUMN mart.hazard.starts IS 'Beginning, by the messages that stand (UTC)';
COMMENT ON COLUMN mart.hazard.ends IS 'End, by the messages that stand, or of the cancellation where that came first (UTC); empty where none is known';
COMMENT ON COLUMN mart.hazard.cancelled IS 'Whether all of it was cancelled';
COMMENT ON COLUMN mart.hazard.severity IS 'The worst that was said: extreme, severe, moderate, minor or unknown';
COMMENT ON COLUMN mart.hazard.region IS 'ISO 3166-2, where it is in one region';
COMMENT ON COLUMN mart.hazard.regions IS 'All its regions, separated by blanks';
COMMENT ON COLUMN mart.hazard.country IS 'ISO 3166-1 alpha-3, or as the source writes it';
COMMENT ON COLUMN mart.hazard.latitude IS 'Degrees north';
COMMENT ON COLUMN mart.hazard.longitude IS 'Degrees east';
COMMENT ON COLUMN mart.hazard.magnitude IS 'The greatest strength that was said, in the source''s unit';
COMMENT ON COLUMN mart.hazard.damage IS 'Damage to property, by the newest message that says it';
COMMENT ON COLUMN mart.hazard.currency IS 'ISO 4217';
