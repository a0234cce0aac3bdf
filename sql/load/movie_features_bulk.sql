-- Load:  movie_features_bulk
-- Does:  all staged features of movies into core.movie_feature, which is empty
-- Reads: staging.film, staging.film_feature, core.feature
INSERT INTO core.movie_feature (movie_id, feature_id)
SELECT DISTINCT film.movie_id, feature.feature_id
FROM staging.film_feature AS staged
INNER JOIN staging.film USING (line)
INNER JOIN core.feature ON feature.kind = staged.kind AND feature.code = staged.code
WHERE film.owned
ORDER BY film.movie_id, feature.feature_id;
