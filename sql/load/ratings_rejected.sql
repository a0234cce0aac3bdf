-- Load:  ratings_rejected
-- Does:  turns away staged ratings that cannot land, each with its reason
-- Reads: staging.rating, staging.rated_movie, core.movielens_link; setting recsql.ratings_file
INSERT INTO staging.reject (file, line, reason, record)
SELECT
    current_setting('recsql.ratings_file'),
    rating.line,
    CASE
        WHEN rating.user_key IS NULL OR rating.user_key < 1 THEN 'userId is not above zero'
        WHEN rating.movie_key IS NULL OR rating.movie_key < 1 THEN 'movieId is not above zero'
        WHEN rating.half_stars IS NULL AND COALESCE(rating.rated_at, 0) BETWEEN 0 AND 4102444800
            THEN 'rating is not 0.5 to 5.0 in half steps'
        WHEN rating.half_stars IS NULL THEN 'timestamp is out of range'
        WHEN current_setting('recsql.key_source') <> 'movielens' OR link.movielens_id IS NULL
            THEN 'unknown movie: its id has no row in links'
        WHEN link.tmdb_id IS NULL THEN 'unknown movie: links give no TMDB id for it'
        ELSE 'unknown movie: not in the catalogue'
    END,
    concat_ws(',', rating.user_key, rating.movie_key, rating.stars, rating.rated_at)
FROM staging.rating
LEFT JOIN core.movielens_link AS link ON link.movielens_id = rating.movie_key
LEFT JOIN staging.rated_movie USING (movie_key)
WHERE rating.half_stars IS NULL OR rated_movie.movie_id IS NULL;
