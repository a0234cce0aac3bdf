-- Object: api.evaluated_models
-- Does:   compares methods: the newest figures of each that were measured alike, best first
-- Grain:  one row a model
-- Reads:  derived.evaluation
-- Params: p_run_id any run of the comparison, null for the newest; p_k the length of the lists
-- Try:    SELECT model, ndcg, coverage, seconds FROM api.evaluated_models();
CREATE FUNCTION api.evaluated_models(
    p_run_id integer DEFAULT NULL,
    -- as many as a page shows
    p_k integer DEFAULT 10
)
RETURNS TABLE (
    rank integer,
    model text,
    ndcg double precision,
    ndcg_low double precision,
    ndcg_high double precision,
    recall double precision,
    "precision" double precision, -- noqa: RF06
    hit_rate double precision,
    mrr double precision,
    coverage double precision,
    gini double precision,
    novelty double precision,
    rmse double precision,
    mae double precision,
    seconds double precision,
    lists integer,
    run_id integer,
    parameters jsonb,
    evaluated_at timestamptz
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH alike AS (
        SELECT DISTINCT given.split, given.seed, given.data, given.protocol
        FROM derived.evaluation AS given
        WHERE given.run_id = COALESCE(
            p_run_id, (SELECT max(latest.run_id) FROM derived.evaluation AS latest)
        )
    ),
    newest AS (
        SELECT given.model, max(given.run_id) AS run_id
        FROM derived.evaluation AS given
        INNER JOIN alike USING (split, seed, data, protocol)
        WHERE given.k = p_k
        GROUP BY given.model
    ),
    pivoted AS (
        SELECT
            given.model,
            max(given.value) FILTER (WHERE given.metric = 'ndcg') AS ndcg,
            max(given.low) FILTER (WHERE given.metric = 'ndcg') AS ndcg_low,
            max(given.high) FILTER (WHERE given.metric = 'ndcg') AS ndcg_high,
            max(given.value) FILTER (WHERE given.metric = 'recall') AS recall,
            max(given.value) FILTER (WHERE given.metric = 'precision') AS precision,
            max(given.value) FILTER (WHERE given.metric = 'hit_rate') AS hit_rate,
            max(given.value) FILTER (WHERE given.metric = 'mrr') AS mrr,
            max(given.value) FILTER (WHERE given.metric = 'coverage') AS coverage,
            max(given.value) FILTER (WHERE given.metric = 'gini') AS gini,
            max(given.value) FILTER (WHERE given.metric = 'novelty') AS novelty,
            max(given.value) FILTER (WHERE given.metric = 'rmse') AS rmse,
            max(given.value) FILTER (WHERE given.metric = 'mae') AS mae,
            max(given.train_seconds + given.list_seconds) AS seconds,
            max(given.n) FILTER (WHERE given.metric = 'coverage') AS lists,
            given.run_id,
            (array_agg(given.parameters))[1] AS parameters,
            max(given.evaluated_at) AS evaluated_at
        FROM derived.evaluation AS given
        INNER JOIN newest USING (run_id, model)
        WHERE given.k IN (p_k, 0)
        GROUP BY given.run_id, given.model
    )
    SELECT
        row_number() OVER (
            ORDER BY pivoted.ndcg DESC NULLS LAST, pivoted.model COLLATE "C"
        )::integer AS rank,
        pivoted.*
    FROM pivoted
    ORDER BY rank;
END;
COMMENT ON FUNCTION api.evaluated_models(integer, integer) IS
'Methods side by side: for each the newest figures among all runs that share split, seed, data and
protocol with p_run_id. ndcg_low to ndcg_high: its 95% interval; where two overlap widely, the
difference may be chance. seconds: to train the model and to reckon all lists. rmse and mae are
null for methods that predict no stars. What each metric means: see the comment of api.evaluation.
Nothing where nothing was evaluated at p_k.';
