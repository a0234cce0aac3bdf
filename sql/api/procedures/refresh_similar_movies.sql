-- Object: api.refresh_similar_movies
-- Does:   finds the stored candidates of similar movies anew, for some movies
-- Grain:  one row of derived.similar_movies a movie
-- Reads:  api._similar_list
-- Params: p_movie_ids; p_depth rows a method
-- Try:    CALL api.refresh_similar_movies('{1}');
CREATE PROCEDURE api.refresh_similar_movies(
    p_movie_ids integer[],
    -- a page of ten and five times "load more": whoever pages on is answered live
    p_depth integer DEFAULT 20
)
LANGUAGE sql
BEGIN ATOMIC
    INSERT INTO derived.similar_movies (
        movie_id, depth, features, rarities, others, bar_shared, bar_rarity, bar_rarity_alone
    )
    SELECT
        asked.movie_id, p_depth, list.features, list.rarities, list.others, list.bar_shared,
        list.bar_rarity, list.bar_rarity_alone
    FROM unnest(p_movie_ids) AS asked (movie_id)
    INNER JOIN core.movie ON movie.movie_id = asked.movie_id
    CROSS JOIN LATERAL api._similar_list(asked.movie_id, p_depth) AS list
    ON CONFLICT (movie_id) DO UPDATE SET
        depth = excluded.depth,
        refreshed_at = clock_timestamp(),
        features = excluded.features,
        rarities = excluded.rarities,
        others = excluded.others,
        bar_shared = excluded.bar_shared,
        bar_rarity = excluded.bar_rarity,
        bar_rarity_alone = excluded.bar_rarity_alone;
END;
COMMENT ON PROCEDURE api.refresh_similar_movies(integer[], integer) IS
'Stores the similar lists of p_movie_ids, p_depth deep by either method, each list whole.
This is the definition; the sparse engine of recsql refresh reckons the very same rows.';
