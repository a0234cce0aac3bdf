-- Object: api.matched_ratings
-- Does:   finds the movies that lines of somebody's own export are about
-- Grain:  one row a line
-- Reads:  core.movie_key, core.movie
-- Params: p_lines array of {"line", "movie_id", "imdb_id", "movielens_id", "title", "year",
--         "stars", "rated_at"}, all but line optional; p_years by which a year may be off
-- Try:    SELECT * FROM api.matched_ratings('[{"line": 2, "title": "Alien", "stars": 4}]');
CREATE FUNCTION api.matched_ratings(
    p_lines jsonb,
    -- a première at a festival and the release are often in two years
    p_years integer DEFAULT 1
)
RETURNS TABLE (
    line integer,
    movie_id integer,
    matched_by text,
    problem text,
    title text,
    year integer,
    half_stars integer,
    rated_at timestamptz
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH given AS MATERIALIZED (
        SELECT
            entry.line, entry.movie_id, entry.imdb_id, entry.movielens_id, entry.title, entry.year,
            entry.stars, entry.rated_at,
            -- "Matrix, The" is how MovieLens sorts
            api._fold(
                regexp_replace(entry.title, '^(.*), (The|An?|L[aeo]s?|El|Il|Der|Die|Das)$', '\2 \1')
            ) AS title_key
        FROM jsonb_to_recordset(p_lines) AS entry (
            line integer, movie_id integer, imdb_id text, movielens_id text, title text,
            year integer, stars numeric, rated_at timestamptz
        )
    ),
    found AS (
        -- The sooner, the surer.
        SELECT given.line, 1 AS sure, 'imdb' AS matched_by, known.movie_id, 0 AS off
        FROM given
        INNER JOIN core.movie_key AS known
            ON known.source = 'imdb' AND known.key = given.imdb_id
        UNION ALL
        SELECT given.line, 2, 'tmdb', known.movie_id, 0
        FROM given
        INNER JOIN core.movie AS known ON known.movie_id = given.movie_id
        -- Keys from here on are of this database alone.
        WHERE given.movie_id < 1000000000
        UNION ALL
        SELECT given.line, 3, 'movielens', known.movie_id, 0
        FROM given
        INNER JOIN core.movie_key AS known
            ON known.source = 'movielens' AND known.key = given.movielens_id
        UNION ALL
        SELECT given.line, 4, 'title', known.movie_id, abs(known.year - given.year)
        FROM given
        INNER JOIN core.movie AS known ON known.title_key = given.title_key
        WHERE given.title_key <> '' AND (
            -- a year that one of the two does not know is no contradiction, only less near
            COALESCE(abs(known.year - given.year), 0) <= p_years
        )
        UNION ALL
        SELECT given.line, 5, 'original title', known.movie_id, abs(known.year - given.year)
        FROM given
        INNER JOIN core.movie AS known ON known.original_key = given.title_key
        WHERE given.title_key <> '' AND (
            -- a year that one of the two does not know is no contradiction, only less near
            COALESCE(abs(known.year - given.year), 0) <= p_years
        )
    ),
    -- Of the surest way and the nearest year; several of them are too many.
    nearest AS (
        SELECT *, rank() OVER (PARTITION BY line ORDER BY sure, off) AS place FROM found
    ),
    chosen AS (
        SELECT
            line, min(movie_id) AS movie_id, min(matched_by) AS matched_by,
            count(DISTINCT movie_id) AS candidates
        FROM nearest
        WHERE place = 1
        GROUP BY line
    ),
    judged AS (
        SELECT
            given.line, given.title, given.year, given.stars, given.rated_at, chosen.matched_by,
            CASE WHEN chosen.candidates = 1 THEN chosen.movie_id END AS movie_id,
            CASE
                WHEN given.stars IS NULL THEN 'no rating'
                WHEN given.stars NOT BETWEEN 0.5 AND 5
                    OR given.stars * 2 <> trunc(given.stars * 2) THEN 'not a number of stars'
                WHEN chosen.candidates IS NULL THEN 'not in the catalogue'
                WHEN chosen.candidates > 1 THEN 'several movies of that name'
            END AS problem
        FROM given
        LEFT JOIN chosen ON chosen.line = given.line
    )
    SELECT
        judged.line,
        judged.movie_id,
        judged.matched_by,
        COALESCE(
            judged.problem,
            -- the latest of them counts, else the last
            CASE WHEN row_number() OVER (
                PARTITION BY judged.movie_id, judged.problem
                ORDER BY judged.rated_at DESC NULLS LAST, judged.line DESC
            ) > 1 THEN 'rated again in the same file' END
        ) AS problem,
        judged.title,
        judged.year,
        CASE WHEN judged.problem IS NULL THEN (judged.stars * 2)::integer END AS half_stars,
        judged.rated_at
    FROM judged
    ORDER BY judged.line;
END;
COMMENT ON FUNCTION api.matched_ratings(jsonb, integer) IS
'Which movies the lines of an export of Letterboxd, IMDb, MovieLens or ours mean: by IMDb id, TMDB
id, MovieLens id, or by title and year. problem: why a line cannot be taken, else null. movielens_id
is an id space of its own and reaches a movie through core.movie_key only.
Errors: 22P02, 22023 p_lines is not as described.';
