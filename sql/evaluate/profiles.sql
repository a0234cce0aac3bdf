-- Step:  profiles
-- Does:  what each user who is asked for is known to have rated, and what was held back from it
-- Reads: evaluating.asked, evaluating.train, evaluating.held
CREATE UNLOGGED TABLE evaluating.profile AS
SELECT
    asked.query_id AS user_id,
    known.movies,
    known.half_stars,
    ARRAY(
        SELECT held.movie_id
        FROM evaluating.held
        WHERE held.user_id = asked.query_id
        ORDER BY held.movie_id
    ) AS held
FROM evaluating.asked
INNER JOIN (
    SELECT
        user_id,
        array_agg(movie_id ORDER BY movie_id) AS movies,
        array_agg(half_stars::integer ORDER BY movie_id) AS half_stars
    FROM evaluating.train
    GROUP BY user_id
) AS known ON known.user_id = asked.query_id;
ANALYZE evaluating.profile;
