-- The columns follow from warehouse.records; here is what they mean.
COMMENT ON TABLE raw.product_link IS 'Which product the listings of one wording are examples of, from which day on. Rows are only ever added.';
COMMENT ON COLUMN raw.product_link.source IS 'Who decided: always matching';
COMMENT ON COLUMN raw.product_link.product_key IS 'The key of the listings: from their identifiers, model codes or words';
COMMENT ON COLUMN raw.product_link.product IS 'The product: the key that founded it';
COMMENT ON COLUMN raw.product_link.day IS 'From when on it holds (UTC)';
COMMENT ON COLUMN raw.product_link.how IS 'founded, exact, matched, merged, split or person';
COMMENT ON COLUMN raw.product_link.why IS 'The reason, in words';
COMMENT ON COLUMN raw.product_link.decided_at IS 'When it was decided, by this installation''s clock';
COMMENT ON COLUMN raw.product_link.probability IS 'Of being the same product; empty where nothing was compared';
COMMENT ON COLUMN raw.product_link.model IS 'The scorer that judged; empty where none did';
COMMENT ON COLUMN raw.product_link.run IS 'The run that decided it';
COMMENT ON COLUMN raw.product_link.row IS 'Number of the row within its run';
COMMENT ON COLUMN raw.product_link.loaded_at IS 'When it was loaded, by this installation''s clock';
