-- The columns follow from warehouse.records; here is what they mean.
COMMENT ON TABLE raw.photo_look IS 'What the photos of listings look like, as a few hundred bits. No picture is kept.';
COMMENT ON COLUMN raw.photo_look.source IS 'Who looked: the name of a visit or of an import';
COMMENT ON COLUMN raw.photo_look.of_source IS 'The listing''s source';
COMMENT ON COLUMN raw.photo_look.id IS 'The listing within its source';
COMMENT ON COLUMN raw.photo_look.image IS 'The photo''s address as the listing has it, or its file''s name';
COMMENT ON COLUMN raw.photo_look.phash IS 'Perceptual hash: 64 bits as hexadecimal digits';
COMMENT ON COLUMN raw.photo_look.dhash IS 'Difference hash: 256 bits as hexadecimal digits';
COMMENT ON COLUMN raw.photo_look.colour IS 'Hash of the colours: 42 bits as hexadecimal digits';
COMMENT ON COLUMN raw.photo_look.width IS 'In pixels, upright';
COMMENT ON COLUMN raw.photo_look.height IS 'In pixels, upright';
COMMENT ON COLUMN raw.photo_look.observed_at IS 'When it was looked at (UTC)';
COMMENT ON COLUMN raw.photo_look.run IS 'The run that looked';
COMMENT ON COLUMN raw.photo_look.row IS 'Number of the row within its run';
COMMENT ON COLUMN raw.photo_look.found_at IS 'Where a person finds the photo: address, or file and line';
COMMENT ON COLUMN raw.photo_look.loaded_at IS 'When it was loaded, by this installation''s clock';
