-- Links with the day before which each holds: until the next link of the same key. Of several links of one day the last
-- decided counts.
CREATE OR REPLACE TABLE core.product_link AS
WITH last_of_day AS (
    FROM raw.product_link
    QUALIFY row_number() OVER (PARTITION BY product_key, day ORDER BY decided_at DESC, run DESC, row DESC) = 1
)

SELECT
    product_key,
    product,
    day,
    lead(day) OVER (PARTITION BY product_key ORDER BY day) AS until,
    how,
    why,
    probability,
    model,
    decided_at
FROM last_of_day
ORDER BY product_key, day;

COMMENT ON TABLE core.product_link IS 'Which product each key belongs to: one row for each span of days.';
COMMENT ON COLUMN core.product_link.product_key IS 'The key of the listings';
COMMENT ON COLUMN core.product_link.product IS 'The product: the key that founded it';
COMMENT ON COLUMN core.product_link.day IS 'The first day it holds on (UTC)';
COMMENT ON COLUMN core.product_link.until IS 'The first day it holds no more; empty while it holds';
COMMENT ON COLUMN core.product_link.how IS 'founded, exact, matched, merged, split or person';
COMMENT ON COLUMN core.product_link.why IS 'The reason, in words';
COMMENT ON COLUMN core.product_link.probability IS 'Of being the same product';
COMMENT ON COLUMN core.product_link.model IS 'The scorer that judged';
COMMENT ON COLUMN core.product_link.decided_at IS 'When it was decided';
