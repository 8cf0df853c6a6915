-- Every exchange rate as it was published, of whatever kind; beside it what the pair was officially worth that day, and
-- by how much the rate stands above that.
CREATE OR REPLACE VIEW mart.fx_quote AS
WITH official_pair AS (
    SELECT base, quote, observed_on, rate::DOUBLE AS rate FROM raw.fx_rate WHERE kind = 'official' AND rate > 0
    UNION ALL
    SELECT quote, base, observed_on, 1 / rate::DOUBLE FROM raw.fx_rate WHERE kind = 'official' AND rate > 0
),

-- Published for the pair itself, either way round; several sources are met in the middle.
direct AS (
    SELECT base, quote, observed_on, median(rate) AS rate
    FROM official_pair
    GROUP BY base, quote, observed_on
),

per_eur AS (
    FROM core.fx_per_eur
    UNION ALL
    SELECT DISTINCT 'EUR', observed_on, 1.0 FROM core.fx_per_eur
),

rated AS (
    SELECT
        fx.*,
        -- A cross rate through the euro where the pair itself was not published that day.
        coalesce(direct.rate, quoted.per_eur / based.per_eur) AS official
    FROM raw.fx_rate AS fx
    LEFT JOIN direct USING (base, quote, observed_on)
    LEFT JOIN per_eur AS quoted ON quoted.currency = fx.quote AND quoted.observed_on = fx.observed_on
    LEFT JOIN per_eur AS based ON based.currency = fx.base AND based.observed_on = fx.observed_on
)

SELECT
    source,
    base,
    quote,
    kind,
    observed_on,
    rate,
    official,
    CASE WHEN kind <> 'official' THEN rate::DOUBLE / official - 1 END AS premium,
    found_at,
    run,
    loaded_at
FROM rated;

COMMENT ON VIEW mart.fx_quote IS 'Exchange rates as published, official, parallel and implied: one row for each pair, kind and day of a source.';
COMMENT ON COLUMN mart.fx_quote.source IS 'Who was read';
COMMENT ON COLUMN mart.fx_quote.base IS 'The currency that is worth rate units of quote, ISO 4217';
COMMENT ON COLUMN mart.fx_quote.quote IS 'ISO 4217';
COMMENT ON COLUMN mart.fx_quote.kind IS 'official; parallel: what is paid on the street; implied: what the prices of one good on both sides come to, at which nobody changes money';
COMMENT ON COLUMN mart.fx_quote.observed_on IS 'The day the rate belongs to';
COMMENT ON COLUMN mart.fx_quote.rate IS 'Units of quote for one unit of base';
COMMENT ON COLUMN mart.fx_quote.official IS 'The official rate of that day: of the pair (median of the sources), else through the euro; empty where there is none';
COMMENT ON COLUMN mart.fx_quote.premium IS 'rate divided by official, less 1: 0.86 where a unit of base costs 86 % more than officially; empty for official rates';
COMMENT ON COLUMN mart.fx_quote.found_at IS 'Where a person finds the original';
COMMENT ON COLUMN mart.fx_quote.run IS 'The run that read it';
COMMENT ON COLUMN mart.fx_quote.loaded_at IS 'When it came into the warehouse';
