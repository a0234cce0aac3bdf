-- Load:  ratings_straight
-- Does:  counts a file whose good ratings went straight to core.rating: in staging are the others,
--        each with its line
-- Reads: staging.rating; settings recsql.read, recsql.without_time
ANALYZE staging.rating;

CREATE UNLOGGED TABLE staging.rated_by AS
SELECT
    current_setting('recsql.read')::bigint AS ratings,
    current_setting('recsql.without_time')::bigint AS without_time;

CREATE VIEW staging.numbered AS SELECT ctid AS at, line FROM staging.rating;
