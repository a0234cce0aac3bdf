-- Load:  rating_indexes_drop
-- Does:  takes the indexes off an empty core.rating: built at once they cost a third
-- Reads: nothing
ALTER TABLE core.rating DROP CONSTRAINT rating_pkey, DROP CONSTRAINT rating_user_id_fkey;
DROP INDEX core.rating_fans_idx;
