-- Load:  ratings_sorted
-- Does:  as ratings_bulk, for a file that is not in the order of its raters
-- Reads: staging.mapped
INSERT INTO core.rating (rated_at, user_id, movie_id, half_stars)
SELECT rated_at, user_id, movie_id, half_stars
FROM staging.mapped
ORDER BY user_id, movie_id;
