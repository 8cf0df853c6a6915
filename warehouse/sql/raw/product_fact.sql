-- The columns follow from warehouse.records; here is what they mean.
COMMENT ON TABLE raw.product_fact IS 'What articles are, by their numbers: names, brands, quantities. A changed fact is a row of its own.';
COMMENT ON COLUMN raw.product_fact.source IS 'Who was read';
COMMENT ON COLUMN raw.product_fact.id IS 'The article''s GTIN (EAN, UPC, ISBN-13)';
COMMENT ON COLUMN raw.product_fact.title IS 'The article in the source''s words';
COMMENT ON COLUMN raw.product_fact.observed_at IS 'When the source last changed the fact, or when it was read (UTC)';
COMMENT ON COLUMN raw.product_fact.brand IS 'In the source''s words';
COMMENT ON COLUMN raw.product_fact.category IS 'In the source''s words';
COMMENT ON COLUMN raw.product_fact.quantity IS 'How much is in it, in unit';
COMMENT ON COLUMN raw.product_fact.unit IS 'The unit of quantity: g, ml';
COMMENT ON COLUMN raw.product_fact.image IS 'URL of a picture';
COMMENT ON COLUMN raw.product_fact.url IS 'The original, where there is one';
COMMENT ON COLUMN raw.product_fact.attributes IS 'JSON object of every field without a name of its own';
COMMENT ON COLUMN raw.product_fact.run IS 'The run that read it';
COMMENT ON COLUMN raw.product_fact.row IS 'Number of the row within its run';
COMMENT ON COLUMN raw.product_fact.found_at IS 'Where a person finds the original: file and line, or address';
COMMENT ON COLUMN raw.product_fact.loaded_at IS 'When it was loaded, by this installation''s clock';
