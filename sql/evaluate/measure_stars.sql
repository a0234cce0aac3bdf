-- Step:  measure_stars
-- Does:  how far predicted stars are from those that were given, with standard errors
-- Reads: evaluating.held, evaluating.predicted, evaluating.asked
--   rmse  the root of the mean of the squared errors
--   mae   the mean of the errors without their sign
-- Both over all held-back ratings of the users asked for. Errors of one user go together, so the
-- standard error is that of a ratio of sums over users (by the delta method for the root).
WITH wrong AS (
    SELECT
        held.user_id,
        count(*) AS ratings,
        sum((predicted.stars - held.half_stars / 2.0::float8) ^ 2) AS squared,
        sum(abs(predicted.stars - held.half_stars / 2.0::float8)) AS plain
    FROM evaluating.held
    INNER JOIN evaluating.asked ON asked.query_id = held.user_id
    INNER JOIN evaluating.predicted
        ON predicted.user_id = held.user_id AND predicted.movie_id = held.movie_id
    GROUP BY held.user_id
),
total AS (
    SELECT
        count(*)::float8 AS users, sum(ratings) AS ratings, sum(squared) / sum(ratings) AS mse,
        sum(plain) / sum(ratings) AS mae
    FROM wrong
),
spread AS (
    SELECT
        sqrt(users / NULLIF(users - 1, 0) * sum((squared - mse * ratings_of_user) ^ 2)) / ratings
            AS mse_error,
        sqrt(users / NULLIF(users - 1, 0) * sum((plain - mae * ratings_of_user) ^ 2)) / ratings
            AS mae_error
    FROM (
        SELECT total.users, total.ratings, total.mse, total.mae, wrong.squared, wrong.plain,
            wrong.ratings AS ratings_of_user
        FROM wrong
        CROSS JOIN total
    ) AS beside
    GROUP BY users, ratings
)
INSERT INTO evaluating.measured (metric, k, value, error, n)
SELECT 'rmse', 0, sqrt(mse), mse_error / NULLIF(2 * sqrt(mse), 0), ratings
FROM total CROSS JOIN spread
UNION ALL
SELECT 'mae', 0, mae, mae_error, ratings
FROM total CROSS JOIN spread;
