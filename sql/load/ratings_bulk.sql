-- Load:  ratings_bulk
-- Does:  all of a data set's ratings into core.rating, which holds none of this source yet
-- Reads: staging.mapped
INSERT INTO core.rating (rated_at, user_id, movie_id, half_stars)
SELECT rated_at, user_id, movie_id, half_stars
FROM staging.mapped
-- a rater's ratings side by side: the fans' other ratings are then few pages
ORDER BY user_id, movie_id;

INSERT INTO staging.tally (table_name, inserted, updated, deleted, unchanged)
SELECT 'core.rating', count(*), 0, 0, 0 FROM staging.mapped;
