-- Each listing as it was last seen, with what it is understood to be an example of.
CREATE OR REPLACE TABLE mart.listing AS
WITH newest AS (
    FROM mart.observation
    QUALIFY row_number() OVER (
        PARTITION BY source, id
        -- Seen asking and sold at the same moment: sold is the later truth.
        ORDER BY observed_at DESC, (kind = 'sold') DESC, kind, price
    ) = 1
),

seen AS (
    SELECT source, id, min(observed_at) AS first_seen, max(observed_at) AS last_seen, count(*) AS n_observations
    FROM core.observation
    GROUP BY source, id
)

SELECT
    newest.source,
    newest.id,
    newest.kind,
    newest.title,
    newest.price,
    newest.currency,
    newest.observed_at,
    newest.observed_on,
    newest.price_anchor,
    newest.list_price,
    newest.list_price_anchor,
    newest.anchor,
    newest.rate,
    newest.rate_age_days,
    newest.condition,
    newest.category AS source_category,
    newest.brand,
    newest.gtin,
    newest.mpn,
    newest.quantity,
    newest.unit,
    newest.seller,
    newest.region,
    newest.place,
    newest.url,
    newest.image,
    newest.description,
    newest.ended_at,
    newest.attributes,
    newest.found_at,
    newest.price_path,
    newest.run,
    newest.loaded_at,
    seen.first_seen,
    seen.last_seen,
    seen.n_observations,
    identity.product,
    identity.category,
    identity.grade
FROM newest
JOIN seen USING (source, id)
LEFT JOIN core.identity AS identity USING (source, id)
ORDER BY newest.source, newest.id;

COMMENT ON TABLE mart.listing IS 'Each listing as it was last seen: one row for each (source, id).';
COMMENT ON COLUMN mart.listing.source IS 'Where it was read: the name given at import, or the name of the agent';
COMMENT ON COLUMN mart.listing.id IS 'The listing within its source';
COMMENT ON COLUMN mart.listing.kind IS 'asking, sold, wanted or traded';
COMMENT ON COLUMN mart.listing.title IS 'The offer in the seller''s words';
COMMENT ON COLUMN mart.listing.price IS 'For the whole of what is offered, in currency';
COMMENT ON COLUMN mart.listing.currency IS 'ISO 4217';
COMMENT ON COLUMN mart.listing.observed_at IS 'Market time (UTC): when the offer stood or the sale was made';
COMMENT ON COLUMN mart.listing.observed_on IS 'The day of observed_at in UTC';
COMMENT ON COLUMN mart.listing.price_anchor IS 'Price in the anchor currency; empty where no exchange rate is known';
COMMENT ON COLUMN mart.listing.list_price IS 'Manufacturer''s or original price, in currency';
COMMENT ON COLUMN mart.listing.list_price_anchor IS 'List price in the anchor currency; empty where unknown';
COMMENT ON COLUMN mart.listing.anchor IS 'The currency values are formed in, ISO 4217';
COMMENT ON COLUMN mart.listing.rate IS 'Units of the anchor currency for 1 unit of currency: the newest rate that people pay, on or before the day';
COMMENT ON COLUMN mart.listing.rate_age_days IS 'How many days older than the observation the rate is';
COMMENT ON COLUMN mart.listing.condition IS 'In the source''s words';
COMMENT ON COLUMN mart.listing.source_category IS 'Category in the source''s words';
COMMENT ON COLUMN mart.listing.brand IS 'In the source''s words';
COMMENT ON COLUMN mart.listing.gtin IS 'Global Trade Item Number (EAN, UPC, ISBN-13)';
COMMENT ON COLUMN mart.listing.mpn IS 'Manufacturer part number';
COMMENT ON COLUMN mart.listing.quantity IS 'How much is offered, in unit';
COMMENT ON COLUMN mart.listing.unit IS 'Unit of quantity';
COMMENT ON COLUMN mart.listing.seller IS 'Pseudonym: the same for the same seller of one source';
COMMENT ON COLUMN mart.listing.region IS 'ISO 3166-2, or the source''s own words';
COMMENT ON COLUMN mart.listing.place IS 'Place in the source''s words';
COMMENT ON COLUMN mart.listing.url IS 'The original, where there is one';
COMMENT ON COLUMN mart.listing.image IS 'URL of a picture';
COMMENT ON COLUMN mart.listing.description IS 'The longer text';
COMMENT ON COLUMN mart.listing.ended_at IS 'When the offer ended (UTC)';
COMMENT ON COLUMN mart.listing.attributes IS 'JSON object of every field without a name of its own';
COMMENT ON COLUMN mart.listing.found_at IS 'Where a person finds the original: file and line, or URL';
COMMENT ON COLUMN mart.listing.price_path IS 'Which part of the original the price was read from';
COMMENT ON COLUMN mart.listing.run IS 'The run that read it';
COMMENT ON COLUMN mart.listing.loaded_at IS 'When it came into the warehouse';
COMMENT ON COLUMN mart.listing.first_seen IS 'First observation (UTC)';
COMMENT ON COLUMN mart.listing.last_seen IS 'Last observation (UTC)';
COMMENT ON COLUMN mart.listing.n_observations IS 'How often it was seen';
COMMENT ON COLUMN mart.listing.product IS 'The product it is an example of; empty where not understood';
COMMENT ON COLUMN mart.listing.category IS 'The category of that product';
COMMENT ON COLUMN mart.listing.grade IS 'Its condition on the common scale';
