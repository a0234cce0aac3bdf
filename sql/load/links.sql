-- Load:  links
-- Does:  links.csv into core.movielens_link, whole, whether the movie is here yet or not
-- Reads: staging.link; setting recsql.links_file
CREATE UNLOGGED TABLE staging.link_judged AS
SELECT
    line,
    staging.as_integer(movielens_id) AS movielens_id,
    staging.as_imdb_id(imdb_id) AS imdb_id,
    NULLIF(staging.as_integer(tmdb_id), 0) AS tmdb_id,
    concat_ws(',', movielens_id, imdb_id, tmdb_id) AS record,
    CASE
        WHEN staging.as_integer(movielens_id) IS NULL THEN 'no MovieLens id'
        WHEN row_number() OVER (PARTITION BY staging.as_integer(movielens_id) ORDER BY line) > 1
            THEN 'MovieLens id given before'
    END AS fault
FROM staging.link;

INSERT INTO staging.reject (file, line, reason, record)
SELECT current_setting('recsql.links_file'), line, fault, record
FROM staging.link_judged
WHERE fault IS NOT NULL;

WITH changed AS (
    INSERT INTO core.movielens_link AS known (movielens_id, imdb_id, tmdb_id)
    SELECT movielens_id, imdb_id, tmdb_id FROM staging.link_judged WHERE fault IS NULL
    ON CONFLICT (movielens_id) DO UPDATE SET
        imdb_id = COALESCE(excluded.imdb_id, known.imdb_id),
        tmdb_id = COALESCE(excluded.tmdb_id, known.tmdb_id)
    WHERE (known.imdb_id, known.tmdb_id) IS DISTINCT FROM (
        COALESCE(excluded.imdb_id, known.imdb_id), COALESCE(excluded.tmdb_id, known.tmdb_id)
    )
    RETURNING (xmax = 0) AS is_new
)
INSERT INTO staging.tally (table_name, inserted, updated, deleted, unchanged)
SELECT
    'core.movielens_link',
    count(*) FILTER (WHERE is_new),
    count(*) FILTER (WHERE NOT is_new),
    0,
    (SELECT count(*) FROM staging.link_judged WHERE fault IS NULL) - count(*)
FROM changed;

INSERT INTO staging.outcome (file, outcome, reason, rows)
SELECT current_setting('recsql.links_file'), 'landed', NULL, count(*)
FROM staging.link_judged
WHERE fault IS NULL;
