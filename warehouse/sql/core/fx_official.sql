-- What one unit of each currency is officially worth in the anchor, for each day with a rate. A published pair with the
-- anchor comes before a cross rate through the euro. The anchor itself has no row: it is worth 1 on every day.
CREATE OR REPLACE TABLE core.fx_official AS
WITH anchor AS (
    SELECT currency FROM core.anchor
),

direct AS (
    SELECT pair.base AS currency, pair.observed_on, pair.rate::DOUBLE AS rate, 1 AS preference, pair.source
    FROM raw.fx_rate AS pair
    JOIN anchor ON pair.quote = anchor.currency
    WHERE pair.kind = 'official' AND pair.rate > 0
    UNION ALL
    SELECT pair.quote, pair.observed_on, 1 / pair.rate::DOUBLE, 1, pair.source
    FROM raw.fx_rate AS pair
    JOIN anchor ON pair.base = anchor.currency
    WHERE pair.kind = 'official' AND pair.rate > 0
),

-- The euro's own days are those of the anchor's rate.
per_eur AS (
    FROM core.fx_per_eur
    UNION ALL
    SELECT DISTINCT 'EUR', observed_on, 1.0 FROM core.fx_per_eur
),

anchor_per_eur AS (
    SELECT per_eur.* FROM per_eur JOIN anchor USING (currency)
),

-- Two sources may publish on different days: take the anchor's newest rate that is at most a week older.
crossed AS (
    SELECT per_eur.currency, per_eur.observed_on, anchor_per_eur.per_eur / per_eur.per_eur AS rate, 2 AS preference,
        'cross rate through the euro' AS source
    FROM per_eur
    ASOF JOIN anchor_per_eur ON per_eur.observed_on >= anchor_per_eur.observed_on
    WHERE per_eur.observed_on - anchor_per_eur.observed_on <= 7
),

every_way AS (
    FROM direct
    UNION ALL
    FROM crossed
),

best AS (
    FROM every_way
    QUALIFY preference = min(preference) OVER (PARTITION BY currency, observed_on)
)

SELECT best.currency, best.observed_on, median(best.rate) AS rate,
    string_agg(DISTINCT best.source, ', ' ORDER BY best.source) AS source
FROM best
ANTI JOIN anchor ON best.currency = anchor.currency
GROUP BY best.currency, best.observed_on
ORDER BY best.currency, best.observed_on;

COMMENT ON TABLE core.fx_official IS 'What one unit of a currency is officially worth in the anchor currency, by day.';
COMMENT ON COLUMN core.fx_official.currency IS 'ISO 4217';
COMMENT ON COLUMN core.fx_official.observed_on IS 'The day the rate belongs to';
COMMENT ON COLUMN core.fx_official.rate IS 'Units of the anchor currency for 1 unit of currency';
COMMENT ON COLUMN core.fx_official.source IS 'Who published it, or that it is a cross rate through the euro';
