-- Object: api.category
-- Does:   the categories that the site is arranged by: the genres
-- Grain:  one row a category
-- Reads:  core.feature, derived.feature_stats
-- Params: none
-- Try:    SELECT * FROM api.category ORDER BY movies DESC;
CREATE VIEW api.category AS
SELECT
    feature.feature_id AS category_id,
    replace(feature.code, ' ', '-') AS slug,
    feature.name,
    stats.movies
FROM core.feature
INNER JOIN derived.feature_stats AS stats USING (feature_id)
WHERE feature.kind = 'genre' AND stats.movies > 0;
COMMENT ON VIEW api.category IS 'One genre that at least one movie has.';
COMMENT ON COLUMN api.category.slug IS 'its name in an address: science-fiction';
COMMENT ON COLUMN api.category.movies IS 'how many movies have it, shown or not';
