-- Load:  ratings_rated_alone
-- Does:  as ratings_rated, where the staged ratings are all that there are, and counted already
-- Reads: staging.rated_movie, staging.stars
CREATE UNLOGGED TABLE staging.rated AS
SELECT rated_movie.movie_key
FROM staging.rated_movie
INNER JOIN staging.stars ON stars.movie_id = rated_movie.movie_id;
