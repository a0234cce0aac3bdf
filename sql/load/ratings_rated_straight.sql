-- Load:  ratings_rated_straight
-- Does:  as ratings_rated, where good ratings went straight to core.rating
-- Reads: staging.rating; setting recsql.movie_keys, an array of the movies that those rate
CREATE UNLOGGED TABLE staging.rated AS
SELECT movie_key FROM staging.rating
UNION
SELECT unnest(current_setting('recsql.movie_keys')::integer[]);
