-- Load:  credits
-- Does:  staged people and credits into core
-- Reads: staging.film, staging.film_credit
-- People, by TMDB id or else by name.
INSERT INTO core.person (tmdb_id, name)
SELECT staged.tmdb_id, min(staged.name COLLATE "C")
FROM staging.film_credit AS staged
INNER JOIN staging.film USING (line)
WHERE film.owned AND staged.tmdb_id IS NOT NULL
GROUP BY staged.tmdb_id
ORDER BY staged.tmdb_id
ON CONFLICT (tmdb_id) DO NOTHING;

INSERT INTO core.person (name)
SELECT DISTINCT staged.name
FROM staging.film_credit AS staged
INNER JOIN staging.film USING (line)
WHERE film.owned
    AND staged.tmdb_id IS NULL
    AND NOT EXISTS (SELECT FROM core.person WHERE person.name = staged.name)
ORDER BY staged.name;

CREATE UNLOGGED TABLE staging.credit AS
SELECT film.movie_id, staged.role, staged.place, staged.job, known.person_id
FROM staging.film_credit AS staged
INNER JOIN staging.film USING (line)
CROSS JOIN LATERAL (
    SELECT min(person.person_id) AS person_id FROM core.person
    WHERE staged.tmdb_id IS NOT NULL AND person.tmdb_id = staged.tmdb_id
        OR staged.tmdb_id IS NULL AND person.name = staged.name
) AS known
WHERE film.owned;

WITH removed AS (
    DELETE FROM core.credit AS known
    -- only of movies that come with credits: a load without any erases none
    USING (SELECT DISTINCT movie_id FROM staging.credit) AS credited
    WHERE known.movie_id = credited.movie_id
        AND NOT EXISTS (
            SELECT FROM staging.credit AS wanted
            WHERE wanted.movie_id = known.movie_id
                AND wanted.role = known.role
                AND wanted.place = known.place
        )
    RETURNING 1
),
changed AS (
    INSERT INTO core.credit AS known (movie_id, role, place, person_id, job)
    SELECT movie_id, role, place, person_id, job FROM staging.credit
    ON CONFLICT (movie_id, role, place) DO UPDATE SET
        person_id = excluded.person_id, job = excluded.job
    WHERE (known.person_id, known.job) IS DISTINCT FROM (excluded.person_id, excluded.job)
    RETURNING (xmax = 0) AS is_new
)
INSERT INTO staging.tally (table_name, inserted, updated, deleted, unchanged)
SELECT
    'core.credit', changed.added, changed.updated, removed.rows,
    (SELECT count(*) FROM staging.credit) - changed.added - changed.updated
FROM
    (
        SELECT
            count(*) FILTER (WHERE is_new) AS added,
            count(*) FILTER (WHERE NOT is_new) AS updated
        FROM changed
    ) AS changed,
    (SELECT count(*) AS rows FROM removed) AS removed;
