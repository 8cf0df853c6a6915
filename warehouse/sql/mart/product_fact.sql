-- Each article as its source describes it now.
CREATE OR REPLACE VIEW mart.product_fact AS
SELECT source, id AS gtin, title, brand, category, quantity, unit, image, url, attributes, observed_at, found_at
FROM raw.product_fact
QUALIFY row_number() OVER (PARTITION BY source, id ORDER BY observed_at DESC, run DESC, "row" DESC) = 1;

COMMENT ON VIEW mart.product_fact IS 'What articles are, by GTIN: one row for each source and article, as it was last described.';
COMMENT ON COLUMN mart.product_fact.source IS 'Who says so';
COMMENT ON COLUMN mart.product_fact.gtin IS 'Global Trade Item Number (EAN, UPC, ISBN-13)';
COMMENT ON COLUMN mart.product_fact.title IS 'The article in the source''s words';
COMMENT ON COLUMN mart.product_fact.brand IS 'In the source''s words';
COMMENT ON COLUMN mart.product_fact.category IS 'In the source''s words';
COMMENT ON COLUMN mart.product_fact.quantity IS 'How much is in it, in unit';
COMMENT ON COLUMN mart.product_fact.unit IS 'The unit of quantity: g, ml';
COMMENT ON COLUMN mart.product_fact.image IS 'URL of a picture';
COMMENT ON COLUMN mart.product_fact.url IS 'The original, where there is one';
COMMENT ON COLUMN mart.product_fact.attributes IS 'JSON object of every field without a name of its own';
COMMENT ON COLUMN mart.product_fact.observed_at IS 'When the source last changed the fact, or when it was read (UTC)';
COMMENT ON COLUMN mart.product_fact.found_at IS 'Where a person finds the original';
