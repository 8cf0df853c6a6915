-- How products came to be: what joined them, when and why, with merges and splits.
CREATE OR REPLACE VIEW mart.product_history AS
SELECT product, product_key AS key, how, day, until, probability, why, model, decided_at
FROM core.product_link
ORDER BY product, day, key;

COMMENT ON VIEW mart.product_history IS 'How products came to be: one row for each wording that joined one, with merges and splits.';
COMMENT ON COLUMN mart.product_history.product IS 'The product''s id: the key that founded it';
COMMENT ON COLUMN mart.product_history.key IS 'The key of the listings that joined: from their identifiers, model codes or words';
COMMENT ON COLUMN mart.product_history.how IS 'founded, exact (same maker''s number), matched (by the pair model), merged, split or person';
COMMENT ON COLUMN mart.product_history.day IS 'The first day it holds on (UTC)';
COMMENT ON COLUMN mart.product_history.until IS 'The first day it holds no more; empty while it holds';
COMMENT ON COLUMN mart.product_history.probability IS 'Of being the same product; empty where nothing was compared';
COMMENT ON COLUMN mart.product_history.why IS 'The reason, in words';
COMMENT ON COLUMN mart.product_history.model IS 'The scorer that judged; empty where none did';
COMMENT ON COLUMN mart.product_history.decided_at IS 'When it was decided';
