-- Object: api.search_people
-- Does:   people by words of their name
-- Grain:  one row a person
-- Reads:  core.person, core.credit
-- Params: p_query; p_limit, p_offset rows; p_most people to look at
-- Try:    SELECT rank, name, movies FROM api.search_people('ridl sco');
CREATE FUNCTION api.search_people(
    p_query text,
    p_limit integer DEFAULT 20,
    p_offset integer DEFAULT 0,
    -- Counting the movies of 2,000 people takes some 10 ms.
    p_most integer DEFAULT 2000
)
RETURNS TABLE (rank integer, person_id integer, name text, movies integer)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH asked AS MATERIALIZED (
        SELECT
            folded.words,
            api._word_pattern(folded.words, true) AS pattern,
            -- one or two letters begin half of all names
            (
                SELECT max(length(word)) FROM regexp_split_to_table(folded.words, ' ') AS word
            ) >= 3 AS enough
        FROM (SELECT api._fold(p_query) AS words) AS folded
    ),
    found AS MATERIALIZED (
        SELECT person.person_id, person.name
        FROM asked
        INNER JOIN core.person ON person.search_words @@ asked.pattern
        WHERE asked.enough
        ORDER BY person.person_id
        LIMIT p_most
    )
    SELECT
        (row_number() OVER best_first)::integer AS rank,
        found.person_id, found.name, done.movies::integer
    FROM found
    CROSS JOIN asked
    CROSS JOIN LATERAL (
        SELECT count(DISTINCT credit.movie_id) AS movies
        FROM core.credit
        WHERE credit.person_id = found.person_id
    ) AS done
    WINDOW best_first AS (
        ORDER BY (api._fold(found.name) = asked.words) DESC, done.movies DESC, found.person_id
    )
    ORDER BY rank
    LIMIT p_limit OFFSET p_offset;
END;
COMMENT ON FUNCTION api.search_people(text, integer, integer, integer) IS
'People whose name holds words that begin with each word of p_query; case, accents and punctuation
do not matter. Who is called exactly so comes first, then who had a part in most movies; total. At
least one word needs three letters. Of more than p_most people those with the lowest keys are looked
at: TMDB''s ids follow the order in which people were entered, well-known ones first.
Errors: 2201W, 2201X negative numbers.';
