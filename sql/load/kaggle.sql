-- Load:  kaggle
-- Does:  the files of The Movies Dataset, raw in staging, into films, features, credits and links
-- Reads: staging.metadata, staging.keywords, staging.credits

-- What stands in the file, before anything is mended.
INSERT INTO staging.outcome (file, outcome, reason, rows)
SELECT 'movies_metadata.csv', 'noted', noted.reason, noted.rows
FROM (
    SELECT
        count(*) FILTER (WHERE genres <> '[]') AS genres_python,
        count(*) FILTER (WHERE genres = '[]') AS genres_empty,
        count(*) FILTER (WHERE overview LIKE E'%\n%') AS overview_lines,
        count(*) FILTER (WHERE COALESCE(title, '') = '') AS title,
        count(*) FILTER (WHERE COALESCE(release_date, '') = '') AS release_date,
        count(*) FILTER (WHERE COALESCE(runtime, '') = '') AS runtime,
        count(*) FILTER (WHERE COALESCE(original_language, '') = '') AS original_language,
        count(*) FILTER (WHERE COALESCE(poster_path, '') = '') AS poster_path,
        count(*) FILTER (WHERE revenue ~ '^0(\.0+)?$') AS revenue_zero,
        count(*) FILTER (WHERE runtime ~ '^0(\.0+)?$') AS runtime_zero,
        -- the reader gives null for these, and empty text for an empty cell
        count(*) FILTER (WHERE cells = 24 AND num_nulls(
            belongs_to_collection, genres, production_companies, production_countries,
            spoken_languages
        ) > 0) AS no_list
    FROM staging.metadata
) AS counted
CROSS JOIN LATERAL (
    VALUES
        (1, 'genres are no JSON, read as Python', counted.genres_python),
        (2, 'no genres', counted.genres_empty),
        (3, 'overview over several lines', counted.overview_lines),
        (4, 'no title', counted.title),
        (5, 'no release date', counted.release_date),
        (6, 'no runtime', counted.runtime),
        (7, 'no language', counted.original_language),
        (8, 'no poster', counted.poster_path),
        (9, 'revenue 0, taken as unknown', counted.revenue_zero),
        (10, 'runtime 0, taken as unknown', counted.runtime_zero),
        (11, 'a list that cannot be read, taken as empty', counted.no_list)
) AS noted (place, reason, rows)
WHERE noted.rows > 0
ORDER BY noted.place;

-- A line break got into some overviews and cut their record in two: the second half begins in
-- the first column with the rest of the overview, so its cells stand nine columns to the left.
CREATE UNLOGGED TABLE staging.mended AS
SELECT head.line AS head_line, tail.line AS tail_line
FROM (
    SELECT
        line, id, title, genres, vote_count, video, vote_average,
        lead(line) OVER (ORDER BY line) AS next_line
    FROM staging.metadata
) AS head
INNER JOIN staging.metadata AS tail ON tail.line = head.next_line
WHERE head.id ~ '^[0-9]+$'
    AND COALESCE(head.title, '') = ''
    AND COALESCE(head.vote_count, '') = ''
    -- the release date where the id belongs, the title where the status does
    AND tail.id ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$'
    AND COALESCE(tail.tagline, '') = '';

UPDATE staging.metadata AS head SET
    cells = 24,
    overview = NULLIF(concat_ws(' ', NULLIF(head.overview, ''), btrim(tail.adult)), ''),
    popularity = tail.belongs_to_collection,
    poster_path = tail.budget,
    production_companies = tail.genres,
    production_countries = tail.homepage,
    release_date = tail.id,
    revenue = tail.imdb_id,
    runtime = tail.original_language,
    spoken_languages = tail.original_title,
    status = tail.overview,
    tagline = tail.popularity,
    title = tail.poster_path,
    video = tail.production_companies,
    vote_average = tail.production_countries,
    vote_count = tail.release_date
FROM staging.mended
INNER JOIN staging.metadata AS tail ON tail.line = mended.tail_line
WHERE head.line = mended.head_line;

DELETE FROM staging.metadata AS tail USING staging.mended WHERE tail.line = mended.tail_line;

INSERT INTO staging.outcome (file, outcome, reason, rows)
SELECT
    'movies_metadata.csv', 'noted', 'second half of a broken record, joined to its first', count(*)
FROM staging.mended
HAVING count(*) > 0;

-- One record a TMDB id: the one with most votes is the latest.
CREATE UNLOGGED TABLE staging.judged AS
SELECT
    metadata.*,
    CASE
        WHEN metadata.cells <> 24
            THEN metadata.cells || ' cells where 24 belong'
        WHEN staging.as_integer(metadata.id) IS NULL OR staging.as_integer(metadata.id) = 0
            THEN 'no TMDB id'
        WHEN staging.as_integer(metadata.id) >= 1000000000
            THEN 'a TMDB id out of range'
        WHEN COALESCE(staging.as_text(metadata.title), staging.as_text(metadata.original_title))
            IS NULL THEN 'no title'
        WHEN COALESCE(staging.as_name(metadata.title), staging.as_name(metadata.original_title))
            IS NULL THEN 'a title of more than 500 characters'
    END AS fault,
    staging.as_integer(metadata.id) AS tmdb_id
FROM staging.metadata;

CREATE UNLOGGED TABLE staging.repeated AS
SELECT line, is_same
FROM (
    SELECT
        judged.line,
        (to_jsonb(judged) - 'line')
        = first_value(to_jsonb(judged) - 'line') OVER best_first AS is_same,
        row_number() OVER best_first AS place
    FROM staging.judged
    INNER JOIN (
        SELECT tmdb_id FROM staging.judged
        WHERE fault IS NULL
        GROUP BY tmdb_id
        HAVING count(*) > 1
    ) AS double ON double.tmdb_id = judged.tmdb_id
    WHERE judged.fault IS NULL
    WINDOW best_first AS (
        PARTITION BY judged.tmdb_id
        ORDER BY COALESCE(staging.as_integer(judged.vote_count), 0) DESC, judged.line
    )
) AS placed
WHERE place > 1;

INSERT INTO staging.reject (file, line, reason, record)
SELECT
    'movies_metadata.csv',
    judged.line,
    COALESCE(
        judged.fault,
        CASE
            WHEN repeated.is_same THEN 'id given before, same record'
            ELSE 'id given before, other values: the record with most votes is kept'
        END
    ),
    left(concat_ws(',', judged.id, judged.imdb_id, judged.title), 200)
FROM staging.judged
LEFT JOIN staging.repeated ON repeated.line = judged.line
WHERE judged.fault IS NOT NULL OR repeated.line IS NOT NULL;

INSERT INTO staging.film (
    line, key_source, key, tmdb_id, imdb_id, title, original_title, tagline, overview,
    release_date, year, runtime, status, original_language, budget, revenue, popularity, homepage,
    poster_path, collection_id, collection, collection_poster_path, collection_backdrop_path,
    adult
)
SELECT
    judged.line,
    'tmdb',
    judged.tmdb_id::text,
    judged.tmdb_id,
    staging.as_imdb_id(judged.imdb_id),
    COALESCE(staging.as_name(judged.title), staging.as_name(judged.original_title)),
    staging.as_name(judged.original_title),
    staging.as_text(judged.tagline),
    staging.as_text(judged.overview),
    staging.as_date(judged.release_date),
    date_part('year', staging.as_date(judged.release_date)),
    NULLIF(staging.as_integer(judged.runtime), 0),
    staging.as_text(judged.status),
    staging.as_text(judged.original_language),
    staging.as_dollars(judged.budget),
    staging.as_dollars(judged.revenue),
    CASE
        WHEN judged.popularity ~ '^[0-9]{1,9}(\.[0-9]{1,12})?([eE](-[0-9]{1,2}|\+?0?[0-9]))?$'
            -- by way of numeric: a number too small for a real is zero, and no error
            THEN round(judged.popularity::numeric, 9)::real
    END,
    staging.as_text(judged.homepage),
    staging.as_text(judged.poster_path),
    -- a collection without a name is none
    CASE WHEN collection.name IS NOT NULL THEN staging.as_integer(collection.it ->> 'id') END,
    collection.name,
    staging.as_text(collection.it ->> 'poster_path'),
    staging.as_text(collection.it ->> 'backdrop_path'),
    judged.adult = 'True'
FROM staging.judged
LEFT JOIN staging.repeated ON repeated.line = judged.line
CROSS JOIN LATERAL (
    SELECT it, staging.as_text(it ->> 'name') AS name
    FROM (
        SELECT CASE
            WHEN left(judged.belongs_to_collection, 1) = '{'
                THEN judged.belongs_to_collection::jsonb
        END AS it
    ) AS given
) AS collection
WHERE judged.fault IS NULL AND repeated.line IS NULL;

-- Materialized: else each name would be reckoned anew wherever it is spoken of.
INSERT INTO staging.film_feature (line, kind, code, name)
WITH listed AS MATERIALIZED (
    SELECT film.line, 'genre' AS kind, NULL AS code, staging.as_name(item ->> 'name') AS name
    FROM staging.film
    INNER JOIN staging.judged USING (line)
    CROSS JOIN LATERAL jsonb_array_elements(staging.as_list(judged.genres)) AS item
    UNION ALL
    SELECT film.line, 'company', NULL, staging.as_name(item ->> 'name')
    FROM staging.film
    INNER JOIN staging.judged USING (line)
    CROSS JOIN LATERAL jsonb_array_elements(staging.as_list(judged.production_companies)) AS item
    UNION ALL
    SELECT
        film.line, 'country', code.code,
        -- without a code there is no country
        CASE
            WHEN code.code IS NOT NULL
                THEN COALESCE(staging.as_name(item ->> 'name'), code.code)
        END
    FROM staging.film
    INNER JOIN staging.judged USING (line)
    CROSS JOIN LATERAL jsonb_array_elements(staging.as_list(judged.production_countries)) AS item
    CROSS JOIN LATERAL (SELECT staging.as_name(item ->> 'iso_3166_1') AS code) AS code
    UNION ALL
    SELECT line, 'language', staging.as_name(original_language), staging.as_name(original_language)
    FROM staging.film
)
SELECT line, kind, COALESCE(code, lower(name)), name
FROM listed
-- an item without a name says nothing
WHERE name IS NOT NULL;

-- keywords.csv: one row a movie, and some rows twice.
CREATE UNLOGGED TABLE staging.keywords_judged AS
SELECT
    keywords.line,
    keywords.keywords,
    film.line AS film_line,
    CASE
        WHEN keywords.cells <> 2 THEN keywords.cells || ' cells where 2 belong'
        WHEN staging.as_integer(keywords.id) IS NULL THEN 'no TMDB id'
        WHEN film.line IS NULL THEN 'movie is not in the catalogue'
        WHEN row_number() OVER (
            PARTITION BY film.line, keywords.keywords, keywords.cells ORDER BY keywords.line
        ) > 1 THEN 'repeated row'
    END AS fault,
    keywords.id
FROM staging.keywords
LEFT JOIN staging.film ON film.tmdb_id = staging.as_integer(keywords.id);

INSERT INTO staging.reject (file, line, reason, record)
SELECT 'keywords.csv', line, fault, left(concat_ws(',', id, keywords), 200)
FROM staging.keywords_judged
WHERE fault IS NOT NULL;

INSERT INTO staging.film_feature (line, kind, code, name)
WITH listed AS MATERIALIZED (
    SELECT judged.film_line AS line, staging.as_name(item ->> 'name') AS name
    FROM staging.keywords_judged AS judged
    CROSS JOIN LATERAL jsonb_array_elements(staging.as_list(judged.keywords)) AS item
    WHERE judged.fault IS NULL
)
SELECT line, 'keyword', lower(name), name
FROM listed
WHERE name IS NOT NULL;

INSERT INTO staging.outcome (file, outcome, reason, rows)
SELECT 'keywords.csv', 'noted', noted.reason, noted.rows
FROM (
    SELECT
        count(*) FILTER (WHERE keywords = '[]') AS empty,
        count(*) FILTER (WHERE keywords LIKE '%' || chr(160) || '%') AS no_break,
        count(*) FILTER (WHERE keywords IS NULL AND cells = 2) AS no_list
    FROM staging.keywords
) AS counted
CROSS JOIN LATERAL (
    VALUES
        (1, 'no keywords', counted.empty),
        (2, 'no-break spaces, taken as spaces', counted.no_break),
        (3, 'movies without a row here', (
            SELECT count(*) FROM staging.film
            WHERE NOT EXISTS (
                SELECT FROM staging.keywords_judged AS judged WHERE judged.film_line = film.line
            )
        )),
        (4, 'a list that cannot be read, taken as empty', counted.no_list)
) AS noted (place, reason, rows)
WHERE noted.rows > 0 AND EXISTS (SELECT FROM staging.keywords)
ORDER BY noted.place;

-- credits.csv
INSERT INTO staging.outcome (file, outcome, reason, rows)
SELECT 'credits.csv', 'noted', 'a list that cannot be read, taken as empty', count(*)
FROM staging.credits
WHERE cells = 3 AND num_nulls(cast_list, crew_list) > 0
HAVING count(*) > 0;

CREATE UNLOGGED TABLE staging.credits_judged AS
SELECT
    credits.line,
    credits.id,
    credits.cast_list,
    credits.crew_list,
    film.line AS film_line,
    CASE
        WHEN credits.cells <> 3 THEN credits.cells || ' cells where 3 belong'
        WHEN staging.as_integer(credits.id) IS NULL THEN 'no TMDB id'
        WHEN film.line IS NULL THEN 'movie is not in the catalogue'
        WHEN row_number() OVER (
            PARTITION BY film.line, credits.cells ORDER BY credits.line
        ) > 1 THEN 'repeated row'
    END AS fault
FROM staging.credits
LEFT JOIN staging.film ON film.tmdb_id = staging.as_integer(credits.id);

INSERT INTO staging.reject (file, line, reason, record)
SELECT 'credits.csv', line, fault, id FROM staging.credits_judged WHERE fault IS NOT NULL;

INSERT INTO staging.film_credit (line, role, place, job, tmdb_id, name)
SELECT
    judged.film_line,
    people.role,
    row_number() OVER (
        PARTITION BY judged.film_line, people.role
        ORDER BY
            -- the director first
            people.role = 'crew' AND people.item ->> 'job' = 'Director' DESC,
            staging.as_integer(people.item ->> 'order'), people.place
    ),
    COALESCE(staging.as_text(people.item ->> people.job_key), ''),
    staging.as_integer(people.item ->> 'id'),
    staging.as_name(people.item ->> 'name')
FROM staging.credits_judged AS judged
CROSS JOIN LATERAL (
    SELECT 'cast' AS role, 'character' AS job_key, given.item, given.place
    FROM jsonb_array_elements(staging.as_list(judged.cast_list))
        WITH ORDINALITY AS given (item, place)
    UNION ALL
    SELECT 'crew', 'job', given.item, given.place
    FROM jsonb_array_elements(staging.as_list(judged.crew_list))
        WITH ORDINALITY AS given (item, place)
) AS people
WHERE judged.fault IS NULL
    AND staging.as_name(people.item ->> 'name') IS NOT NULL
    -- as many as a smallint can number
    AND people.place <= 32767;

INSERT INTO staging.outcome (file, outcome, reason, rows)
VALUES
    ('movies_metadata.csv', 'landed', NULL, (SELECT count(*) FROM staging.film)),
    (
        'keywords.csv', 'landed', NULL,
        (SELECT count(*) FROM staging.keywords_judged WHERE fault IS NULL)
    ),
    (
        'credits.csv', 'landed', NULL,
        (SELECT count(*) FROM staging.credits_judged WHERE fault IS NULL)
    );
