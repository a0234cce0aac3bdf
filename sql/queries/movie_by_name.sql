-- Query:  movie_by_name
-- Does:   the movies that somebody may mean by an id or a title; several where it is ambiguous
-- Grain:  one row a movie, only those that fit best
-- Reads:  api.search_movies, core.movie
-- Params: p_name such as 603, tt0133093, The Matrix, or Heat (1995)
WITH asked AS (
    SELECT
        regexp_replace(trimmed.name, '\s*\(\d{4}\)$', '') AS name,
        substring(trimmed.name FROM '\((\d{4})\)$')::integer AS year
    FROM (SELECT trim(:p_name) AS name) AS trimmed
),
found AS (
    SELECT
        hit.movie_id,
        hit.title,
        hit.year,
        hit.rank,
        CASE
            WHEN hit.movie_id::text = asked.name OR asked.name ~ '^tt\d+$' THEN 1
            WHEN movie.title_key = api._fold(asked.name) THEN 2
            WHEN movie.original_key = api._fold(asked.name) THEN 3
            ELSE 4
        END AS fit
    FROM asked
    CROSS JOIN LATERAL api.search_movies(p_query => asked.name, p_limit => 200) AS hit
    INNER JOIN core.movie ON movie.movie_id = hit.movie_id
    WHERE asked.year IS NULL OR hit.year = asked.year
)
SELECT movie_id, title, year
FROM found
WHERE fit = (SELECT min(fit) FROM found)
ORDER BY rank
