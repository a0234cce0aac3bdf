-- Object: api._titled_movies
-- Does:   the movies that share telling words of their title with one movie
-- Grain:  one row per other movie that shares at least one
-- Reads:  core.movie, core.movie_feature, core.feature, derived.title_word, derived.feature_stats,
--         derived.catalogue
-- Params: p_movie_id; p_kinds of feature
-- Try:    SELECT * FROM api._titled_movies(603, '{genre,keyword}') ORDER BY points DESC;
CREATE FUNCTION api._titled_movies(p_movie_id integer, p_kinds text[])
RETURNS TABLE (movie_id integer, shared bigint, rarity bigint, points bigint)
LANGUAGE sql STABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    WITH word AS MATERIALIZED (
        SELECT word, points FROM api._title_words(p_movie_id)
    ),
    mine AS MATERIALIZED (
        SELECT feature_id, rarity FROM api._weighed_features(p_movie_id, p_kinds)
    ),
    -- The index knows words of titles, original titles and years together: a few more.
    titled AS MATERIALIZED (
        SELECT movie.movie_id, told.points
        FROM core.movie
        CROSS JOIN LATERAL (
            SELECT sum(word.points) AS points
            FROM word
            WHERE strpos(' ' || movie.title_key || ' ', ' ' || word.word || ' ') > 0
        ) AS told
        WHERE movie.search_words @@ (
            SELECT string_agg('''' || replace(word.word, '\', '\\') || '''', ' | ')::tsquery
            FROM word
        )
            AND movie.movie_id <> p_movie_id
            AND NOT movie.adult
            AND told.points > 0
    )
    SELECT
        titled.movie_id,
        counted.shared,
        counted.rarity,
        1000000 * counted.shared + titled.points AS points
    FROM titled
    CROSS JOIN LATERAL (
        SELECT count(*) AS shared, COALESCE(sum(mine.rarity), 0)::bigint AS rarity
        FROM core.movie_feature AS theirs
        INNER JOIN mine ON mine.feature_id = theirs.feature_id
        WHERE theirs.movie_id = titled.movie_id
    ) AS counted;
END;
COMMENT ON FUNCTION api._titled_movies(integer, text[]) IS
'Other movies with a word of api._title_words(p_movie_id) in their title: shared features (of
p_kinds) and the sum of their rarity, 0 where they share none; points: a million a feature and
those of the words. At most 1% of all movies a word, so a few hundred rows.';
