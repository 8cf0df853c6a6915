-- Parallel rates as units of the anchor for one unit of the currency they are a parallel rate of: of a pair with the
-- anchor the other side, of any other pair the quote, through the newest official rate of the base.
WITH pair AS (
    SELECT base, quote, observed_on, median(rate::DOUBLE) AS rate, string_agg(DISTINCT source, ', ' ORDER BY source) AS source
    FROM raw.fx_rate
    WHERE kind = 'parallel' AND rate > 0 AND base <> quote
    GROUP BY base, quote, observed_on
),

sided AS (
    SELECT pair.quote AS currency, pair.observed_on, 1 / pair.rate AS rate, pair.source, 1 AS preference
    FROM pair
    JOIN core.anchor AS anchor ON pair.base = anchor.currency
    UNION ALL
    SELECT pair.base, pair.observed_on, pair.rate, pair.source, 1
    FROM pair
    JOIN core.anchor AS anchor ON pair.quote = anchor.currency
    UNION ALL
    SELECT pair.quote, pair.observed_on, base.rate / pair.rate, pair.source, 2
    FROM pair
    JOIN core.anchor AS anchor ON anchor.currency NOT IN (pair.base, pair.quote)
    ASOF JOIN core.fx_official AS base ON base.currency = pair.base AND pair.observed_on >= base.observed_on
    WHERE pair.observed_on - base.observed_on <= 7
),

best AS (
    FROM sided
    QUALIFY preference = min(preference) OVER (PARTITION BY currency, observed_on)
)

SELECT
    currency,
    date_diff('day', DATE '1970-01-01', observed_on) AS day,
    median(rate) AS rate,
    any_value(source) AS source
FROM best
GROUP BY currency, observed_on
ORDER BY currency, observed_on
