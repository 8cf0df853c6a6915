-- The published history of levels as it was landed; rows are never revised.
CREATE OR REPLACE TABLE core.level AS
FROM raw.published_level
ORDER BY unit, period, published_at, snapshot;

COMMENT ON TABLE core.level IS 'The history of published market levels, as landed: each publication of each period.';
