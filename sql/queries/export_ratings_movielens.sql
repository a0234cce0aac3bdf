-- Query:  export_ratings_movielens
-- Does:   ratings in MovieLens's own layout, movies by their MovieLens id
-- Grain:  one row a rating of a movie that MovieLens knows, by rater and movie
-- Reads:  core.rating, core.rater, core.movie_key
-- Params: p_source where the raters come from, null for all people
SELECT
    rating.user_id AS "userId",
    known.movielens_id AS "movieId",
    round(rating.half_stars / 2.0, 1) AS rating,
    floor(date_part('epoch', rating.rated_at))::bigint AS timestamp
FROM core.rating
INNER JOIN core.rater ON rater.user_id = rating.user_id
INNER JOIN (
    SELECT movie_key.movie_id, min(movie_key.key::integer) AS movielens_id
    FROM core.movie_key
    WHERE movie_key.source = 'movielens'
    GROUP BY movie_key.movie_id
) AS known ON known.movie_id = rating.movie_id
WHERE CASE
    WHEN :p_source IS NULL THEN rating.user_id > 0
    ELSE rater.source = :p_source
END
ORDER BY rating.user_id, rating.movie_id
