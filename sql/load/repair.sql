-- Load:  repair
-- Does:  brings ids together: movies to their TMDB id, MovieLens ids to their movies
-- Reads: core.movielens_link, core.movie_key, staging.film
CREATE UNLOGGED TABLE staging.rekey AS
SELECT old_id, min(new_id) AS new_id
FROM (
    SELECT key.movie_id AS old_id, link.tmdb_id AS new_id
    FROM core.movielens_link AS link
    INNER JOIN core.movie_key AS key
        ON key.source = 'movielens' AND key.key = link.movielens_id::text
    UNION ALL
    SELECT key.movie_id, link.tmdb_id
    FROM core.movielens_link AS link
    INNER JOIN core.movie_key AS key ON key.source = 'imdb' AND key.key = link.imdb_id
    UNION ALL
    -- a link without a TMDB id still names its movie by the IMDb id
    SELECT key.movie_id, known.movie_id
    FROM core.movielens_link AS link
    INNER JOIN core.movie_key AS key
        ON key.source = 'movielens' AND key.key = link.movielens_id::text
    INNER JOIN core.movie_key AS known ON known.source = 'imdb' AND known.key = link.imdb_id
    WHERE link.tmdb_id IS NULL AND known.movie_id < 1000000000
    UNION ALL
    SELECT key.movie_id, film.tmdb_id
    FROM staging.film
    INNER JOIN core.movie_key AS key ON key.source = 'imdb' AND key.key = film.imdb_id
) AS known
-- a key of our own making gives way to the TMDB id
WHERE old_id >= 1000000000 AND new_id IS NOT NULL
GROUP BY old_id;

DO $$
DECLARE
    old_ids CONSTANT integer[] := ARRAY(SELECT old_id FROM staging.rekey ORDER BY old_id);
    new_ids CONSTANT integer[] := ARRAY(SELECT new_id FROM staging.rekey ORDER BY old_id);
BEGIN
    -- it has to look through all ratings, so not for nothing
    IF cardinality(old_ids) > 0 THEN
        CALL api.rekey_movies(old_ids, new_ids);
    END IF;
END
$$;

INSERT INTO core.movie_key (source, key, movie_id)
SELECT DISTINCT 'tmdb', new_id::text, new_id FROM staging.rekey
ON CONFLICT (source, key) DO NOTHING;

INSERT INTO staging.tally (table_name, inserted, updated, deleted, unchanged)
SELECT 'core.movie (re-keyed)', 0, count(*), 0, 0 FROM staging.rekey HAVING count(*) > 0;

-- Every MovieLens id whose movie is here: by TMDB id, else by IMDb id.
WITH added AS (
    INSERT INTO core.movie_key (source, key, movie_id)
    SELECT 'movielens', link.movielens_id::text, COALESCE(movie.movie_id, by_imdb.movie_id)
    FROM core.movielens_link AS link
    LEFT JOIN core.movie ON movie.movie_id = link.tmdb_id
    LEFT JOIN core.movie_key AS by_imdb
        ON link.tmdb_id IS NULL AND by_imdb.source = 'imdb' AND by_imdb.key = link.imdb_id
    WHERE COALESCE(movie.movie_id, by_imdb.movie_id) IS NOT NULL
    ON CONFLICT (source, key) DO UPDATE SET movie_id = excluded.movie_id
    WHERE movie_key.movie_id <> excluded.movie_id
    RETURNING 1
)
INSERT INTO staging.tally (table_name, inserted, updated, deleted, unchanged)
SELECT
    'core.movie_key (movielens)', count(*), 0, 0,
    (SELECT count(*) FROM core.movie_key WHERE source = 'movielens')
FROM added;

-- A movie without an IMDb id takes the one of its link, by which it may be found later.
WITH added AS (
    INSERT INTO core.movie_key (source, key, movie_id)
    SELECT DISTINCT ON (key.movie_id) 'imdb', link.imdb_id, key.movie_id
    FROM core.movielens_link AS link
    INNER JOIN core.movie_key AS key
        ON key.source = 'movielens' AND key.key = link.movielens_id::text
    WHERE link.imdb_id IS NOT NULL
        AND NOT EXISTS (
            SELECT FROM core.movie_key AS known
            WHERE known.source = 'imdb' AND known.movie_id = key.movie_id
        )
    ORDER BY key.movie_id, link.movielens_id
    ON CONFLICT (source, key) DO NOTHING
    RETURNING 1
)
INSERT INTO staging.tally (table_name, inserted, updated, deleted, unchanged)
SELECT 'core.movie_key (imdb)', count(*), 0, 0, 0 FROM added HAVING count(*) > 0;
