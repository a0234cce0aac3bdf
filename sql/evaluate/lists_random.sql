-- Step:  lists_random
-- Does:  lists of the baseline that draws lots among what is not seen
-- Reads: evaluating.candidate, evaluating.asked, evaluating.seen; settings recsql.seed,
--        recsql.depth
INSERT INTO evaluating.list (query_id, rank, movie_id)
SELECT asked.query_id,
    row_number() OVER (PARTITION BY asked.query_id ORDER BY drawn.lot, drawn.movie_id),
    drawn.movie_id
FROM evaluating.asked
CROSS JOIN LATERAL (
    SELECT unseen.movie_id, unseen.lot
    FROM (
        SELECT
            candidate.movie_id,
            -- not the lots of the split itself
            hashint8extended(
                candidate.movie_id::bigint << 32 | asked.query_id,
                current_setting('recsql.seed')::bigint
            ) AS lot
        FROM evaluating.candidate
        WHERE candidate.fold = asked.fold
            AND NOT EXISTS (
                SELECT FROM evaluating.seen
                WHERE seen.query_id = asked.query_id AND seen.movie_id = candidate.movie_id
            )
    ) AS unseen
    ORDER BY unseen.lot, unseen.movie_id
    LIMIT current_setting('recsql.depth')::bigint
) AS drawn;
