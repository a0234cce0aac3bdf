-- Object: api.similar_movies
-- Does:   the movies that share most with one movie, best first
-- Grain:  one row per other movie that shares at least one feature, or by titles one word; never
--         the movie itself
-- Reads:  core.movie_feature, core.feature, core.movie, derived.similar_movies,
--         derived.similar_change, derived.feature_stats, derived.movie_stats, derived.title_word,
--         derived.catalogue
-- Params: p_movie_id; p_limit, p_offset rows; p_method overlap, rarity or titles; p_kinds of
--         feature; p_common_share of all movies that makes a feature a common one
-- Try:    SELECT rank, title, year, score, reason FROM api.similar_movies(603, p_limit => 5);
CREATE FUNCTION api.similar_movies(
    p_movie_id integer,
    p_limit integer DEFAULT 10,
    p_offset integer DEFAULT 0,
    p_method text DEFAULT 'overlap',
    p_kinds text[] DEFAULT '{genre,keyword,company,country,language}',
    -- only what more than this share of all movies have may be left out where candidates are
    -- found: lists are the same for any value, and soonest here by measurement on 45,000 movies
    p_common_share double precision DEFAULT 0.05
)
RETURNS TABLE (
    rank integer,
    movie_id integer,
    title text,
    year integer,
    poster_path text,
    score numeric,
    reason text,
    support integer,
    out_of integer,
    mean_stars numeric,
    low numeric,
    high numeric
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH mine AS MATERIALIZED (
        SELECT feature_id, name, rarity
        FROM api._weighed_features(p_movie_id, p_kinds)
        WHERE api._checked('method', p_method, 'overlap', 'rarity', 'titles') IS NOT NULL
    ),
    -- A stored list, where it was made for what is asked and for the features of today.
    stored AS MATERIALIZED (
        SELECT
            list.others,
            list.bar_shared,
            list.bar_rarity + gained.rarity AS bar_rarity,
            list.bar_rarity_alone + gained.rarity AS bar_rarity_alone
        FROM derived.similar_movies AS list
        -- As movies come and go, features gain rarity or lose it: nobody more than all gains.
        CROSS JOIN LATERAL (
            SELECT COALESCE(sum(GREATEST(mine.rarity - past.rarity, 0)), 0) AS rarity
            FROM mine
            INNER JOIN unnest(list.features, list.rarities) AS past (feature_id, rarity)
                ON past.feature_id = mine.feature_id
        ) AS gained
        WHERE list.movie_id = p_movie_id
            AND list.features = (
                SELECT array_agg(mine.feature_id ORDER BY mine.feature_id) FROM mine
            )
            AND p_kinds @> '{genre,keyword,company,country,language}'
            AND p_common_share = 0.05
            -- so many changed movies would take longer than an answer without the list
            AND (
                SELECT count(*) <= 2000
                FROM (
                    SELECT movie_id FROM derived.similar_change ORDER BY movie_id LIMIT 2001
                ) AS first_ones
            )
    ),
    -- Its movies, and all that have changed since, counted as they are now.
    candidate AS MATERIALIZED (
        SELECT known.movie_id, counted.shared, counted.rarity
        FROM (
            SELECT unnest(others) AS movie_id FROM stored
            UNION
            SELECT movie_id FROM derived.similar_change WHERE EXISTS (SELECT FROM stored)
        ) AS known
        CROSS JOIN LATERAL (
            SELECT count(*) AS shared, sum(mine.rarity) AS rarity
            FROM core.movie_feature AS theirs
            INNER JOIN mine ON mine.feature_id = theirs.feature_id
            WHERE theirs.movie_id = known.movie_id
        ) AS counted
        WHERE known.movie_id <> p_movie_id AND counted.shared > 0
    ),
    -- No other movie is above the bar. If enough candidates are, they are the answer, exactly.
    proven AS MATERIALIZED (
        SELECT
            count(candidate.movie_id) >= p_offset::bigint + p_limit
            -- everybody is a candidate
            OR COALESCE(min(stored.bar_shared), 1) = 0 AS is_enough
        FROM stored
        LEFT JOIN candidate ON CASE
            WHEN p_method = 'rarity' THEN candidate.rarity > stored.bar_rarity_alone
            ELSE (candidate.shared, candidate.rarity) > (stored.bar_shared, stored.bar_rarity)
        END
    ),
    sharing AS (
        SELECT movie_id, shared, rarity
        FROM candidate
        WHERE (SELECT is_enough FROM proven)
        UNION ALL
        SELECT movie_id, shared, rarity
        FROM api._sharing_movies(p_movie_id, p_kinds, p_offset::bigint + p_limit, p_common_share)
        WHERE NOT (SELECT is_enough FROM proven)
    ),
    titled AS MATERIALIZED (
        SELECT movie_id, shared, rarity, points
        FROM api._titled_movies(p_movie_id, p_kinds)
        WHERE p_method = 'titles'
    ),
    -- What counts, in millionths. By titles the first ones by overlap are enough beside those that
    -- share a word: who shares none has no more than its features, and as many are before it.
    scored AS (
        SELECT
            movie_id,
            shared,
            rarity,
            CASE WHEN p_method = 'rarity' THEN rarity ELSE 1000000 * shared END AS points
        FROM sharing
        WHERE p_method <> 'titles'
            OR sharing.movie_id NOT IN (SELECT titled.movie_id FROM titled)
        UNION ALL
        SELECT movie_id, shared, rarity, points
        FROM titled
    ),
    -- What the last one on the page has: everything behind it need not be sorted. The bounded
    -- sort of a LIMIT finds it in one pass, where WITH TIES would sort all.
    last_one AS (
        SELECT points, rarity
        FROM scored
        ORDER BY points DESC, rarity DESC
        LIMIT 1 OFFSET GREATEST(p_offset::bigint + p_limit - 1, 0)
    ),
    -- Ties with it stay in, since what breaks them is still to be read.
    leading_ones AS (
        SELECT scored.movie_id, scored.shared, scored.rarity, scored.points
        FROM scored
        LEFT JOIN last_one ON true
        WHERE last_one.points IS NULL
            OR (scored.points, scored.rarity) >= (last_one.points, last_one.rarity)
    ),
    page AS (
        SELECT
            row_number() OVER best_first AS rank,
            movie_id,
            shared,
            points,
            round(stats.half_stars / 2.0 / NULLIF(stats.raters, 0), 2) AS mean_stars
        FROM leading_ones
        -- one by one: nobody knows beforehand how few there are, and all would be read for them
        LEFT JOIN LATERAL (
            SELECT kept.half_stars, kept.raters
            FROM derived.movie_stats AS kept
            WHERE kept.movie_id = leading_ones.movie_id
            ORDER BY kept.movie_id
            LIMIT 1
        ) AS stats ON true
        WINDOW best_first AS (
            ORDER BY
                points DESC,
                rarity DESC,
                api._damped_stars(COALESCE(stats.half_stars, 0), COALESCE(stats.raters, 0)) DESC,
                movie_id
        )
        ORDER BY rank
        LIMIT p_limit OFFSET p_offset
    )
    SELECT
        page.rank::integer,
        page.movie_id,
        movie.title,
        movie.year::integer,
        movie.poster_path,
        CASE WHEN p_method = 'overlap' THEN page.shared ELSE page.points * 0.000001 END AS score,
        CASE
            WHEN page.shared = 0 THEN ''
            WHEN page.shared = 1 THEN '1 feature'
            ELSE page.shared || ' features'
        END
        || CASE WHEN page.shared > 0 AND words.said IS NOT NULL THEN ' and ' ELSE '' END
        || COALESCE(words.said || ' of the title', '')
        || ' in common' || COALESCE(': ' || evidence.names, '')
        || CASE WHEN page.shared > 4 THEN ' and ' || page.shared - 4 || ' more' ELSE '' END
            AS reason,
        page.shared::integer AS support,
        features.total::integer AS out_of,
        page.mean_stars,
        api._wilson_bound(page.shared, features.total, -1.96) AS low,
        api._wilson_bound(page.shared, features.total, 1.96) AS high
    FROM page
    INNER JOIN core.movie ON movie.movie_id = page.movie_id
    CROSS JOIN (SELECT count(*) AS total FROM mine) AS features
    CROSS JOIN LATERAL (
        SELECT string_agg(telling.name, ', ' ORDER BY telling.rarity DESC, telling.name) AS names
        FROM (
            SELECT mine.name, mine.rarity
            FROM mine
            INNER JOIN core.movie_feature AS theirs
                ON theirs.movie_id = page.movie_id AND theirs.feature_id = mine.feature_id
            ORDER BY mine.rarity DESC, mine.name
            -- four names fit on a card
            LIMIT 4
        ) AS telling
    ) AS evidence
    CROSS JOIN LATERAL (
        SELECT
            string_agg('“' || told.word || '”', ', ' ORDER BY told.points DESC, told.word) AS said
        FROM api._shared_title_words(p_movie_id, page.movie_id) AS told
        WHERE p_method = 'titles'
    ) AS words
    ORDER BY page.rank;
END;
COMMENT ON FUNCTION api.similar_movies(
    integer, integer, integer, text, text[], double precision
) IS
'Movies that share features with p_movie_id: genres, keywords, companies, countries and the
original language (p_kinds). Nothing for a movie that is unknown or has no features.
p_method  overlap: score = the number of shared features
          rarity:  score = the sum over them of ln((1 + N) / df), N movies of which df have it
          titles:  score = the number of shared features, and for each word that both titles have two
                   fifths of its ln((1 + N) / df), df movies with it in title, original title or
                   year; words of more than 1% of all movies (and more than 100) count nothing.
                   A movie that shares such words alone is listed too, with support 0
Ties are broken by rarity, then the damped mean of stars, then movie_id: the order is total.
support of out_of: how many of the asked movie''s features are shared; low to high is the 95%
Wilson interval of that share. mean_stars: of all raters, 0.5 to 5.0.
The answer is of this moment, stored lists or not: they say where to look, and prove that nothing
else is to be found. p_common_share changes the cost and never the answer; any value but the
default takes no stored list.
Errors: RQ002 unknown method; 2201W, 2201X negative p_limit, p_offset.';
