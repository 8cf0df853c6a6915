-- What each listing is an example of. The features step fills it; without that step it is there and empty.
CREATE TABLE IF NOT EXISTS core.identity (
    source VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    product VARCHAR,
    category VARCHAR,
    grade VARCHAR
);

-- A warehouse may have the table as it was before these.
ALTER TABLE core.identity ADD COLUMN IF NOT EXISTS key VARCHAR;
ALTER TABLE core.identity ADD COLUMN IF NOT EXISTS category_how VARCHAR;
ALTER TABLE core.identity ADD COLUMN IF NOT EXISTS category_confidence DOUBLE;

COMMENT ON TABLE core.identity IS 'What each listing is an example of, as understood from its words: one row a listing.';
COMMENT ON COLUMN core.identity.source IS 'The listing''s source';
COMMENT ON COLUMN core.identity.id IS 'The listing within its source';
COMMENT ON COLUMN core.identity.product IS 'The product it is an example of now; core.product_link has which it was when';
COMMENT ON COLUMN core.identity.category IS 'The category of that product';
COMMENT ON COLUMN core.identity.grade IS 'Its condition on the common scale';
COMMENT ON COLUMN core.identity.key IS 'What its identifiers, model codes or words make of it by themselves';
COMMENT ON COLUMN core.identity.category_how IS 'How the category is known: stated, noun, name, fits, weak, guessed or nothing';
COMMENT ON COLUMN core.identity.category_confidence IS 'The classifier''s, where the category is guessed';
