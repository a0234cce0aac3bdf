-- Object: api.feature
-- Does:   what movies can share, and how rare it is
-- Grain:  one row a genre, keyword, company, country or language
-- Reads:  core.feature, derived.feature_stats, derived.catalogue
-- Params: none
-- Try:    SELECT * FROM api.feature WHERE kind = 'keyword' AND name = 'space';
CREATE VIEW api.feature AS
SELECT
    feature.feature_id,
    feature.kind,
    feature.code,
    feature.name,
    COALESCE(stats.movies, 0) AS movies,
    round(COALESCE(stats.movies, 0)::numeric / NULLIF(catalogue.movies, 0), 6) AS share,
    CASE
        WHEN stats.movies > 0 THEN api._rarity(catalogue.movies, stats.movies) * 0.000001
    END AS rarity
FROM core.feature
LEFT JOIN derived.feature_stats AS stats ON stats.feature_id = feature.feature_id
CROSS JOIN derived.catalogue;
COMMENT ON VIEW api.feature IS 'One genre, keyword, company, country or language.';
COMMENT ON COLUMN api.feature.code IS 'the ISO code, else the name in lower case';
COMMENT ON COLUMN api.feature.movies IS 'how many movies have it, shown or not';
COMMENT ON COLUMN api.feature.share IS 'of all movies, 0 to 1; null without any';
COMMENT ON COLUMN api.feature.rarity IS
'what sharing it is worth by the method rarity of api.similar_movies; null where no movie has it';
