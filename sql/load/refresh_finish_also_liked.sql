-- Load:  refresh_finish_also_liked
-- Does:  ends a refresh of all lists
-- Reads: nothing
UPDATE derived.refresh_run SET finished_at = clock_timestamp() WHERE what = 'also_liked';
