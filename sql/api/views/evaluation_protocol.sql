-- Object: api.evaluation_protocol
-- Does:   which evaluations there are, those together that can be compared
-- Grain:  one row a split, seed, data and protocol
-- Reads:  derived.evaluation
-- Params: none
-- Try:    SELECT * FROM api.evaluation_protocol ORDER BY run_id DESC;
CREATE VIEW api.evaluation_protocol AS
SELECT
    max(run_id) AS run_id,
    split,
    seed,
    data,
    protocol,
    count(DISTINCT model)::integer AS models,
    array_agg(DISTINCT k ORDER BY k) FILTER (WHERE k > 0) AS cuts,
    max(n) FILTER (WHERE metric = 'coverage') AS lists,
    max(evaluated_at) AS evaluated_at
FROM derived.evaluation
GROUP BY split, seed, data, protocol;
COMMENT ON VIEW api.evaluation_protocol IS
'The evaluations of recsql evaluate. Within a row all figures can be compared.';
COMMENT ON COLUMN api.evaluation_protocol.run_id IS
'the newest run of them: api.evaluated_models(run_id) shows all';
COMMENT ON COLUMN api.evaluation_protocol.cuts IS 'the k that were measured at';
COMMENT ON COLUMN api.evaluation_protocol.lists IS 'how many lists were judged';
