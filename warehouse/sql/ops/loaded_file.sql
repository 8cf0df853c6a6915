-- One line for each landing file that has been loaded; written in the transaction that loads it.
CREATE TABLE ops.loaded_file (
    path VARCHAR PRIMARY KEY,
    record VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    run VARCHAR NOT NULL,
    rows BIGINT NOT NULL,
    loaded BIGINT NOT NULL,
    known BIGINT NOT NULL,
    loaded_at TIMESTAMPTZ NOT NULL,
    CHECK (rows = loaded + known)
);
COMMENT ON TABLE ops.loaded_file IS 'The landing files that have been loaded, one line each. rows = loaded + known.';
COMMENT ON COLUMN ops.loaded_file.path IS 'The file, below the landing folder';
COMMENT ON COLUMN ops.loaded_file.record IS 'The kind of record it holds: listing, fx_rate, quarantine, …';
COMMENT ON COLUMN ops.loaded_file.source IS 'The source that was read';
COMMENT ON COLUMN ops.loaded_file.run IS 'The run that read it';
COMMENT ON COLUMN ops.loaded_file.rows IS 'Rows in the file';
COMMENT ON COLUMN ops.loaded_file.loaded IS 'Rows that were new';
COMMENT ON COLUMN ops.loaded_file.known IS 'Rows whose key was already in the warehouse, or earlier in the file';
COMMENT ON COLUMN ops.loaded_file.loaded_at IS 'When it was loaded, by this installation''s clock';
