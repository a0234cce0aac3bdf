-- Load:  ratings_numbered
-- Does:  finds the lines of ratings that are turned away, of a file that COPY took as it is
-- Reads: staging.rating, staging.turned_away; setting recsql.first_line, that of the first rating
-- They lie as they were read, so their places are counted. A scan that joins another one's would
-- begin in the middle, and parallel workers would mix them.
SET LOCAL synchronize_seqscans = off;
SET LOCAL max_parallel_workers_per_gather = 0;
CREATE UNLOGGED TABLE staging.numbered AS
SELECT counted.at, counted.place - 1 + current_setting('recsql.first_line')::bigint AS line
FROM (SELECT ctid AS at, row_number() OVER () AS place FROM staging.rating) AS counted
WHERE counted.at IN (SELECT turned_away.at FROM staging.turned_away);
SET LOCAL max_parallel_workers_per_gather TO DEFAULT;
SET LOCAL synchronize_seqscans TO DEFAULT;
