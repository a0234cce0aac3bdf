-- Object: api.evaluation
-- Does:   how well each method does, with intervals and all that is needed to measure it again
-- Grain:  one row a run, model, metric and length of list
-- Reads:  derived.evaluation
-- Params: none
-- Try:    SELECT model, value, low, high FROM api.evaluation WHERE metric = 'ndcg' AND k = 10;
CREATE VIEW api.evaluation AS
SELECT
    run_id,
    evaluated_at,
    split,
    seed,
    data,
    protocol,
    model,
    parameters,
    metric,
    k,
    value,
    low,
    high,
    n,
    train_seconds,
    list_seconds
FROM derived.evaluation;
COMMENT ON VIEW api.evaluation IS
'What recsql evaluate measured. Figures can be compared where split, seed, data and protocol are
the same; api.evaluated_models puts those into one table. Accuracy: ndcg, recall, precision,
hit_rate, mrr (0 to 1, more is better); errors of predicted stars: rmse, mae (less is better);
variety: coverage (different movies in all lists), gini (0 all equally often, 1 always the same),
novelty (bits: log2 of one in how many users rated the movie).';
COMMENT ON COLUMN api.evaluation.k IS 'the first k of each list; 0 for rmse and mae';
COMMENT ON COLUMN api.evaluation.low IS
'low to high: the 95% interval, 1.96 standard errors to either side. Of means over lists: the
deviation between lists, or between users who have several, / sqrt(n). Of rmse and mae: of a ratio of sums over users. Of coverage and
gini: the jackknife over 20 parts of the lists.';
COMMENT ON COLUMN api.evaluation.n IS
'lists judged, or users where each has several (coverage and gini: still lists); held-back ratings
for rmse and mae';
