-- Each key with the words it was first seen in: the listings whose first observation gave it, the earliest of them.
WITH first_seen AS (
    SELECT DISTINCT ON (source, id) *
    FROM core.observation
    ORDER BY source, id, observed_at, run, row
)

SELECT DISTINCT ON (keyed.key)
    keyed.key,
    date_diff('day', DATE '1970-01-01', CAST(first_seen.observed_on AS DATE)) AS day,
    first_seen.title,
    first_seen.brand,
    left(first_seen.description, 400) AS description,
    keyed.category,
    first_seen.price_anchor AS price,
    first_seen.gtin,
    first_seen.mpn,
    first_seen.attributes
FROM first_seen
JOIN keyed USING (source, id)
WHERE keyed.key IS NOT NULL
ORDER BY keyed.key, first_seen.observed_at, first_seen.source, first_seen.id
