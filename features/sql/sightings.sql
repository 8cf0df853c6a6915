-- Wordings of listings from which labels can come: with a number, or of a listing that was worded in several ways. So
-- many of each month, by lot, because a month's labels must not depend on how much was seen later.
WITH worded AS (
    SELECT DISTINCT ON (source, id, title) *
    FROM core.observation
    ORDER BY source, id, title, observed_at, run, row
),

telling AS (
    SELECT *, count(*) OVER (PARTITION BY source, id) AS wordings
    FROM worded
)

SELECT
    source || '/' || id AS listing,
    date_diff('day', DATE '1970-01-01', CAST(observed_on AS DATE)) AS day,
    title,
    brand,
    left(description, 400) AS description,
    price_anchor AS price,
    gtin,
    mpn
FROM telling
WHERE gtin IS NOT NULL OR mpn IS NOT NULL OR wordings > 1
QUALIFY row_number() OVER (
    PARTITION BY date_trunc('month', observed_on)
    ORDER BY md5(source || '/' || id), observed_at, title
) <= 3000
ORDER BY day, listing, title
