-- Object: api.freshness
-- Does:   how old the stored lists are, and how much of what they rest on has changed
-- Grain:  one row a stored list
-- Reads:  derived.also_liked, derived.also_liked_change, core.movie
-- Params: none
-- Try:    SELECT * FROM api.freshness ORDER BY share DESC LIMIT 5;
CREATE VIEW api.freshness AS
SELECT
    stored.movie_id,
    movie.title,
    stored.fans,
    stored.evidence,
    COALESCE(changed.evidence, 0) AS changed,
    round(COALESCE(changed.evidence, 0) / GREATEST(stored.evidence, 1)::numeric, 6) AS share,
    stored.refreshed_at
FROM derived.also_liked AS stored
INNER JOIN core.movie ON movie.movie_id = stored.movie_id
LEFT JOIN (
    SELECT movie_id, sum(evidence)::bigint AS evidence
    FROM derived.also_liked_change
    GROUP BY movie_id
) AS changed ON changed.movie_id = stored.movie_id;
COMMENT ON VIEW api.freshness IS
'The stored also-liked lists. A movie that is not here is reckoned live and always fresh.';
COMMENT ON COLUMN api.freshness.evidence IS 'ratings of other movies that its fans had given';
COMMENT ON COLUMN api.freshness.changed IS 'how many of them came, went or changed since';
COMMENT ON COLUMN api.freshness.share IS
'changed / evidence; recsql refresh --stale takes lists above 0.01';
