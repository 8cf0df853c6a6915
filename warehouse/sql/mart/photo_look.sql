-- Each photo of a listing, once. What it shows now under the same address was not looked at again.
CREATE OR REPLACE VIEW mart.photo_look AS
SELECT
    of_source AS source,
    id,
    image,
    phash,
    dhash,
    colour,
    width,
    height,
    observed_at,
    CAST(observed_at AT TIME ZONE 'UTC' AS DATE) AS observed_on,
    found_at
FROM raw.photo_look;

COMMENT ON VIEW mart.photo_look IS 'What the photos of listings look like: one row for each listing and photo. No picture is kept.';
COMMENT ON COLUMN mart.photo_look.source IS 'The listing''s source';
COMMENT ON COLUMN mart.photo_look.id IS 'The listing within its source';
COMMENT ON COLUMN mart.photo_look.image IS 'The photo''s address as the listing has it, or its file''s name';
COMMENT ON COLUMN mart.photo_look.phash IS 'Perceptual hash: 64 bits as hexadecimal digits; equal photos differ in few of them';
COMMENT ON COLUMN mart.photo_look.dhash IS 'Difference hash: 256 bits as hexadecimal digits';
COMMENT ON COLUMN mart.photo_look.colour IS 'Hash of the colours: 42 bits as hexadecimal digits';
COMMENT ON COLUMN mart.photo_look.width IS 'In pixels, upright';
COMMENT ON COLUMN mart.photo_look.height IS 'In pixels, upright';
COMMENT ON COLUMN mart.photo_look.observed_at IS 'When it was looked at (UTC): nothing before may depend on it';
COMMENT ON COLUMN mart.photo_look.observed_on IS 'The day of observed_at in UTC';
COMMENT ON COLUMN mart.photo_look.found_at IS 'Where a person finds the photo';
