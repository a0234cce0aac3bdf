-- Object: api.refresh_feature_stats
-- Does:   reckons derived.feature_stats and derived.catalogue anew
-- Grain:  a row a feature that any movie has
-- Reads:  core.movie_feature, core.movie
-- Params: none
-- Try:    CALL api.refresh_feature_stats();
CREATE PROCEDURE api.refresh_feature_stats()
LANGUAGE sql
BEGIN ATOMIC
    INSERT INTO derived.feature_stats AS kept (feature_id, movies)
    SELECT feature_id, count(*) FROM core.movie_feature GROUP BY feature_id
    ON CONFLICT (feature_id) DO UPDATE SET movies = excluded.movies
    WHERE kept.movies <> excluded.movies;

    DELETE FROM derived.feature_stats AS kept
    WHERE NOT EXISTS (
        SELECT FROM core.movie_feature WHERE movie_feature.feature_id = kept.feature_id
    );

    UPDATE derived.catalogue SET movies = counted.movies
    FROM (SELECT count(*) AS movies FROM core.movie) AS counted
    WHERE catalogue.movies <> counted.movies;
END;
COMMENT ON PROCEDURE api.refresh_feature_stats() IS
'Recomputes how many movies have each feature, and how many movies there are. The triggers keep
both exact; this is for bulk loads, which run without the triggers.';
