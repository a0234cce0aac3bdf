-- Step:  fingerprint
-- Does:  tells data from other data: the same rows give the same text, in whatever order they lie
-- Reads: evaluating.rating, core.movie, core.movie_feature; setting recsql.split
CREATE UNLOGGED TABLE evaluating.data AS
SELECT
    CASE WHEN current_setting('recsql.split') = 'collection' THEN (
        SELECT count(*) || ' features of movies, ' || lpad(to_hex(mod(sum(abs(hashint8extended(
            movie_feature.feature_id::bigint << 32 | movie_feature.movie_id,
            COALESCE(movie.collection_id, 0)
        )::numeric)), 4294967296)::bigint), 8, '0')
        FROM core.movie_feature
        INNER JOIN core.movie USING (movie_id)
    ) ELSE (
        SELECT count(*) || ' ratings, ' || lpad(to_hex(mod(sum(abs(hashint8extended(
            user_id::bigint << 32 | movie_id, half_stars
        )::numeric)), 4294967296)::bigint), 8, '0')
        FROM evaluating.rating
    ) END AS fingerprint;
