-- Object: api._omdb_film
-- Does:   the film in one answer of OMDb, or in one line of its searches
-- Grain:  one row
-- Reads:  nothing
-- Params: p_answer as OMDb gave it
-- Try:    SELECT * FROM api._omdb_film('{"imdbID": "tt0113277", "Title": "Heat"}');
CREATE FUNCTION api._omdb_film(p_answer jsonb)
RETURNS TABLE (
    imdb_id text,
    title text,
    year integer,
    release_date date,
    runtime integer,
    overview text,
    language text,
    genres text[],
    countries text[],
    directors text[],
    actors text[],
    fault text
)
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH said AS (
        SELECT
            api._imdb_id(api._answered(p_answer, 'imdbID')) AS imdb_id,
            api._answered(p_answer, 'Title') AS title,
            api._answered(p_answer, 'Type') AS kind,
            substring(api._answered(p_answer, 'Year') FROM '^([0-9]{4})(?![0-9])') AS year,
            -- 31 Mar 1999, without the weekday, in English whatever the server speaks
            regexp_match(
                api._answered(p_answer, 'Released'),
                '^(0?[1-9]|[12][0-9]|3[01]) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)'
                ' ([0-9]{4})$'
            ) AS released,
            api._answered(p_answer, 'Runtime') AS runtime,
            left(api._answered(p_answer, 'Plot'), 5000) AS overview,
            regexp_split_to_array(api._answered(p_answer, 'Language'), '\s*,\s*') AS languages,
            regexp_split_to_array(api._answered(p_answer, 'Genre'), '\s*,\s*') AS genres,
            regexp_split_to_array(api._answered(p_answer, 'Country'), '\s*,\s*') AS countries,
            regexp_split_to_array(api._answered(p_answer, 'Director'), '\s*,\s*') AS directors,
            regexp_split_to_array(api._answered(p_answer, 'Actors'), '\s*,\s*') AS actors
    ),
    reckoned AS (
        SELECT
            said.*,
            -- the first film was shown in 1888, and nobody announces one for a century hence
            CASE WHEN said.year::integer BETWEEN 1870 AND 2100 THEN said.year::integer END AS born,
            array_position(
                '{Jan,Feb,Mar,Apr,May,Jun,Jul,Aug,Sep,Oct,Nov,Dec}', said.released[2]
            ) AS month
        FROM said
    ),
    dated AS (
        SELECT
            reckoned.*,
            CASE
                -- the first of the following month less a day: no 30th of February
                WHEN reckoned.released[3]::integer = reckoned.born
                    AND reckoned.released[1]::integer <= date_part(
                        'day', make_date(reckoned.born, reckoned.month, 1)
                        + interval '1 month - 1 day'
                    )
                    THEN make_date(
                        reckoned.born, reckoned.month, reckoned.released[1]::integer
                    )
            END AS day
        FROM reckoned
    )
    SELECT
        dated.imdb_id,
        left(dated.title, 500),
        dated.born,
        dated.day,
        CASE
            WHEN dated.runtime ~ '^[1-9][0-9]{0,3} min$'
                THEN split_part(dated.runtime, ' ', 1)::integer
            WHEN dated.runtime ~ '^[1-9][0-9]? h( [0-9]{1,2} min)?$'
                THEN 60 * split_part(dated.runtime, ' ', 1)::integer
                + COALESCE(NULLIF(split_part(dated.runtime, ' ', 3), '')::integer, 0)
        END,
        dated.overview,
        -- the first is the one that it was made in
        dated.languages[1],
        dated.genres,
        dated.countries,
        dated.directors,
        dated.actors,
        CASE
            WHEN COALESCE(jsonb_typeof(p_answer), '') <> 'object' THEN 'it is no answer of OMDb'
            WHEN lower(p_answer ->> 'Response') = 'false' THEN 'OMDb knows no such film'
            WHEN dated.imdb_id IS NULL THEN 'its imdbID is not tt and a number'
            WHEN dated.title IS NULL THEN 'it has no title'
            WHEN length(dated.title) > 500 THEN 'its title has more than 500 characters'
            WHEN COALESCE(dated.kind, '') <> 'movie'
                THEN 'it is ' || CASE dated.kind
                    WHEN 'series' THEN 'a series'
                    WHEN 'episode' THEN 'an episode of a series'
                    WHEN 'game' THEN 'a game'
                    ELSE 'no film'
                END || ', and only films are kept here'
        END
    FROM dated;
END;
COMMENT ON FUNCTION api._omdb_film(jsonb) IS
'Reads one answer of OMDb, of which nothing is trusted: what cannot be read is unknown (N/A, a year
beyond 1870 to 2100, a date that is none or of another year), and fault says why an answer is no film
that can be kept; null where it is one. language, genres, countries: in OMDb''s words.';
