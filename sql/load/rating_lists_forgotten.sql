-- Load:  rating_lists_forgotten
-- Does:  lets go of stored lists: so much has changed that all are reckoned live until a refresh
-- Reads: nothing
DELETE FROM derived.also_liked;
DELETE FROM derived.also_liked_change;
