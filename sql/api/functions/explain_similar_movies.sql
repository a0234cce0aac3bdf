-- Object: api.explain_similar_movies
-- Does:   why one movie is similar to another: rows that add up to the score
-- Grain:  one row a shared feature
-- Reads:  core.movie_feature, core.feature, derived.feature_stats, derived.catalogue
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
    SELECT
        mine.kind,
        mine.name AS evidence,
        mine.movies AS amount,
        CASE WHEN p_method = 'overlap' THEN 1 ELSE mine.rarity * 0.000001 END AS points
    FROM api._weighed_features(p_movie_id, p_kinds) AS mine
    INNER JOIN core.movie_feature AS theirs
        ON theirs.feature_id = mine.feature_id AND theirs.movie_id = p_other_movie_id
    WHERE p_movie_id <> p_other_movie_id
        AND api._checked('method', p_method, 'overlap', 'rarity') IS NOT NULL
    ORDER BY mine.rarity DESC, mine.kind, mine.name;
END;
COMMENT ON FUNCTION api.explain_similar_movies(integer, integer, text, text[]) IS
'The evidence for p_other_movie_id in api.similar_movies(p_movie_id): the sum of points is its
score. amount: how many movies of the catalogue have the feature. Rarest first.
Errors: RQ002 unknown method.';
