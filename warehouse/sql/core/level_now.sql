-- The levels of the run at work, before they have a snapshot to belong to. The pipeline fills it.
CREATE TABLE IF NOT EXISTS core.level_now (
    unit VARCHAR NOT NULL,
    period DATE NOT NULL,
    days BIGINT NOT NULL,
    raw DOUBLE NOT NULL,
    published DOUBLE NOT NULL,
    evidence BIGINT NOT NULL,
    reconstructed BOOLEAN NOT NULL,
    published_at TIMESTAMPTZ NOT NULL
);

COMMENT ON TABLE core.level_now IS 'Levels of this snapshot; they join the landed history once it is published.';
COMMENT ON COLUMN core.level_now.unit IS 'What the level belongs to';
COMMENT ON COLUMN core.level_now.period IS 'First day of the calendar period';
COMMENT ON COLUMN core.level_now.days IS 'Length of the period';
COMMENT ON COLUMN core.level_now.raw IS 'Natural log, before dampening';
COMMENT ON COLUMN core.level_now.published IS 'Natural log, after dampening';
COMMENT ON COLUMN core.level_now.evidence IS 'Distinct sellers seen in the period';
COMMENT ON COLUMN core.level_now.reconstructed IS 'Replayed from before the first publication';
COMMENT ON COLUMN core.level_now.published_at IS 'When (UTC)';
