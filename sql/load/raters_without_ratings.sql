-- Load:  raters_without_ratings
-- Does:  lets go of raters of this source of whom no rating is left
-- Reads: core.rater, core.rating; setting recsql.source
DELETE FROM core.rater
WHERE source = current_setting('recsql.source')
    AND NOT EXISTS (SELECT FROM core.rating WHERE rating.user_id = rater.user_id);
