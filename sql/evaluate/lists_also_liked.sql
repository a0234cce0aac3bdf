-- Step:  lists_also_liked
-- Does:  the lists of api.also_liked as they would be if the fold of whoever asks had never rated
-- Reads: evaluating.starred, evaluating.candidate, evaluating.fold, evaluating.asked; settings
--        recsql.method, recsql.min_raters, recsql.damping, recsql.prior_stars, recsql.depth
INSERT INTO evaluating.list (query_id, rank, movie_id)
SELECT asked.query_id, best.rank, best.movie_id
FROM (
    SELECT
        fold,
        anchor_id,
        movie_id,
        -- the order of api.also_liked
        row_number() OVER (
            PARTITION BY fold, anchor_id
            ORDER BY points DESC, raters DESC, half_stars DESC, movie_id
        ) AS rank
    FROM (
        SELECT
            starred.fold,
            starred.anchor_id,
            starred.movie_id,
            starred.raters,
            starred.half_stars,
            api._also_liked_points(
                current_setting('recsql.method'), starred.half_stars, starred.likes,
                starred.raters, starred.fans, fold.users, candidate.likes,
                current_setting('recsql.damping')::float8,
                current_setting('recsql.prior_stars')::float8
            ) AS points
        FROM evaluating.starred
        INNER JOIN evaluating.fold ON fold.fold = starred.fold
        INNER JOIN evaluating.candidate
            ON candidate.fold = starred.fold AND candidate.movie_id = starred.movie_id
        WHERE starred.raters >= current_setting('recsql.min_raters')::bigint
    ) AS scored
) AS best
INNER JOIN evaluating.asked ON asked.fold = best.fold AND asked.anchor_id = best.anchor_id
WHERE best.rank <= current_setting('recsql.depth')::bigint;
