-- The one currency that values are formed in.
CREATE OR REPLACE TABLE core.anchor AS SELECT getvariable('anchor')::VARCHAR AS currency;

COMMENT ON TABLE core.anchor IS 'The currency that values are formed in: one row.';
COMMENT ON COLUMN core.anchor.currency IS 'ISO 4217';
