-- Object: api._similar_list
-- Does:   what a stored similar list has to hold to prove the first ones of either method
-- Grain:  one row, none for a movie without features
-- Reads:  core.movie, core.movie_feature, core.feature, derived.feature_stats, derived.catalogue
-- Params: p_movie_id; p_depth rows a method
-- Try:    SELECT * FROM api._similar_list(603, 20);
CREATE FUNCTION api._similar_list(p_movie_id integer, p_depth integer)
RETURNS TABLE (
    features integer[], rarities integer[], others integer[], bar_shared integer,
    bar_rarity bigint, bar_rarity_alone bigint
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    -- The commonest features of all, one bit each, and which of them each movie has: gathered once
    -- a statement, for all of its lists.
    WITH commonest AS MATERIALIZED (
        SELECT
            stats.feature_id,
            1::bigint << (row_number() OVER by_movies - 1)::integer AS bit
        FROM derived.feature_stats AS stats
        WINDOW by_movies AS (ORDER BY stats.movies DESC, stats.feature_id)
        ORDER BY stats.movies DESC, stats.feature_id
        LIMIT 63
    ),
    everybody AS MATERIALIZED (
        SELECT array_agg(one.movie_id) AS movies, array_agg(one.bits) AS bits
        FROM (
            SELECT movie.movie_id, COALESCE(has.bits, 0) AS bits
            FROM core.movie
            LEFT JOIN (
                SELECT movie_feature.movie_id, bit_or(commonest.bit) AS bits
                FROM commonest
                INNER JOIN core.movie_feature ON movie_feature.feature_id = commonest.feature_id
                GROUP BY movie_feature.movie_id
            ) AS has ON has.movie_id = movie.movie_id
            ORDER BY movie.movie_id
        ) AS one
    ),
    mine AS MATERIALIZED (
        SELECT
            weighed.feature_id,
            weighed.rarity,
            commonest.bit,
            row_number() OVER from_commonest AS place,
            sum(weighed.rarity) OVER from_commonest AS rarity_so_far,
            -- how many rows those that are rarer have: this look is over soon
            sum(weighed.movies) OVER (ORDER BY weighed.movies, weighed.feature_id DESC)
            - weighed.movies < 1000 AS is_rare
        FROM api._weighed_features(
            p_movie_id, '{genre,keyword,company,country,language}'
        ) AS weighed
        LEFT JOIN commonest ON commonest.feature_id = weighed.feature_id
        WINDOW from_commonest AS (ORDER BY weighed.movies DESC, weighed.feature_id)
    ),
    -- A first look, at the movies that share what is rarest: they share at least so much.
    looked_at AS MATERIALIZED (
        SELECT
            found.shared + bit_count((
                everybody.bits[width_bucket(found.movie_id, everybody.movies)] & others.bits
            )::bit(64)) AS shared,
            found.rarity
        FROM (
            SELECT theirs.movie_id, count(*) AS shared, sum(mine.rarity) AS rarity
            FROM mine
            INNER JOIN core.movie_feature AS theirs ON theirs.feature_id = mine.feature_id
            WHERE mine.is_rare AND theirs.movie_id <> p_movie_id
            GROUP BY theirs.movie_id
        ) AS found
        CROSS JOIN everybody
        CROSS JOIN (
            SELECT COALESCE(bit_or(mine.bit), 0) AS bits FROM mine WHERE NOT mine.is_rare
        ) AS others
    ),
    to_beat AS MATERIALIZED (
        SELECT
            COALESCE((
                SELECT looked_at.shared FROM looked_at
                ORDER BY looked_at.shared DESC
                LIMIT 1 OFFSET p_depth
            ), 0) AS shared,
            COALESCE((
                SELECT looked_at.rarity FROM looked_at
                ORDER BY looked_at.rarity DESC
                LIMIT 1 OFFSET p_depth
            ), 0) AS rarity
    ),
    -- So many of the commonest features find no candidates: whoever has these alone, even all of
    -- them, has less than is to be beaten. (One more could be left out; but then each candidate had
    -- to be looked up, and now only who has two of the others: 25 ms a list instead of 21.)
    common AS MATERIALIZED (
        SELECT
            count(*) AS features,
            COALESCE(sum(mine.rarity), 0)::bigint AS rarity,
            COALESCE(bit_or(mine.bit), 0) AS bits
        FROM mine
        CROSS JOIN to_beat
        WHERE mine.bit IS NOT NULL
            AND mine.place <= to_beat.shared - 2
            AND mine.rarity_so_far < to_beat.rarity
    ),
    -- Who may still get there, with all that they share counted, and with the rarity of all but the
    -- common features.
    counted AS MATERIALIZED (
        SELECT
            candidate.movie_id,
            candidate.shared + bit_count(candidate.bits::bit(64)) AS shared,
            candidate.rarity,
            candidate.bits
        FROM (
            SELECT
                found.movie_id,
                found.shared,
                found.rarity,
                everybody.bits[width_bucket(found.movie_id, everybody.movies)] & common.bits AS bits
            FROM (
                SELECT theirs.movie_id, count(*) AS shared, sum(mine.rarity) AS rarity
                FROM mine
                INNER JOIN core.movie_feature AS theirs ON theirs.feature_id = mine.feature_id
                WHERE mine.place > (SELECT common.features FROM common)
                    AND theirs.movie_id <> p_movie_id
                GROUP BY theirs.movie_id
            ) AS found
            CROSS JOIN everybody
            CROSS JOIN common
            CROSS JOIN to_beat
            WHERE found.shared + common.features >= to_beat.shared
                OR found.rarity + common.rarity >= to_beat.rarity
            OFFSET 0 -- noqa: AM09
        ) AS candidate
    ),
    -- What has to be beaten indeed: by overlap, and by rarity, that of the best without the common.
    best AS MATERIALIZED (
        SELECT
            COALESCE((
                SELECT counted.shared FROM counted
                ORDER BY counted.shared DESC
                LIMIT 1 OFFSET p_depth
            ), 0) AS shared,
            COALESCE((
                SELECT first_ones.rarity + by_common.rarity AS rarity
                FROM (
                    SELECT counted.rarity, counted.bits FROM counted
                    ORDER BY counted.rarity DESC
                    LIMIT p_depth + 1
                ) AS first_ones
                CROSS JOIN LATERAL (
                    SELECT COALESCE(sum(mine.rarity), 0) AS rarity
                    FROM mine
                    WHERE mine.bit & first_ones.bits <> 0
                ) AS by_common
                ORDER BY rarity DESC
                LIMIT 1 OFFSET p_depth
            ), 0) AS rarity
    ),
    sharing AS MATERIALIZED (
        SELECT
            counted.movie_id, counted.shared, counted.rarity + by_common.rarity AS rarity
        FROM counted
        CROSS JOIN common
        CROSS JOIN best
        CROSS JOIN LATERAL (
            SELECT COALESCE(sum(mine.rarity), 0)::bigint AS rarity
            FROM mine
            WHERE mine.bit & counted.bits <> 0
        ) AS by_common
        WHERE counted.shared >= best.shared OR counted.rarity + common.rarity >= best.rarity
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
        FROM mine
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
(bar_rarity_alone). Ties with a bar stay out, so stars play no part. The same sums as
api._sharing_movies, for many movies in one statement: that one asks nothing of all movies.';
