-- Load:  ratings_rated
-- Does:  finds which movies a file rates
-- Reads: staging.rating
CREATE UNLOGGED TABLE staging.rated AS SELECT DISTINCT movie_key FROM staging.rating;
