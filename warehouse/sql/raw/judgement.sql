-- The columns follow from warehouse.records; here is what they mean.
COMMENT ON TABLE raw.judgement IS 'Decisions of a person about something Katy read.';
COMMENT ON COLUMN raw.judgement.id IS 'The decision';
COMMENT ON COLUMN raw.judgement.source IS 'Where it was taken';
COMMENT ON COLUMN raw.judgement.about IS 'What it is about: the id of a quarantined row or of an alarm, KEY|PRODUCT of a match, or the hash of a thing that members valued';
COMMENT ON COLUMN raw.judgement.verdict IS 'release of a quarantined row, dismiss of an alarm, same or different of a match, estimate by a member or the price that followed';
COMMENT ON COLUMN raw.judgement.detail_json IS 'JSON object of corrections and the reason, of the estimate or of the price';
COMMENT ON COLUMN raw.judgement.judged_at IS 'When (UTC)';
COMMENT ON COLUMN raw.judgement.run IS 'The run that recorded it';
COMMENT ON COLUMN raw.judgement.row IS 'Number of the row within its run';
COMMENT ON COLUMN raw.judgement.loaded_at IS 'When it was loaded, by this installation''s clock';
