-- Object: api._sharing_movies
-- Does:   the movies that share most with one movie, found and counted here and now
-- Grain:  one row per other movie: all that can be among the first p_wanted, by either method
-- Reads:  core.movie_feature, core.feature, derived.feature_stats, derived.catalogue
-- Params: p_movie_id; p_kinds of feature; p_wanted movies by each method; p_common_share of all
--         movies that makes a feature a common one; p_first_look rows; p_slack features
-- Try:    SELECT * FROM api._sharing_movies(603, '{genre,keyword}', 10) ORDER BY shared DESC;
CREATE FUNCTION api._sharing_movies(
    p_movie_id integer,
    p_kinds text[],
    p_wanted bigint,
    p_common_share double precision DEFAULT 0.05,
    -- rows of the rarest features: enough to know what is to be beaten, soon read
    p_first_look bigint DEFAULT 300,
    -- Fewer features left out means more rows to read, and fewer movies to look up one by one.
    -- Measured at 77,000 movies, ten wanted: 2 takes 67 ms, 3 takes 45 ms, 4 takes 85 ms.
    p_slack bigint DEFAULT 3
)
RETURNS TABLE (movie_id integer, shared bigint, rarity bigint)
-- STRICT keeps it from being inlined: who needs it not need not plan it.
LANGUAGE sql STABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    WITH mine AS MATERIALIZED (
        SELECT
            feature_id,
            movies,
            rarity,
            row_number() OVER from_commonest AS place,
            sum(rarity) OVER from_commonest AS rarity_so_far,
            sum(movies) OVER (ORDER BY movies, feature_id DESC) - movies AS rows_before
        FROM api._weighed_features(p_movie_id, p_kinds)
        WINDOW from_commonest AS (ORDER BY movies DESC, feature_id)
    ),
    -- A first look, at the movies that share what is rarest: what has to be beaten at least.
    looked_at AS MATERIALIZED (
        SELECT whole.shared, whole.rarity
        FROM (
            SELECT DISTINCT other.movie_id
            FROM mine
            INNER JOIN core.movie_feature AS other ON other.feature_id = mine.feature_id
            WHERE mine.rows_before < p_first_look AND other.movie_id <> p_movie_id
        ) AS found
        CROSS JOIN LATERAL (
            SELECT count(*) AS shared, sum(mine.rarity) AS rarity
            FROM mine
            INNER JOIN core.movie_feature AS theirs
                ON theirs.movie_id = found.movie_id AND theirs.feature_id = mine.feature_id
        ) AS whole
    ),
    -- So many of the commonest features find no candidates: whoever has these alone, even all of
    -- them, has less than the wanted ones, by count and by rarity.
    common AS MATERIALIZED (
        SELECT count(*) AS features, COALESCE(sum(mine.rarity), 0)::bigint AS rarity
        FROM mine
        WHERE mine.movies > p_common_share * (SELECT movies FROM derived.catalogue)
            AND mine.place <= (
                SELECT looked_at.shared
                FROM looked_at
                ORDER BY looked_at.shared DESC
                LIMIT 1 OFFSET GREATEST(p_wanted - 1, 0)
            ) - GREATEST(p_slack, 1)
            AND mine.rarity_so_far < (
                SELECT looked_at.rarity
                FROM looked_at
                ORDER BY looked_at.rarity DESC
                LIMIT 1 OFFSET GREATEST(p_wanted - 1, 0)
            )
    ),
    candidate AS MATERIALIZED (
        SELECT other.movie_id, count(*) AS shared, sum(mine.rarity) AS rarity
        FROM mine
        INNER JOIN core.movie_feature AS other ON other.feature_id = mine.feature_id
        WHERE mine.place > (SELECT features FROM common) AND other.movie_id <> p_movie_id
        GROUP BY other.movie_id
    ),
    -- Counted whole, the best of them so far say what has to be beaten indeed.
    best AS MATERIALIZED (
        SELECT
            first_ones.shared + by_common.shared AS shared,
            first_ones.rarity + by_common.rarity AS rarity
        FROM (
            (
                SELECT movie_id, shared, rarity
                FROM candidate
                ORDER BY shared DESC, rarity DESC
                LIMIT p_wanted
            )
            UNION
            (
                SELECT movie_id, shared, rarity
                FROM candidate
                ORDER BY rarity DESC
                LIMIT p_wanted
            )
        ) AS first_ones
        CROSS JOIN LATERAL (
            SELECT count(*) AS shared, COALESCE(sum(mine.rarity), 0)::bigint AS rarity
            FROM mine
            INNER JOIN core.movie_feature AS theirs
                ON theirs.movie_id = first_ones.movie_id AND theirs.feature_id = mine.feature_id
            WHERE mine.place <= (SELECT features FROM common)
        ) AS by_common
    ),
    bar AS MATERIALIZED (
        SELECT
            COALESCE(max(last_one.shared), 0) AS shared,
            COALESCE(max(last_one.rarity), 0) AS rarity,
            COALESCE(max(last_one.rarity_alone), 0) AS rarity_alone
        FROM (
            (
                SELECT best.shared, best.rarity, 0::bigint AS rarity_alone
                FROM best
                ORDER BY best.shared DESC, best.rarity DESC
                LIMIT 1 OFFSET GREATEST(p_wanted - 1, 0)
            )
            UNION ALL
            (
                SELECT 0, 0, best.rarity
                FROM best
                ORDER BY best.rarity DESC
                LIMIT 1 OFFSET GREATEST(p_wanted - 1, 0)
            )
        ) AS last_one
    )
    SELECT
        candidate.movie_id,
        candidate.shared + by_common.shared AS shared,
        candidate.rarity + by_common.rarity AS rarity
    FROM candidate
    CROSS JOIN common
    CROSS JOIN bar
    CROSS JOIN LATERAL (
        SELECT count(*) AS shared, COALESCE(sum(mine.rarity), 0)::bigint AS rarity
        FROM mine
        INNER JOIN core.movie_feature AS theirs
            ON theirs.movie_id = candidate.movie_id AND theirs.feature_id = mine.feature_id
        WHERE mine.place <= common.features
    ) AS by_common
    -- with all common features it would reach the last one wanted, or tie with it
    WHERE candidate.rarity + common.rarity >= bar.rarity_alone
        OR candidate.shared + common.features > bar.shared
        OR (
            candidate.shared + common.features = bar.shared
            AND candidate.rarity + common.rarity >= bar.rarity
        );
END;
COMMENT ON FUNCTION api._sharing_movies(
    integer, text[], bigint, double precision, bigint, bigint
) IS
'Other movies with how many features (of p_kinds) they share with p_movie_id and the sum of their
rarity, in millionths: at least all that are among the first p_wanted by overlap or by rarity or
tie with the last of them, and counted exactly. The other parameters change the cost alone; with
p_common_share 2 every posting of every feature is read.';
