-- Object: api._browse_features
-- Does:   the features that a filter names
-- Grain:  one value: their keys, or null where one is unknown
-- Reads:  core.feature
-- Params: p_genre as in api.category.slug; p_country, p_language ISO codes; p_feature_id
-- Try:    SELECT api._browse_features('science-fiction', 'US', NULL, NULL);
CREATE FUNCTION api._browse_features(
    p_genre text,
    p_country text,
    p_language text,
    p_feature_id integer
)
RETURNS integer[]
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE
        WHEN count(*) = num_nonnulls(p_genre, p_country, p_language, p_feature_id)
            THEN COALESCE(array_agg(DISTINCT named.feature_id), '{}')
    END
    FROM (
        SELECT feature_id FROM core.feature
        WHERE kind = 'genre' AND replace(code, ' ', '-') = p_genre
        UNION ALL
        SELECT feature_id FROM core.feature WHERE kind = 'country' AND code = p_country
        UNION ALL
        SELECT feature_id FROM core.feature WHERE kind = 'language' AND code = p_language
        UNION ALL
        SELECT feature_id FROM core.feature WHERE feature_id = p_feature_id
    ) AS named;
END;
COMMENT ON FUNCTION api._browse_features(text, text, text, integer) IS
'The feature_id of each that is not null; null where one of them does not exist, {} without any.';
