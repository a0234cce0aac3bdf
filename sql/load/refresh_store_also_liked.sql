-- Load:  refresh_store_also_liked
-- Does:  replaces stored lists by fresh ones, and takes away the changes that they have seen
-- Reads: the temporary table fresh; setting recsql.snapshot, under which the ratings were read
WITH seen AS (
    DELETE FROM derived.also_liked_change AS change
    USING pg_temp.fresh
    WHERE change.movie_id = fresh.movie_id
        AND pg_visible_in_snapshot(
            change.changed_by, current_setting('recsql.snapshot')::pg_snapshot
        )
),
seen_leaving AS (
    DELETE FROM derived.also_liked_leaver AS leaver
    USING pg_temp.fresh
    WHERE leaver.movie_id = fresh.movie_id
        AND pg_visible_in_snapshot(
            leaver.left_by, current_setting('recsql.snapshot')::pg_snapshot
        )
)
INSERT INTO derived.also_liked (movie_id, fans, evidence, depth, others, raters, half_stars, likes)
SELECT movie_id, fans, evidence, depth, others, raters, half_stars, likes
FROM pg_temp.fresh
ON CONFLICT (movie_id) DO UPDATE SET
    fans = excluded.fans,
    evidence = excluded.evidence,
    depth = excluded.depth,
    refreshed_at = clock_timestamp(),
    others = excluded.others,
    raters = excluded.raters,
    half_stars = excluded.half_stars,
    likes = excluded.likes;
