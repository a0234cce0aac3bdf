-- Query:  export_ratings
-- Does:   ratings as files keep them, movies by their TMDB id
-- Grain:  one row a rating, by rater and movie
-- Reads:  core.rating, core.rater
-- Params: p_source where the raters come from, null for all people
SELECT
    rating.user_id AS "userId",
    rating.movie_id AS "tmdbId",
    round(rating.half_stars / 2.0, 1) AS rating,
    floor(date_part('epoch', rating.rated_at))::bigint AS timestamp
FROM core.rating
INNER JOIN core.rater ON rater.user_id = rating.user_id
-- critics and generated users only where they are asked for
WHERE CASE
    WHEN :p_source IS NULL THEN rating.user_id > 0
    ELSE rater.source = :p_source
END
ORDER BY rating.user_id, rating.movie_id
