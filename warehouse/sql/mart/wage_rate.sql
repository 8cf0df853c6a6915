-- What an hour of an occupation is paid. A figure that is missing was suppressed or is above the highest one published.
CREATE OR REPLACE VIEW mart.wage_rate AS
SELECT
    source,
    occupation,
    scheme,
    title,
    area,
    place,
    region,
    period,
    period = max(period) OVER (PARTITION BY source, occupation, area) AS is_newest,
    mean,
    p10,
    p25,
    median,
    p75,
    p90,
    currency,
    employment,
    json_extract_string(attributes, '$.hourly_from') IS NOT NULL AS from_yearly,
    list_contains(json_extract_string(attributes, '$.*'), '#') AS top_coded,
    attributes,
    found_at,
    run,
    loaded_at
FROM raw.wage_rate;

COMMENT ON VIEW mart.wage_rate IS 'What an hour of an occupation is paid: one row for each occupation, area and period of a source.';
COMMENT ON COLUMN mart.wage_rate.source IS 'Who was read';
COMMENT ON COLUMN mart.wage_rate.occupation IS 'Code of the occupation';
COMMENT ON COLUMN mart.wage_rate.scheme IS 'The classification the code is of';
COMMENT ON COLUMN mart.wage_rate.title IS 'Name of the occupation';
COMMENT ON COLUMN mart.wage_rate.area IS 'The source''s code of the area';
COMMENT ON COLUMN mart.wage_rate.place IS 'Name of the area';
COMMENT ON COLUMN mart.wage_rate.region IS 'ISO 3166-2 or a country''s code; empty for an area that is neither';
COMMENT ON COLUMN mart.wage_rate.period IS 'First day of the reference month';
COMMENT ON COLUMN mart.wage_rate.is_newest IS 'Whether it is the newest of this occupation and area';
COMMENT ON COLUMN mart.wage_rate.mean IS 'Mean per hour, in currency';
COMMENT ON COLUMN mart.wage_rate.p10 IS '10th percentile per hour';
COMMENT ON COLUMN mart.wage_rate.p25 IS '25th percentile per hour';
COMMENT ON COLUMN mart.wage_rate.median IS 'Median per hour';
COMMENT ON COLUMN mart.wage_rate.p75 IS '75th percentile per hour';
COMMENT ON COLUMN mart.wage_rate.p90 IS '90th percentile per hour';
COMMENT ON COLUMN mart.wage_rate.currency IS 'ISO 4217';
COMMENT ON COLUMN mart.wage_rate.employment IS 'Persons employed';
COMMENT ON COLUMN mart.wage_rate.from_yearly IS 'Only a yearly wage was published; per hour it is a 2080th of that, too little for who works less than full time all year';
COMMENT ON COLUMN mart.wage_rate.top_coded IS 'A figure is missing because it is above the highest one published';
COMMENT ON COLUMN mart.wage_rate.attributes IS 'JSON object of every field without a name of its own: the signs that stood for missing figures';
COMMENT ON COLUMN mart.wage_rate.found_at IS 'Where a person finds the original';
COMMENT ON COLUMN mart.wage_rate.run IS 'The run that read it';
COMMENT ON COLUMN mart.wage_rate.loaded_at IS 'When it came into the warehouse';
