-- Object: api.quiz_movies
-- Does:   the films that a quiz asks about, drawn by a seed out of the most rated ones
-- Grain:  one row a film, in the order of asking
-- Reads:  derived.movie_stats, core.movie, api.movie_card
-- Params: p_seed; p_count films, p_old of them from before p_boundary_year; p_pool most rated films
--         to draw from; p_pool_of each (so many old and so many new ones) or all (so many in all)
-- Try:    SELECT place, title, year, period FROM api.quiz_movies(7);
CREATE FUNCTION api.quiz_movies(
    p_seed bigint DEFAULT (random() * 2147483647)::bigint,
    p_count integer DEFAULT 15,
    p_old integer DEFAULT 7,
    p_pool integer DEFAULT 50,
    -- as in api.recommend
    p_boundary_year integer DEFAULT 2010,
    -- of all ratings there are, 50 films hold hardly 8 new ones: docs/decisions/0015-quiz.md
    p_pool_of text DEFAULT 'each'
)
RETURNS TABLE (
    place integer,
    movie_id integer,
    title text,
    original_title text,
    year integer,
    poster_path text,
    genres text[],
    raters integer,
    mean_stars numeric,
    period text,
    original_language text
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH most_rated AS MATERIALIZED (
        SELECT kind.period, known.movie_id, known.raters
        FROM (VALUES ('old'), ('new')) AS kind (period)
        CROSS JOIN LATERAL (
            SELECT stats.movie_id, stats.raters
            FROM derived.movie_stats AS stats
            INNER JOIN core.movie ON movie.movie_id = stats.movie_id
            WHERE stats.raters > 0
                AND NOT movie.adult
                AND CASE kind.period
                    WHEN 'old' THEN movie.year < p_boundary_year
                    ELSE movie.year >= p_boundary_year
                END
            ORDER BY stats.raters DESC, stats.movie_id
            LIMIT p_pool
        ) AS known
    ),
    pool AS (
        SELECT ranked.period, ranked.movie_id, api._draw(p_seed, ranked.movie_id) AS draw
        FROM (
            SELECT
                most_rated.period,
                most_rated.movie_id,
                row_number() OVER (ORDER BY most_rated.raters DESC, most_rated.movie_id) AS place
            FROM most_rated
        ) AS ranked
        WHERE api._checked('pool', p_pool_of, 'each', 'all') = 'each' OR ranked.place <= p_pool
    ),
    drawn AS (
        SELECT
            pool.period,
            pool.movie_id,
            pool.draw,
            row_number() OVER (PARTITION BY pool.period ORDER BY pool.draw, pool.movie_id) AS turn,
            count(*) FILTER (WHERE pool.period = 'old') OVER () AS olds,
            count(*) FILTER (WHERE pool.period = 'new') OVER () AS news,
            GREATEST(0, LEAST(p_old, p_count)) AS wanted
        FROM pool
    ),
    asked AS (
        SELECT drawn.period, drawn.movie_id, drawn.draw
        FROM drawn
        -- where there are too few of one kind, the other fills up
        WHERE drawn.turn <= CASE drawn.period
            WHEN 'old' THEN drawn.wanted + GREATEST(0, p_count - drawn.wanted - drawn.news)
            ELSE p_count - drawn.wanted + GREATEST(0, drawn.wanted - drawn.olds)
        END
        ORDER BY drawn.draw, drawn.movie_id
        LIMIT p_count
    )
    SELECT
        (row_number() OVER in_order)::integer AS place,
        card.movie_id, card.title, card.original_title, card.year, card.poster_path, card.genres,
        card.raters, card.mean_stars, asked.period, card.original_language
    FROM asked
    INNER JOIN api.movie_card AS card ON card.movie_id = asked.movie_id
    WINDOW in_order AS (ORDER BY asked.draw, asked.movie_id)
    ORDER BY place;
END;
COMMENT ON FUNCTION api.quiz_movies(bigint, integer, integer, integer, integer, text) IS
'The questions of a quiz: the same for the same p_seed, other ones at each call without it. Critics
and generated raters do not make a film more rated; adult films and those of an unknown year are
never asked about. period  old: from before p_boundary_year; new: from it on. Where there are fewer
than p_old old ones, or too few new ones, the others fill up; fewer than p_count rows where fewer
films have been rated. p_pool_of  each: p_pool old and p_pool new films to draw from; all: p_pool
films in all, however few of them are new. What is answered goes to api.quiz_results.
Errors: RQ002 unknown pool; 2201W negative p_count, p_pool.';
