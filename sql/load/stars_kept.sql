-- Load:  stars_kept
-- Does:  the statistics of all movies, where no rating was there before
-- Reads: staging.stars
DELETE FROM derived.movie_stats;

INSERT INTO derived.movie_stats (
    movie_id, stars_05, stars_10, stars_15, stars_20, stars_25,
    stars_30, stars_35, stars_40, stars_45, stars_50
)
SELECT
    movie_id, stars_05, stars_10, stars_15, stars_20, stars_25,
    stars_30, stars_35, stars_40, stars_45, stars_50
FROM staging.stars
ORDER BY movie_id;
