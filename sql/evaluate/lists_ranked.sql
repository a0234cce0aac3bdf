-- Step:  lists_ranked
-- Does:  lists of a baseline that knows nobody: popularity or mean, without what is seen
-- Reads: evaluating.candidate, evaluating.asked, evaluating.seen; settings recsql.method,
--        recsql.depth
CREATE UNLOGGED TABLE evaluating.standing AS
SELECT
    fold,
    movie_id,
    row_number() OVER (
        PARTITION BY fold
        ORDER BY
            CASE current_setting('recsql.method')
                WHEN 'popularity' THEN raters
                -- the mean as cards show it
                WHEN 'mean' THEN api._damped_stars(half_stars, raters)
            END DESC,
            raters DESC, movie_id
    ) AS place
FROM evaluating.candidate;
CREATE UNIQUE INDEX standing_fold_place_idx ON evaluating.standing (fold, place) INCLUDE (movie_id);
ANALYZE evaluating.standing;

INSERT INTO evaluating.list (query_id, rank, movie_id)
SELECT asked.query_id, row_number() OVER (PARTITION BY asked.query_id ORDER BY best.place),
    best.movie_id
FROM evaluating.asked
CROSS JOIN LATERAL (
    SELECT standing.movie_id, standing.place
    FROM evaluating.standing
    WHERE standing.fold = asked.fold
        AND NOT EXISTS (
            SELECT FROM evaluating.seen
            WHERE seen.query_id = asked.query_id AND seen.movie_id = standing.movie_id
        )
    ORDER BY standing.place
    LIMIT current_setting('recsql.depth')::bigint
) AS best;
DROP TABLE evaluating.standing;
