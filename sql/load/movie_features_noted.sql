-- Load:  movie_features_noted
-- Does:  notes all movies as changed, as the triggers would have: no similar list knows them
-- Reads: core.movie_feature
INSERT INTO derived.similar_change AS noted (movie_id)
SELECT DISTINCT movie_id FROM core.movie_feature ORDER BY movie_id
ON CONFLICT (movie_id) DO UPDATE SET is_seen = false WHERE noted.is_seen;
