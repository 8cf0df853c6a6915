-- What happened to each product and category in the newest period and the one before it, source by source: events, and
-- in which proportion to each other the source's market as a whole would have brought them.
--   wanted   sold, traded or asked for; one person counts once for a product (or category) in a period
--   gone     offers that ended; `days` are the days that offers stood
CREATE OR REPLACE TEMP TABLE happened AS
WITH period AS (
    SELECT 1 AS recent, $today::DATE - $days::INTEGER AS after, $today::DATE AS until
    UNION ALL
    SELECT 0, $today::DATE - 2 * $days::INTEGER, $today::DATE - $days::INTEGER
),

listing AS (
    SELECT
        source, id, product, category,
        CASE WHEN kind IN ('sold', 'traded') THEN observed_on ELSE ended_at::DATE END AS ended_on,
        kind = 'asking' OR (kind IN ('sold', 'traded') AND n_observations > 1) AS offered,
        first_seen::DATE AS first_on,
        last_seen::DATE AS last_on
    FROM mart.listing
    WHERE product IS NOT NULL AND last_seen::DATE > $today::DATE - 2 * $days::INTEGER
),

sighting AS (
    SELECT DISTINCT
        listing.source, listing.product, listing.category, period.recent,
        coalesce(observation.seller, observation.id) AS who
    FROM mart.observation AS observation
    JOIN listing USING (source, id)
    JOIN period ON observation.observed_on > period.after AND observation.observed_on <= period.until
    WHERE observation.kind IN ('sold', 'traded', 'wanted')
),

-- How long each offer stood in each period, and whether it ended there. One that was not seen again stood until then.
stand AS (
    SELECT
        listing.source, listing.product, listing.category, period.recent,
        coalesce(listing.ended_on > period.after AND listing.ended_on <= period.until, FALSE) AS gone,
        least(coalesce(listing.ended_on, listing.last_on), period.until)
            - greatest(listing.first_on, period.after) AS days
    FROM listing
    JOIN period ON listing.first_on <= period.until AND coalesce(listing.ended_on, listing.last_on) > period.after
    WHERE listing.offered
),

wanted AS (
    SELECT 'product' AS level, product AS name, source, recent, count(*) AS events
    FROM sighting
    GROUP BY ALL
    UNION ALL
    SELECT 'category', category, source, recent, count(DISTINCT who)
    FROM sighting
    GROUP BY ALL
),

stood AS (
    SELECT 'product' AS level, product AS name, source, recent, count_if(gone) AS events, sum(days) AS days
    FROM stand
    GROUP BY ALL
    UNION ALL
    SELECT 'category', category, source, recent, count_if(gone), sum(days)
    FROM stand
    GROUP BY ALL
),

event AS (
    SELECT 'wanted' AS what, level, name, source, recent, events, 0 AS days FROM wanted
    UNION ALL
    SELECT 'gone', level, name, source, recent, events, days FROM stood
),

-- What the whole market of a source brought: so many events wanted, and so many offers gone for each day that one stood.
paced AS (
    SELECT
        *,
        CASE what
            WHEN 'wanted' THEN sum(events) OVER market
            ELSE days * sum(events) OVER market / nullif(sum(days) OVER market, 0)
        END AS market
    FROM event
    WINDOW market AS (PARTITION BY what, level, source, recent)
),

-- A period in which nothing happened to the thing has no row, but the market has one.
wanted_here AS (
    SELECT level, source, recent, sum(events) AS events FROM wanted GROUP BY ALL
)

SELECT
    what,
    level,
    name,
    source,
    coalesce(sum(paced.events) FILTER (paced.recent = 1), 0)::BIGINT AS now,
    coalesce(sum(paced.events) FILTER (paced.recent = 0), 0)::BIGINT AS before,
    coalesce(
        sum(paced.market) FILTER (paced.recent = 1), any_value(newest.events) FILTER (what = 'wanted'), 0
    )::DOUBLE AS market_now,
    coalesce(
        sum(paced.market) FILTER (paced.recent = 0), any_value(earlier.events) FILTER (what = 'wanted'), 0
    )::DOUBLE AS market_before,
    coalesce(sum(paced.days) FILTER (paced.recent = 1), 0)::DOUBLE AS days_now,
    coalesce(sum(paced.days) FILTER (paced.recent = 0), 0)::DOUBLE AS days_before
FROM paced
LEFT JOIN (FROM wanted_here WHERE recent = 1) AS newest USING (level, source)
LEFT JOIN (FROM wanted_here WHERE recent = 0) AS earlier USING (level, source)
GROUP BY what, level, name, source
