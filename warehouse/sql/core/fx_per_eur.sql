-- What one euro bought on each day for which an official rate was published: the common measure for cross rates.
-- A pair with the euro gives it at once; any other pair gives it through the side that is known on that day.
CREATE OR REPLACE TABLE core.fx_per_eur AS
WITH pair AS (
    SELECT base, quote, observed_on, median(rate::DOUBLE) AS rate
    FROM raw.fx_rate
    WHERE kind = 'official' AND rate > 0 AND base <> quote
    GROUP BY base, quote, observed_on
),

at_once AS (
    SELECT quote AS currency, observed_on, rate AS per_eur, 1 AS steps FROM pair WHERE base = 'EUR'
    UNION ALL
    SELECT base, observed_on, 1 / rate, 1 FROM pair WHERE quote = 'EUR'
),

through_another AS (
    SELECT pair.quote AS currency, pair.observed_on, known.per_eur * pair.rate AS per_eur, 2 AS steps
    FROM pair
    JOIN at_once AS known ON known.currency = pair.base AND known.observed_on = pair.observed_on
    WHERE pair.quote <> 'EUR'
    UNION ALL
    SELECT pair.base, pair.observed_on, known.per_eur / pair.rate, 2
    FROM pair
    JOIN at_once AS known ON known.currency = pair.quote AND known.observed_on = pair.observed_on
    WHERE pair.base <> 'EUR'
),

every_way AS (
    FROM at_once
    UNION ALL
    FROM through_another
),

-- The shortest way counts; ways of equal length are met in the middle.
shortest AS (
    FROM every_way
    QUALIFY steps = min(steps) OVER (PARTITION BY currency, observed_on)
)

SELECT currency, observed_on, median(per_eur) AS per_eur
FROM shortest
GROUP BY currency, observed_on
ORDER BY currency, observed_on;

COMMENT ON TABLE core.fx_per_eur IS 'Units of each currency for one euro, by day; official rates, the euro itself left out.';
COMMENT ON COLUMN core.fx_per_eur.currency IS 'ISO 4217';
COMMENT ON COLUMN core.fx_per_eur.observed_on IS 'The day the rate belongs to';
COMMENT ON COLUMN core.fx_per_eur.per_eur IS 'Units of currency for 1 EUR';
