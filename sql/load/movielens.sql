-- Load:  movielens
-- Does:  the movies of a MovieLens data set, raw in staging, into films and their genres
-- Reads: staging.movielens_movie, core.movielens_link; settings recsql.key_source,
--        recsql.movies_file
CREATE UNLOGGED TABLE staging.movielens_judged AS
SELECT
    raw.line,
    staging.as_integer(raw.movielens_id) AS movielens_id,
    raw.genres,
    concat_ws(',', raw.movielens_id, raw.title, raw.genres) AS record,
    named.title,
    named.year,
    raw.title ~ '\([12][0-9]{3}\)\s*$' AS is_dated,
    CASE
        WHEN raw.cells <> raw.cells_wanted
            THEN raw.cells || ' cells where ' || raw.cells_wanted || ' belong'
        WHEN COALESCE(staging.as_integer(raw.movielens_id), 0) = 0 THEN 'no MovieLens id'
        WHEN length(raw.title) > 500 THEN 'a title of more than 500 characters'
        WHEN COALESCE(named.title, '') = '' THEN 'no title'
        WHEN row_number() OVER (
            PARTITION BY staging.as_integer(raw.movielens_id), raw.cells ORDER BY raw.line
        ) > 1 THEN 'MovieLens id given before'
    END AS fault
FROM staging.movielens_movie AS raw
-- "Matrix, The (1999)"; a second title may stand in brackets before the year
CROSS JOIN LATERAL (
    SELECT regexp_match(
        staging.as_name(raw.title), '^(.*?)\s*(?:\(([12][0-9]{3})\s*[-–]?[0-9]*\))?$'
    ) AS part
) AS cut
CROSS JOIN LATERAL (
    SELECT
        regexp_replace(
            cut.part[1],
            '^(.*), (The|A|An|Les?|La|L''|Il|Der|Die|Das|El|Los|Las|Un|Une|Det|Den|I)(?=$| \()',
            '\2 \1'
        ) AS title,
        cut.part[2]::smallint AS year
) AS named;

INSERT INTO staging.reject (file, line, reason, record)
SELECT current_setting('recsql.movies_file'), line, fault, left(record, 200)
FROM staging.movielens_judged
WHERE fault IS NOT NULL;

INSERT INTO staging.film (line, key_source, key, tmdb_id, imdb_id, title, year)
SELECT
    judged.line,
    current_setting('recsql.key_source'),
    judged.movielens_id::text,
    link.tmdb_id,
    link.imdb_id,
    replace(judged.title, 'L'' ', 'L'''),
    judged.year
FROM staging.movielens_judged AS judged
LEFT JOIN core.movielens_link AS link
    -- MovieLens 100K numbers its movies in a way of its own
    ON current_setting('recsql.key_source') = 'movielens'
    AND link.movielens_id = judged.movielens_id
WHERE judged.fault IS NULL;

INSERT INTO staging.film_feature (line, kind, code, name)
SELECT judged.line, 'genre', lower(tmdb.name), tmdb.name
FROM staging.movielens_judged AS judged
CROSS JOIN LATERAL regexp_split_to_table(judged.genres, '\|') AS given
-- called as TMDB calls them, so that both data sets share their shelves
CROSS JOIN LATERAL (
    SELECT CASE given
        WHEN 'Children' THEN 'Family'
        WHEN 'Children''s' THEN 'Family'
        WHEN 'Sci-Fi' THEN 'Science Fiction'
        WHEN 'Musical' THEN 'Music'
        ELSE given
    END AS name
) AS tmdb
WHERE judged.fault IS NULL
    AND given NOT IN ('', '(no genres listed)', 'unknown', 'IMAX')
    AND staging.as_name(given) IS NOT NULL;

INSERT INTO staging.outcome (file, outcome, reason, rows)
SELECT current_setting('recsql.movies_file'), noted.outcome, noted.reason, noted.rows
FROM (
    SELECT
        count(*) FILTER (WHERE fault IS NULL) AS landed,
        count(*) FILTER (WHERE genres IN ('', '(no genres listed)')) AS no_genres,
        -- "(2006–2007)" is not one either, and taken for the first
        count(*) FILTER (WHERE NOT is_dated) AS no_year,
        count(*) FILTER (WHERE record ~ ', (The|A|An)( \(.*)?(,|$)') AS articles,
        max(movielens_id) - count(DISTINCT movielens_id) AS gaps,
        count(*) FILTER (WHERE record ~ '[^\x01-\x7f]') AS beyond_ascii
    FROM staging.movielens_judged
) AS counted
CROSS JOIN LATERAL (
    VALUES
        (1, 'landed', NULL, counted.landed),
        (2, 'noted', 'no genres', counted.no_genres),
        (3, 'noted', 'no single year at the end of the title', counted.no_year),
        (4, 'noted', 'ids left out in the numbering', counted.gaps),
        (5, 'noted', 'titles outside ASCII', counted.beyond_ascii),
        (6, 'noted', 'titles with their article at the end, put in front', counted.articles)
) AS noted (place, outcome, reason, rows)
WHERE noted.rows > 0 OR noted.outcome = 'landed'
ORDER BY noted.place;
