-- Load:  ratings_movies
-- Does:  finds the movies that a file of ratings may name
-- Reads: core.movie_key; setting recsql.key_source
-- All that could be rated: which of them are is asked when it is told (ratings_noted).
CREATE UNLOGGED TABLE staging.rated_movie AS
SELECT key::integer AS movie_key, movie_id
FROM core.movie_key
WHERE source = current_setting('recsql.key_source') AND key ~ '^[1-9][0-9]{0,8}$';
ANALYZE staging.rated_movie;
