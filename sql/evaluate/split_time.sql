-- Step:  split_time
-- Does:  holds back what was rated after one moment, the same for all users
-- Reads: evaluating.rating; settings recsql.share, recsql.users
-- A moment of each user's own would let models learn from what others thought later. Ratings
-- without a date are left out: nobody knows on which side they are.
CREATE UNLOGGED TABLE evaluating.drawn AS
SELECT user_id, movie_id, half_stars, rated_at > moment.cutoff AS is_held, moment.cutoff
FROM evaluating.rating
CROSS JOIN (
    SELECT
        percentile_disc(1 - current_setting('recsql.share')::float8)
        WITHIN GROUP (ORDER BY rated_at) AS cutoff
    FROM evaluating.rating
) AS moment
WHERE rated_at IS NOT NULL;

INSERT INTO evaluating.train SELECT user_id, movie_id, half_stars
FROM evaluating.drawn WHERE NOT is_held;
-- Only of users who are known by then: to the others nothing personal can be said.
INSERT INTO evaluating.held
SELECT drawn.user_id, drawn.movie_id, drawn.half_stars
FROM evaluating.drawn
WHERE drawn.is_held
    AND EXISTS (SELECT FROM evaluating.train WHERE train.user_id = drawn.user_id);
