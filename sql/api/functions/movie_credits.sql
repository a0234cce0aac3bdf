-- Object: api.movie_credits
-- Does:   who plays in a movie and who made it
-- Grain:  one row a credit: somebody with two jobs is there twice
-- Reads:  core.credit, core.person
-- Params: p_movie_id; p_role any, cast or crew; p_limit, p_offset rows
-- Try:    SELECT role, name, job FROM api.movie_credits(603, 'cast', 5);
CREATE FUNCTION api.movie_credits(
    p_movie_id integer,
    p_role text DEFAULT 'any',
    p_limit integer DEFAULT 1000,
    p_offset integer DEFAULT 0
)
RETURNS TABLE (rank integer, role text, place integer, person_id integer, name text, job text)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT
        (row_number() OVER billing)::integer AS rank,
        credit.role, credit.place::integer, person.person_id, person.name, credit.job
    FROM core.credit
    INNER JOIN core.person ON person.person_id = credit.person_id
    WHERE credit.movie_id = p_movie_id
        AND credit.role = CASE api._checked('role', p_role, 'any', 'cast', 'crew')
            WHEN 'any' THEN credit.role
            ELSE p_role
        END
    WINDOW billing AS (ORDER BY credit.role, credit.place)
    ORDER BY rank
    LIMIT p_limit OFFSET p_offset;
END;
COMMENT ON FUNCTION api.movie_credits(integer, text, integer, integer) IS
'The cast, in billing order, then the crew. job: of the cast the character played (may be empty), of
the crew what they did (Director …). Nothing for a movie that is unknown or has no credits.
Errors: RQ002 unknown role; 2201W, 2201X negative numbers.';
