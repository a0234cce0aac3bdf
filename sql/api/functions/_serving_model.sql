-- Object: api._serving_model
-- Does:   which model answers a quiz, if none is asked for
-- Grain:  one value
-- Reads:  derived.model_run
-- Params: p_model the one that is asked for, null for the best that can answer here
-- Try:    SELECT api._serving_model(NULL);
CREATE FUNCTION api._serving_model(p_model text)
RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN COALESCE(
    p_model,
    (
        SELECT run.model
        FROM derived.model_run AS run
        WHERE run.run_id = api._trained_run(NULL, 0)
            AND (run.family <> 'factor' OR api._has_vector())
    ),
    -- Vectors came here in a backup, and pgvector did not. ease, which needs none, would have been
    -- the best, so what is left is user-cosine before cosine.
    (
        SELECT run.model
        FROM derived.model_run AS run
        WHERE run.state = 'current' AND run.family <> 'factor'
        ORDER BY run.model COLLATE "C" DESC
        LIMIT 1
    ),
    'also-liked'
);
COMMENT ON FUNCTION api._serving_model(text) IS
'p_model itself, else the best trained model that can answer in this database, else also-liked,
which needs no training.';
