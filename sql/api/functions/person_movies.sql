-- Object: api.person_movies
-- Does:   the movies of a person, and what they did in them
-- Grain:  one row a movie
-- Reads:  core.credit, core.movie, derived.movie_stats, api.movie_card
-- Params: p_person_id; p_role any, cast or crew; p_sort newest, oldest, rating, popular or title;
--         p_limit, p_offset rows
-- Try:    SELECT rank, title, year, characters, jobs FROM api.person_movies(1);
CREATE FUNCTION api.person_movies(
    p_person_id integer,
    p_role text DEFAULT 'any',
    p_sort text DEFAULT 'newest',
    p_limit integer DEFAULT 48,
    p_offset integer DEFAULT 0
)
RETURNS TABLE (
    rank integer,
    movie_id integer,
    title text,
    original_title text,
    year integer,
    release_date date,
    runtime integer,
    overview text,
    poster_path text,
    genres text[],
    raters integer,
    mean_stars numeric,
    damped_stars numeric,
    characters text[],
    jobs text[],
    original_language text
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH part AS (
        SELECT
            credit.movie_id,
            COALESCE(
                array_agg(credit.job ORDER BY credit.place)
                FILTER (WHERE credit.role = 'cast' AND credit.job <> ''), '{}'
            ) AS characters,
            COALESCE(
                array_agg(DISTINCT credit.job) FILTER (WHERE credit.role = 'crew'), '{}'
            ) AS jobs
        FROM core.credit
        WHERE credit.person_id = p_person_id
        GROUP BY credit.movie_id
        HAVING CASE api._checked('role', p_role, 'any', 'cast', 'crew')
            WHEN 'any' THEN true
            ELSE bool_or(credit.role = p_role)
        END
    ),
    listed AS (
        SELECT
            part.movie_id,
            part.characters,
            part.jobs,
            api._height(
                p_sort, stats.raters, stats.half_stars, movie.release_date, movie.year
            ) AS height,
            CASE p_sort WHEN 'title' THEN movie.title_key END COLLATE "C" AS name
        FROM part
        INNER JOIN core.movie ON movie.movie_id = part.movie_id
        LEFT JOIN derived.movie_stats AS stats ON stats.movie_id = part.movie_id
        WHERE NOT movie.adult
            AND api._checked(
                'sort', p_sort, 'newest', 'oldest', 'rating', 'popular', 'title'
            ) IS NOT NULL
        ORDER BY height DESC NULLS LAST, name, movie_id
        LIMIT p_limit OFFSET p_offset
    )
    SELECT
        (p_offset::bigint + row_number() OVER in_order)::integer AS rank,
        card.movie_id, card.title, card.original_title, card.year, card.release_date, card.runtime,
        card.overview, card.poster_path, card.genres, card.raters, card.mean_stars,
        card.damped_stars, listed.characters, listed.jobs, card.original_language
    FROM listed
    INNER JOIN api.movie_card AS card ON card.movie_id = listed.movie_id
    WINDOW in_order AS (
        ORDER BY listed.height DESC NULLS LAST, listed.name, listed.movie_id
    )
    ORDER BY rank;
END;
COMMENT ON FUNCTION api.person_movies(integer, text, text, integer, integer) IS
'What p_person_id plays in (p_role cast), has worked on (crew) or either (any), with the characters
played and the jobs done, whichever was asked for. p_sort  newest, oldest: by release date, or year
where only that is known, unknown ones last; rating: best damped mean first; popular: most raters
first; title. movie_id breaks all ties. Nothing for a person that is unknown.
Errors: RQ002 unknown role or sort; 2201W, 2201X negative numbers.';
