-- Load:  demo
-- Does:  the demo's own films, raw in staging, into films, features and credits
-- Reads: staging.demo_film
INSERT INTO staging.film (
    line, key_source, key, tmdb_id, imdb_id, title, original_title, overview, release_date, year,
    runtime, status, original_language, collection
)
SELECT
    line, 'tmdb', tmdb_id, staging.as_integer(tmdb_id), staging.as_imdb_id(imdb_id), title,
    original_title, overview, staging.as_date(release_date),
    date_part('year', staging.as_date(release_date)), staging.as_integer(runtime), 'Released',
    language, staging.as_text(collection)
FROM staging.demo_film;

INSERT INTO staging.film_feature (line, kind, code, name)
SELECT demo.line, listed.kind, listed.code, listed.name
FROM staging.demo_film AS demo
CROSS JOIN LATERAL (
    SELECT 'genre' AS kind, lower(name) AS code, name
    FROM regexp_split_to_table(demo.genres, '\|') AS name
    UNION ALL
    SELECT 'keyword', lower(name), name FROM regexp_split_to_table(demo.keywords, '\|') AS name
    UNION ALL
    SELECT 'company', lower(name), name FROM regexp_split_to_table(demo.companies, '\|') AS name
    UNION ALL
    SELECT 'country', name, name FROM regexp_split_to_table(demo.countries, '\|') AS name
    UNION ALL
    SELECT 'language', demo.language, demo.language
) AS listed
WHERE listed.code <> '';

INSERT INTO staging.film_credit (line, role, place, job, name)
SELECT demo.line, 'crew', listed.place, 'Director', btrim(listed.name)
FROM staging.demo_film AS demo
CROSS JOIN LATERAL regexp_split_to_table(demo.directors, '\|')
    WITH ORDINALITY AS listed (name, place)
WHERE btrim(listed.name) <> ''
UNION ALL
SELECT
    demo.line, 'cast', listed.place, btrim(split_part(listed.entry, ' = ', 2)),
    btrim(split_part(listed.entry, ' = ', 1))
FROM staging.demo_film AS demo
CROSS JOIN LATERAL regexp_split_to_table(demo.cast_list, '\|')
    WITH ORDINALITY AS listed (entry, place)
WHERE btrim(split_part(listed.entry, ' = ', 1)) <> '';

INSERT INTO staging.outcome (file, outcome, reason, rows)
SELECT 'demo catalogue', 'landed', NULL, count(*) FROM staging.film;
