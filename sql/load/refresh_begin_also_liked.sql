-- Load:  refresh_begin_also_liked
-- Does:  begins a refresh of all lists, or takes up one that was cut off
-- Reads: derived.refresh_run
INSERT INTO derived.refresh_run AS run (what, started_at)
VALUES ('also_liked', clock_timestamp())
ON CONFLICT (what) DO UPDATE SET
    started_at = CASE
        WHEN run.finished_at IS NULL THEN run.started_at ELSE excluded.started_at
    END,
    finished_at = NULL;
