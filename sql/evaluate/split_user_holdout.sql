-- Step:  split_user_holdout
-- Does:  holds back a random share of each user's ratings; those of 4.0 or more ought to be found
-- Reads: evaluating.rating; settings recsql.seed, recsql.share, recsql.users
CREATE UNLOGGED TABLE evaluating.drawn AS
SELECT
    user_id,
    movie_id,
    half_stars,
    -- rounded down: whoever has too few ratings for one to be spared is only learnt from
    row_number() OVER by_lot
    <= floor(current_setting('recsql.share')::numeric * count(*) OVER (PARTITION BY user_id))
        AS is_held
FROM evaluating.rating
WINDOW by_lot AS (PARTITION BY user_id ORDER BY lot, movie_id);

INSERT INTO evaluating.train SELECT user_id, movie_id, half_stars
FROM evaluating.drawn WHERE NOT is_held;
INSERT INTO evaluating.held SELECT user_id, movie_id, half_stars
FROM evaluating.drawn WHERE is_held;
