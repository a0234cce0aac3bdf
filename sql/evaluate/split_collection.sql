-- Step:  split_collection
-- Does:  asks for each film that belongs to a series: the others of the series ought to be found
-- Reads: core.movie, core.movie_feature, derived.movie_stats; settings recsql.seed, recsql.users
-- What belongs to a series is no feature, so the recommender does not know it.
INSERT INTO evaluating.asked (query_id, anchor_id, asker_id)
SELECT movie_id, movie_id, movie_id
FROM core.movie
WHERE collection_id IS NOT NULL
    AND EXISTS (
        SELECT FROM core.movie AS mate
        WHERE mate.collection_id = movie.collection_id AND mate.movie_id <> movie.movie_id
    )
ORDER BY hashint8extended(movie_id, current_setting('recsql.seed')::bigint), movie_id
LIMIT current_setting('recsql.users')::bigint;

INSERT INTO evaluating.hit (asker_id, movie_id)
SELECT asked.query_id, mate.movie_id
FROM evaluating.asked
INNER JOIN core.movie AS own ON own.movie_id = asked.query_id
INNER JOIN core.movie AS mate
    ON mate.collection_id = own.collection_id AND mate.movie_id <> own.movie_id;

INSERT INTO evaluating.seen (query_id, movie_id) SELECT query_id, anchor_id FROM evaluating.asked;

INSERT INTO evaluating.candidate (fold, movie_id, raters, half_stars, likes)
SELECT
    0, movie_id, COALESCE(stats.raters, 0), COALESCE(stats.half_stars, 0),
    COALESCE(stats.stars_40 + stats.stars_45 + stats.stars_50, 0)
FROM core.movie
LEFT JOIN derived.movie_stats AS stats USING (movie_id);

INSERT INTO evaluating.fold (fold, users)
SELECT 0, count(*) FROM core.rater WHERE rater.user_id > 0;
ANALYZE evaluating.asked, evaluating.hit, evaluating.candidate;
