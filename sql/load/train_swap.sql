-- Load:  train_swap
-- Does:  lets the current run of a model become the former one, and the former one go
-- Reads: derived.model_run; setting recsql.model
-- One training at a time comes here; the next one waits for its end.
SELECT pg_advisory_xact_lock(hashtext('recsql.train'));
DELETE FROM derived.model_run
WHERE model = current_setting('recsql.model') AND state = 'former';
UPDATE derived.model_run SET state = 'former'
WHERE model = current_setting('recsql.model') AND state = 'current';
