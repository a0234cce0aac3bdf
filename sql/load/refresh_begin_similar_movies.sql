-- Load:  refresh_begin_similar_movies
-- Does:  begins a refresh of all lists, or takes up one that was cut off
-- Reads: derived.refresh_run
-- Whatever has changed by now is in all lists at the end. A run that is taken up marks nothing: its
-- first lists have not seen what came in between.
UPDATE derived.similar_change SET is_seen = true
WHERE NOT is_seen
    AND NOT EXISTS (
        SELECT FROM derived.refresh_run AS run
        WHERE run.what = 'similar_movies' AND run.finished_at IS NULL
    );
INSERT INTO derived.refresh_run AS run (what, started_at)
VALUES ('similar_movies', clock_timestamp())
ON CONFLICT (what) DO UPDATE SET
    started_at = CASE
        WHEN run.finished_at IS NULL THEN run.started_at ELSE excluded.started_at
    END,
    finished_at = NULL;
