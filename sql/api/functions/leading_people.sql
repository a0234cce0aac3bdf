-- Object: api.leading_people
-- Does:   who directs, and who plays first, in the movies that most people rated
-- Grain:  one row a person
-- Reads:  derived.movie_stats, core.movie, core.credit, core.person
-- Params: p_limit, p_offset rows; p_depth movies to look at; p_places of a cast that count
-- Try:    SELECT rank, name, movies, raters FROM api.leading_people(5);
CREATE FUNCTION api.leading_people(
    p_limit integer DEFAULT 48,
    p_offset integer DEFAULT 0,
    -- a thousand films make some hundreds of names that people know
    p_depth integer DEFAULT 1000,
    -- who is billed later is seldom why a film is seen
    p_places integer DEFAULT 3
)
RETURNS TABLE (rank integer, person_id integer, name text, movies integer, raters bigint)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH top_rated AS MATERIALIZED (
        SELECT stats.movie_id, stats.raters
        FROM derived.movie_stats AS stats
        WHERE stats.raters > 0
        ORDER BY stats.raters DESC, stats.movie_id
        LIMIT p_depth
    ),
    part AS (
        SELECT DISTINCT credit.person_id, top_rated.movie_id, top_rated.raters
        FROM top_rated
        INNER JOIN core.movie ON movie.movie_id = top_rated.movie_id
        INNER JOIN core.credit ON credit.movie_id = top_rated.movie_id
        WHERE NOT movie.adult
            AND CASE credit.role
                WHEN 'cast' THEN credit.place <= p_places ELSE credit.job = 'Director'
            END
    ),
    counted AS (
        SELECT
            part.person_id,
            count(*)::integer AS movies,
            sum(part.raters) AS raters
        FROM part
        GROUP BY part.person_id
        ORDER BY raters DESC, part.person_id
        LIMIT p_limit OFFSET p_offset
    )
    SELECT
        (p_offset::bigint + row_number() OVER best_known)::integer AS rank,
        counted.person_id, person.name, counted.movies, counted.raters::bigint
    FROM counted
    INNER JOIN core.person ON person.person_id = counted.person_id
    WINDOW best_known AS (ORDER BY counted.raters DESC, counted.person_id)
    ORDER BY rank;
END;
COMMENT ON FUNCTION api.leading_people(integer, integer, integer, integer) IS
'Of the p_depth most rated movies the directors and the first p_places of the cast, by how many
ratings these movies have together; movies: how many of them. Ties by person_id.
Errors: 2201W, 2201X negative numbers.';
