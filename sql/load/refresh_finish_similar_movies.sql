-- Load:  refresh_finish_similar_movies
-- Does:  ends a refresh of all lists: what had changed before it is in all of them
-- Reads: derived.refresh_run
DELETE FROM derived.similar_movies
USING derived.refresh_run AS run
WHERE run.what = 'similar_movies' AND similar_movies.refreshed_at < run.started_at;
DELETE FROM derived.similar_change WHERE is_seen;
UPDATE derived.refresh_run SET finished_at = clock_timestamp() WHERE what = 'similar_movies';
