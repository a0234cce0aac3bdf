-- Object: api._weighed_features
-- Does:   the features of a movie, each with what sharing it is worth
-- Grain:  one row a feature of the movie
-- Reads:  core.movie_feature, core.feature, derived.feature_stats, derived.catalogue
-- Params: p_movie_id; p_kinds which kinds of feature count
-- Try:    SELECT * FROM api._weighed_features(603, '{genre,keyword}') ORDER BY rarity DESC;
CREATE FUNCTION api._weighed_features(p_movie_id integer, p_kinds text[])
RETURNS TABLE (feature_id integer, kind text, name text, movies integer, rarity integer)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT
        feature.feature_id,
        feature.kind,
        feature.name,
        stats.movies,
        -- a scalar, so that the planner knows it is one
        api._rarity((SELECT catalogue.movies FROM derived.catalogue), stats.movies) AS rarity
    FROM core.movie_feature
    INNER JOIN core.feature ON feature.feature_id = movie_feature.feature_id
    INNER JOIN derived.feature_stats AS stats ON stats.feature_id = movie_feature.feature_id
    WHERE movie_feature.movie_id = p_movie_id AND feature.kind = ANY(p_kinds);
END;
COMMENT ON FUNCTION api._weighed_features(integer, text[]) IS
'The features of a movie; movies: how many have it; rarity: as api._rarity, in millionths.';
