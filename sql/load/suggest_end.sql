-- Load:  suggest_end
-- Does:  leaves nothing of a batch but the suggestions
-- Reads: nothing
DROP SCHEMA suggesting CASCADE;
