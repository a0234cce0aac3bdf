-- Object: api.freshness
-- Does:   how old the stored lists are, and how much of what they rest on has changed
-- Grain:  one row a stored list
-- Reads:  derived.also_liked, derived.also_liked_change, derived.similar_movies,
--         derived.similar_change, derived.catalogue, core.movie_feature, core.movie
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
    stored.refreshed_at,
    'also_liked' AS list
FROM derived.also_liked AS stored
INNER JOIN core.movie ON movie.movie_id = stored.movie_id
LEFT JOIN (
    SELECT movie_id, sum(evidence)::bigint AS evidence
    FROM derived.also_liked_change
    GROUP BY movie_id
) AS changed ON changed.movie_id = stored.movie_id
UNION ALL
SELECT
    stored.movie_id,
    movie.title,
    NULL AS fans,
    catalogue.movies::bigint AS evidence,
    changed.movies AS changed,
    CASE
        WHEN own.is_void THEN 1
        ELSE round(changed.movies / GREATEST(catalogue.movies, 1)::numeric, 6)
    END AS share,
    stored.refreshed_at,
    'similar_movies' AS list
FROM derived.similar_movies AS stored
INNER JOIN core.movie ON movie.movie_id = stored.movie_id
CROSS JOIN derived.catalogue
CROSS JOIN (SELECT count(*) AS movies FROM derived.similar_change) AS changed
LEFT JOIN (
    SELECT
        noted.movie_id,
        COALESCE(kept.features <> recent.features, true) AS is_void
    FROM derived.similar_change AS noted
    INNER JOIN derived.similar_movies AS kept ON kept.movie_id = noted.movie_id
    CROSS JOIN LATERAL (
        SELECT array_agg(theirs.feature_id ORDER BY theirs.feature_id) AS features
        FROM core.movie_feature AS theirs
        WHERE theirs.movie_id = noted.movie_id
    ) AS recent
) AS own ON own.movie_id = stored.movie_id;
COMMENT ON VIEW api.freshness IS
'The stored lists: of also-liked the sums, of similar movies the candidates. What is not here is
reckoned live. Similar movies are always counted as they are now: changes make a list slower to use,
and not wrong.';
COMMENT ON COLUMN api.freshness.fans IS 'of also-liked: raters who gave the movie 5.0';
COMMENT ON COLUMN api.freshness.evidence IS
'of also-liked: ratings of other movies that its fans had given; of similar movies: all movies';
COMMENT ON COLUMN api.freshness.changed IS 'how many of them came, went or changed since';
COMMENT ON COLUMN api.freshness.share IS
'changed / evidence; 1 where the movie''s own features are others now; recsql refresh --stale takes
lists above 0.01';
COMMENT ON COLUMN api.freshness.list IS 'also_liked or similar_movies';
