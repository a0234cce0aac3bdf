-- Object: api.pair_evidence
-- Does:   how much speaks for one movie beside another, and how sure that is
-- Grain:  two rows, similar and liked; without the one that nothing is known about
-- Reads:  core.movie_feature, core.rating
-- Params: p_movie_id the asked movie; p_other_movie_id the other one
-- Try:    SELECT * FROM api.pair_evidence(603, 604);
CREATE FUNCTION api.pair_evidence(p_movie_id integer, p_other_movie_id integer)
RETURNS TABLE (
    kind text,
    support integer,
    out_of integer,
    likes integer,
    mean_stars numeric,
    low numeric,
    high numeric
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH feature_counts AS (
        SELECT count(theirs.feature_id) AS shared, count(*) AS features
        FROM core.movie_feature AS mine
        LEFT JOIN core.movie_feature AS theirs
            ON theirs.feature_id = mine.feature_id AND theirs.movie_id = p_other_movie_id
        WHERE mine.movie_id = p_movie_id AND p_movie_id <> p_other_movie_id
    ),
    fan_counts AS (
        SELECT
            count(*) AS fans,
            count(theirs.half_stars) AS raters,
            sum(theirs.half_stars) AS half_stars,
            count(*) FILTER (WHERE theirs.half_stars >= 8) AS likes
        FROM core.rating AS fan
        LEFT JOIN core.rating AS theirs
            ON theirs.user_id = fan.user_id AND theirs.movie_id = p_other_movie_id
        WHERE fan.movie_id = p_movie_id
            AND fan.half_stars = 10
            AND fan.user_id > 0
            AND p_movie_id <> p_other_movie_id
    )
    SELECT
        'similar' AS kind,
        shared::integer AS support,
        features::integer AS out_of,
        NULL::integer AS likes,
        NULL::numeric AS mean_stars,
        api._wilson_bound(shared, features, -1.96) AS low,
        api._wilson_bound(shared, features, 1.96) AS high
    FROM feature_counts
    WHERE features > 0
    UNION ALL
    SELECT
        'liked',
        raters::integer,
        fans::integer,
        likes::integer,
        round(half_stars / 2.0 / NULLIF(raters, 0), 2),
        api._wilson_bound(likes, raters, -1.96),
        api._wilson_bound(likes, raters, 1.96)
    FROM fan_counts
    WHERE fans > 0
    ORDER BY kind DESC;
END;
COMMENT ON FUNCTION api.pair_evidence(integer, integer) IS
'What api.similar_movies and api.also_liked say of one pair, in either list or not.
similar: support of the out_of features of p_movie_id are shared; low to high is the 95% Wilson
interval of that share. liked: support of its out_of fans rated the other movie, likes of them with
4.0 or more, mean_stars on average; low to high is the interval of likes among support, null where
nobody rated it. Counted live; no row for a movie without features, or without fans, or for a movie
and itself.';
