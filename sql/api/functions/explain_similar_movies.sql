-- Object: api.explain_similar_movies
-- Does:   why one movie is similar to another: rows that add up to the score
-- Grain:  one row a shared feature, by titles also a shared word
-- Reads:  core.movie_feature, core.feature, core.movie, derived.feature_stats, derived.title_word,
--         derived.catalogue
-- Params: p_movie_id the asked movie; p_other_movie_id the recommended one; p_method; p_kinds
-- Try:    SELECT * FROM api.explain_similar_movies(603, 604);
CREATE FUNCTION api.explain_similar_movies(
    p_movie_id integer,
    p_other_movie_id integer,
    p_method text DEFAULT 'overlap',
    p_kinds text[] DEFAULT '{genre,keyword,company,country,language}'
)
RETURNS TABLE (kind text, evidence text, amount integer, points numeric)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT told.kind, told.evidence, told.amount, told.points
    FROM (
        SELECT
            mine.kind,
            mine.name AS evidence,
            mine.movies AS amount,
            CASE WHEN p_method = 'rarity' THEN mine.rarity * 0.000001 ELSE 1 END AS points
        FROM api._weighed_features(p_movie_id, p_kinds) AS mine
        INNER JOIN core.movie_feature AS theirs
            ON theirs.feature_id = mine.feature_id AND theirs.movie_id = p_other_movie_id
        WHERE p_movie_id <> p_other_movie_id
            AND api._checked('method', p_method, 'overlap', 'rarity', 'titles') IS NOT NULL
        UNION ALL
        SELECT 'title', word, movies, points * 0.000001
        FROM api._shared_title_words(p_movie_id, p_other_movie_id)
        WHERE p_method = 'titles'
    ) AS told
    -- of all movies of one catalogue: the fewer have it, the rarer
    ORDER BY told.amount, told.kind, told.evidence;
END;
COMMENT ON FUNCTION api.explain_similar_movies(integer, integer, text, text[]) IS
'The evidence for p_other_movie_id in api.similar_movies(p_movie_id): the sum of points is its
score. amount: how many movies of the catalogue have the feature, or the word (kind title).
Rarest first.
Errors: RQ002 unknown method.';
