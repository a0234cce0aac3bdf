-- Object: api.refresh_also_liked
-- Does:   reckons the stored also-liked lists of some movies anew
-- Grain:  one row of derived.also_liked a movie
-- Reads:  core.rating
-- Params: p_movie_ids; p_depth rows a method
-- Try:    CALL api.refresh_also_liked('{1}');
CREATE PROCEDURE api.refresh_also_liked(
    p_movie_ids integer[],
    -- ten pages of ten: whoever pages on is answered live
    p_depth integer DEFAULT 100
)
LANGUAGE sql
BEGIN ATOMIC
    -- All that this statement's snapshot sees is in the lists that it reckons.
    WITH listed AS (
        SELECT
            asked.movie_id, max(entry.fans) AS fans, max(entry.evidence) AS evidence,
            array_agg(entry.movie_id ORDER BY entry.movie_id) AS others,
            array_agg(entry.raters::integer ORDER BY entry.movie_id) AS raters,
            array_agg(entry.half_stars::integer ORDER BY entry.movie_id) AS half_stars,
            array_agg(entry.likes::integer ORDER BY entry.movie_id) AS likes
        FROM unnest(p_movie_ids) AS asked (movie_id)
        CROSS JOIN LATERAL api._also_liked_list(asked.movie_id, p_depth) AS entry
        GROUP BY asked.movie_id
    ),
    seen AS (
        DELETE FROM derived.also_liked_change
        WHERE movie_id = ANY (p_movie_ids)
            AND pg_visible_in_snapshot(changed_by, pg_current_snapshot())
    ),
    seen_leaving AS (
        DELETE FROM derived.also_liked_leaver
        WHERE movie_id = ANY (p_movie_ids)
            AND pg_visible_in_snapshot(left_by, pg_current_snapshot())
    )
    INSERT INTO derived.also_liked (
        movie_id, fans, evidence, depth, others, raters, half_stars, likes
    )
    SELECT movie_id, fans, evidence, p_depth, others, raters, half_stars, likes FROM listed
    ON CONFLICT (movie_id) DO UPDATE SET
        fans = excluded.fans,
        evidence = excluded.evidence,
        depth = excluded.depth,
        refreshed_at = clock_timestamp(),
        others = excluded.others,
        raters = excluded.raters,
        half_stars = excluded.half_stars,
        likes = excluded.likes;
END;
COMMENT ON PROCEDURE api.refresh_also_liked(integer[], integer) IS
'Stores the also-liked lists of p_movie_ids, p_depth deep by every method, each list whole.
This is the definition; the sparse engine of recsql refresh reckons the very same rows.';
