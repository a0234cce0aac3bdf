-- Object: api._similar_list
-- Does:   what a stored similar list has to hold to prove the first ones of either method
-- Grain:  one row, none for a movie without features
-- Reads:  core.movie_feature, core.feature, derived.feature_stats, derived.catalogue
-- Params: p_movie_id; p_depth rows a method
-- Try:    SELECT * FROM api._similar_list(603, 20);
CREATE FUNCTION api._similar_list(p_movie_id integer, p_depth integer)
RETURNS TABLE (
    features integer[], rarities integer[], others integer[], bar_shared integer,
    bar_rarity bigint, bar_rarity_alone bigint
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH sharing AS MATERIALIZED (
        SELECT movie_id, shared, rarity
        FROM api._sharing_movies(
            p_movie_id, '{genre,keyword,company,country,language}', p_depth + 1
        )
    ),
    -- the first ones that are left out
    bar AS MATERIALIZED (
        SELECT
            COALESCE(max(next_one.shared), 0) AS shared,
            COALESCE(max(next_one.rarity), 0) AS rarity,
            COALESCE(max(next_one.rarity_alone), 0) AS rarity_alone
        FROM (
            (
                SELECT sharing.shared, sharing.rarity, 0::bigint AS rarity_alone
                FROM sharing
                ORDER BY sharing.shared DESC, sharing.rarity DESC
                LIMIT 1 OFFSET p_depth
            )
            UNION ALL
            (
                SELECT 0, 0, sharing.rarity
                FROM sharing
                ORDER BY sharing.rarity DESC
                LIMIT 1 OFFSET p_depth
            )
        ) AS next_one
    )
    SELECT
        mine.features,
        mine.rarities,
        COALESCE(above.others, '{}') AS others,
        bar.shared::integer AS bar_shared,
        bar.rarity AS bar_rarity,
        bar.rarity_alone AS bar_rarity_alone
    FROM bar
    CROSS JOIN (
        SELECT
            array_agg(feature_id ORDER BY feature_id) AS features,
            array_agg(rarity ORDER BY feature_id) AS rarities
        FROM api._weighed_features(p_movie_id, '{genre,keyword,company,country,language}')
    ) AS mine
    CROSS JOIN LATERAL (
        SELECT array_agg(sharing.movie_id ORDER BY sharing.movie_id) AS others
        FROM sharing
        WHERE sharing.rarity > bar.rarity_alone
            OR (sharing.shared, sharing.rarity) > (bar.shared, bar.rarity)
    ) AS above
    WHERE mine.features IS NOT NULL;
END;
COMMENT ON FUNCTION api._similar_list(integer, integer) IS
'The row of derived.similar_movies for p_movie_id: the others are all movies above the bars, which
are what the first one behind p_depth has, by overlap (bar_shared, bar_rarity) and by rarity
(bar_rarity_alone). Ties with a bar stay out, so stars play no part.';
