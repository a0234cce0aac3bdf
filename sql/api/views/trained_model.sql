-- Object: api.trained_model
-- Does:   the models that answer now, and how well each predicted what it had not seen
-- Grain:  one row a trained model
-- Reads:  derived.model_run
-- Params: none
-- Try:    SELECT model, ratings, seconds, rmse FROM api.trained_model;
CREATE VIEW api.trained_model AS
SELECT
    model,
    family,
    run_id,
    ratings,
    raters,
    movies,
    round((metrics ->> 'rmse')::numeric, 4) AS rmse,
    round((metrics ->> 'mae')::numeric, 4) AS mae,
    round((metrics ->> 'rmse_baseline')::numeric, 4) AS rmse_baseline,
    round(seconds::numeric, 1) AS seconds,
    trained_at,
    seed,
    parameters
FROM derived.model_run
WHERE state = 'current';
COMMENT ON VIEW api.trained_model IS
'The trained models that api.recommend and its kin take as p_model.';
COMMENT ON COLUMN api.trained_model.rmse IS
'root of the mean squared error in stars, on ratings held out of training';
COMMENT ON COLUMN api.trained_model.mae IS 'mean absolute error in stars, on the same ratings';
COMMENT ON COLUMN api.trained_model.rmse_baseline IS
'of the damped means alone, without the model, on the same ratings';
COMMENT ON COLUMN api.trained_model.seconds IS 'reading, training and writing';
