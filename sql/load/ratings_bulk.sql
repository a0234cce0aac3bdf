-- Load:  ratings_bulk
-- Does:  all of a data set's ratings into core.rating, which holds none of this source yet
-- Reads: staging.mapped
-- A rater's ratings lie side by side in the published files, and so they shall: the fans' other
-- ratings are then few pages. A file in another order is recognised and sorted (ratings_sorted).
INSERT INTO core.rating (rated_at, user_id, movie_id, half_stars)
SELECT rated_at, user_id, movie_id, half_stars
FROM staging.mapped;
