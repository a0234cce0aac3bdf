-- Load:  ratings_rejected
-- Does:  turns away staged ratings that cannot land, each with its reason
-- Reads: staging.rating, staging.rated_movie, core.movielens_link; setting recsql.key_source
INSERT INTO staging.turned_away (at, reason, record)
SELECT
    rating.at,
    CASE
        WHEN rating.user_key IS NULL OR rating.user_key < 1 THEN 'userId is not above zero'
        WHEN rating.movie_key IS NULL OR rating.movie_key < 1 THEN 'movieId is not above zero'
        WHEN NOT rating.is_good AND COALESCE(rating.rated_at, 0) BETWEEN 0 AND 4102444800
            THEN 'rating is not 0.5 to 5.0 in half steps'
        WHEN NOT rating.is_good THEN 'timestamp is out of range'
        WHEN current_setting('recsql.key_source') <> 'movielens' OR link.movielens_id IS NULL
            THEN 'unknown movie: its id has no row in links'
        WHEN link.tmdb_id IS NULL THEN 'unknown movie: links give no TMDB id for it'
        ELSE 'unknown movie: not in the catalogue'
    END,
    concat_ws(',', rating.user_key, rating.movie_key, rating.stars, rating.rated_at)
FROM (
    SELECT *, staging.is_rating(user_key, movie_key, stars, rated_at) AS is_good
    FROM staging.standing
) AS rating
LEFT JOIN core.movielens_link AS link ON link.movielens_id = rating.movie_key
LEFT JOIN staging.rated_movie ON rated_movie.movie_key = rating.movie_key
WHERE NOT rating.is_good OR rated_movie.movie_id IS NULL;
