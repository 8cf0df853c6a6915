-- Every observation, ready to be read: one row for each time a listing was seen.
CREATE OR REPLACE VIEW mart.observation AS
SELECT
    observation.source,
    observation.id,
    observation.kind,
    observation.title,
    observation.price,
    observation.currency,
    observation.observed_at,
    observation.observed_on,
    observation.price_anchor,
    observation.list_price,
    observation.list_price_anchor,
    anchor.currency AS anchor,
    observation.rate,
    observation.rate_age_days,
    observation.condition,
    observation.category,
    observation.brand,
    observation.gtin,
    observation.mpn,
    observation.quantity,
    observation.unit,
    observation.seller,
    observation.region,
    observation.place,
    observation.url,
    observation.image,
    observation.description,
    observation.ended_at,
    observation.attributes,
    observation.found_at,
    observation.price_path,
    observation.run,
    observation.loaded_at
FROM core.observation AS observation
CROSS JOIN core.anchor AS anchor;

COMMENT ON VIEW mart.observation IS 'Every observation of every listing: one row for each (source, id, observed_at, price, kind).';
COMMENT ON COLUMN mart.observation.source IS 'Where it was read: the name given at import, or the name of the agent';
COMMENT ON COLUMN mart.observation.id IS 'The listing within its source';
COMMENT ON COLUMN mart.observation.kind IS 'asking, sold, wanted or traded';
COMMENT ON COLUMN mart.observation.title IS 'The offer in the seller''s words';
COMMENT ON COLUMN mart.observation.price IS 'For the whole of what is offered, in currency';
COMMENT ON COLUMN mart.observation.currency IS 'ISO 4217';
COMMENT ON COLUMN mart.observation.observed_at IS 'Market time (UTC): when the offer stood or the sale was made';
COMMENT ON COLUMN mart.observation.observed_on IS 'The day of observed_at in UTC';
COMMENT ON COLUMN mart.observation.price_anchor IS 'Price in the anchor currency; empty where no exchange rate is known';
COMMENT ON COLUMN mart.observation.list_price IS 'Manufacturer''s or original price, in currency';
COMMENT ON COLUMN mart.observation.list_price_anchor IS 'List price in the anchor currency; empty where unknown';
COMMENT ON COLUMN mart.observation.anchor IS 'The currency values are formed in, ISO 4217';
COMMENT ON COLUMN mart.observation.rate IS 'Units of the anchor currency for 1 unit of currency: the newest rate that people pay, on or before the day';
COMMENT ON COLUMN mart.observation.rate_age_days IS 'How many days older than the observation the rate is';
COMMENT ON COLUMN mart.observation.condition IS 'In the source''s words';
COMMENT ON COLUMN mart.observation.category IS 'In the source''s words';
COMMENT ON COLUMN mart.observation.brand IS 'In the source''s words';
COMMENT ON COLUMN mart.observation.gtin IS 'Global Trade Item Number (EAN, UPC, ISBN-13)';
COMMENT ON COLUMN mart.observation.mpn IS 'Manufacturer part number';
COMMENT ON COLUMN mart.observation.quantity IS 'How much is offered, in unit';
COMMENT ON COLUMN mart.observation.unit IS 'Unit of quantity';
COMMENT ON COLUMN mart.observation.seller IS 'Pseudonym: the same for the same seller of one source';
COMMENT ON COLUMN mart.observation.region IS 'ISO 3166-2, or the source''s own words';
COMMENT ON COLUMN mart.observation.place IS 'Place in the source''s words';
COMMENT ON COLUMN mart.observation.url IS 'The original, where there is one';
COMMENT ON COLUMN mart.observation.image IS 'URL of a picture';
COMMENT ON COLUMN mart.observation.description IS 'The longer text';
COMMENT ON COLUMN mart.observation.ended_at IS 'When the offer ended (UTC)';
COMMENT ON COLUMN mart.observation.attributes IS 'JSON object of every field without a name of its own';
COMMENT ON COLUMN mart.observation.found_at IS 'Where a person finds the original: file and line, or URL';
COMMENT ON COLUMN mart.observation.price_path IS 'Which part of the original the price was read from';
COMMENT ON COLUMN mart.observation.run IS 'The run that read it';
COMMENT ON COLUMN mart.observation.loaded_at IS 'When it came into the warehouse';
