-- Object: api.quiz_results
-- Does:   what to watch after a quiz, by the best model there is, trained or not
-- Grain:  one row a film that is not among the answers, best first
-- Reads:  core.movie, derived.movie_stats, derived.model_run, derived.also_liked, core.rating,
--         api.hidden_movies
-- Params: p_ratings the answers, as in api.recommend_for; p_limit, p_offset rows; p_model a mode of
--         api.quiz_modes, null for the best; p_period old, new or any, parted by p_boundary_year;
--         p_user_id whose rated and hidden films are left out, may be null
-- Try:    SELECT rank, title, year, reason FROM api.quiz_results('{"603": 5.0, "604": 2.5}');
CREATE FUNCTION api.quiz_results(
    p_ratings jsonb,
    p_limit integer DEFAULT 5,
    p_offset integer DEFAULT 0,
    p_model text DEFAULT NULL,
    p_period text DEFAULT 'any',
    p_boundary_year integer DEFAULT 2010,
    p_user_id integer DEFAULT NULL
)
RETURNS TABLE (
    rank integer,
    movie_id integer,
    title text,
    year integer,
    poster_path text,
    score numeric,
    reason text,
    support integer,
    out_of integer,
    mean_stars numeric,
    low numeric,
    high numeric,
    predicted_stars numeric,
    model text
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH given AS MATERIALIZED (
        SELECT given.movies, given.half_stars, api._serving_model(p_model) AS model
        FROM api._stars_given(p_ratings) AS given
    ),
    known AS MATERIALIZED (
        SELECT rating.movie_id FROM core.rating WHERE rating.user_id = p_user_id
        UNION
        SELECT hidden.movie_id FROM api.hidden_movies(p_user_id) AS hidden
    ),
    praised AS MATERIALIZED (
        SELECT
            said.movie_id,
            sum(said.points) AS score,
            count(*) AS voices,
            (array_agg(said.reason ORDER BY said.points DESC, said.rated_movie_id))[1] AS reason,
            string_agg(
                rated.title || ' ' || round(said.half_stars / 2.0, 1), ' and '
                ORDER BY said.points DESC, said.rated_movie_id
            ) FILTER (WHERE said.place <= 2) AS names
        FROM given
        CROSS JOIN LATERAL (
            SELECT
                fan.movie_id, fan.rated_movie_id, fan.half_stars, fan.points, fan.reason,
                row_number() OVER (
                    PARTITION BY fan.movie_id ORDER BY fan.points DESC, fan.rated_movie_id
                ) AS place
            FROM api._fans_liked(given.movies, given.half_stars) AS fan
            WHERE given.model = 'also-liked'
        ) AS said
        INNER JOIN core.movie AS rated ON rated.movie_id = said.rated_movie_id
        GROUP BY said.movie_id
    ),
    -- as many as are asked for, and as may have to go
    reach AS MATERIALIZED (
        SELECT
            LEAST(
                2147483647,
                p_offset::bigint + p_limit
                + (SELECT count(*) FROM known) + (SELECT count(*) FROM praised)
            )::integer AS most
    ),
    listed AS (
        SELECT
            1 AS part,
            row_number() OVER (ORDER BY praised.score DESC, praised.movie_id) AS place,
            praised.movie_id,
            movie.title,
            movie.year::integer AS year,
            movie.poster_path,
            praised.score,
            'because you gave ' || praised.names
            || CASE praised.voices WHEN 1 THEN ': ' || praised.reason ELSE '' END AS reason,
            praised.voices::integer AS support,
            cardinality(given.movies) AS out_of,
            api._mean_stars(stats.half_stars, stats.raters) AS mean_stars,
            NULL::numeric AS low,
            NULL::numeric AS high,
            NULL::numeric AS predicted_stars,
            given.model
        FROM praised
        CROSS JOIN given
        INNER JOIN core.movie ON movie.movie_id = praised.movie_id
        LEFT JOIN derived.movie_stats AS stats ON stats.movie_id = praised.movie_id
        WHERE NOT movie.adult
            AND CASE p_period
                WHEN 'any' THEN true
                WHEN 'old' THEN movie.year < p_boundary_year
                WHEN 'new' THEN movie.year >= p_boundary_year
            END
        UNION ALL
        SELECT
            2, pick.rank, pick.movie_id, pick.title, pick.year, pick.poster_path, pick.score,
            pick.reason, pick.support, pick.out_of, pick.mean_stars, pick.low, pick.high,
            pick.predicted_stars, pick.model
        FROM given
        CROSS JOIN reach
        CROSS JOIN LATERAL api.recommend_for(
            p_ratings, reach.most, 0,
            -- what fans say may be little, and popular films go on behind it
            CASE given.model WHEN 'also-liked' THEN 'popular' ELSE given.model END,
            p_period, p_boundary_year
        ) AS pick
        WHERE pick.movie_id NOT IN (SELECT praised.movie_id FROM praised)
    )
    SELECT
        (row_number() OVER in_order)::integer AS rank,
        listed.movie_id, listed.title, listed.year, listed.poster_path, listed.score,
        listed.reason, listed.support, listed.out_of, listed.mean_stars, listed.low, listed.high,
        listed.predicted_stars, listed.model
    FROM listed
    WHERE listed.movie_id NOT IN (SELECT known.movie_id FROM known)
    WINDOW in_order AS (ORDER BY listed.part, listed.place)
    ORDER BY rank
    LIMIT p_limit OFFSET p_offset;
END;
COMMENT ON FUNCTION api.quiz_results(
    jsonb, integer, integer, text, text, integer, integer
) IS
'As api.recommend_for, from the answers of a quiz (api.quiz_movies): never a film that was rated in
it or by p_user_id, nor one that p_user_id hides. Nothing is stored, nobody is retrained for.
p_model  null: the best trained model that can answer, else also-liked
         also-liked: the sum of the scores of api.also_liked for the three best-rated films of 4.0
         or more; behind them popular ones
         quiz, popular or a trained model: as in api.recommend
score: what api.explain_quiz_result adds up to. predicted_stars: null for also-liked.
Errors: those of api.recommend_for.';
