-- One row per listing, day and kind, wanted posts too: what stood where, what was sold, when it ended as far as is known.
SELECT
    o.source || '/' || o.id AS listing,
    i.category,
    o.region,
    o.kind,
    date_diff('day', DATE '1970-01-01', o.observed_on) AS day,
    date_diff('day', DATE '1970-01-01', max(CAST(o.ended_at AT TIME ZONE 'UTC' AS DATE))) AS ended
FROM core.observation AS o
JOIN core.identity AS i USING (source, id)
WHERE o.observed_on <= ?
GROUP BY ALL
ORDER BY listing, day, o.kind
