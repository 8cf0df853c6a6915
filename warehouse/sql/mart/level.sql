-- The level of each unit and period as it was published last, this snapshot's own included.
CREATE OR REPLACE TABLE mart.level AS
WITH history AS (
    SELECT unit, period, days, raw, published, evidence, reconstructed, snapshot, published_at FROM core.level
    UNION ALL
    SELECT unit, period, days, raw, published, evidence, reconstructed, 'this snapshot', published_at
    FROM core.level_now
)

SELECT
    unit, period, days, raw, published, exp(published) AS published_ratio, evidence, reconstructed, snapshot, published_at
FROM history
QUALIFY row_number() OVER (PARTITION BY unit, period ORDER BY published_at DESC, snapshot DESC) = 1
ORDER BY unit, period;

COMMENT ON TABLE mart.level IS 'How the market stood: one row for each unit and period, as last published.';
COMMENT ON COLUMN mart.level.unit IS 'What the level belongs to: all, category:…, segment:…|region, product:…';
COMMENT ON COLUMN mart.level.period IS 'First day of the calendar period';
COMMENT ON COLUMN mart.level.days IS 'Length of the period';
COMMENT ON COLUMN mart.level.raw IS 'Natural log, before dampening';
COMMENT ON COLUMN mart.level.published IS 'Natural log, after dampening';
COMMENT ON COLUMN mart.level.published_ratio IS 'exp(published): for areas of the market the multiple of the reference, for a product its price in the anchor currency';
COMMENT ON COLUMN mart.level.evidence IS 'Distinct sellers seen in the period';
COMMENT ON COLUMN mart.level.reconstructed IS 'Replayed from before the first publication';
COMMENT ON COLUMN mart.level.snapshot IS 'The publication that said so';
COMMENT ON COLUMN mart.level.published_at IS 'When (UTC)';
