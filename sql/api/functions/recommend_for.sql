-- Object: api.recommend_for
-- Does:   what a visitor may like who has no account: the ratings are handed over, nothing is kept
-- Grain:  one row a movie that is not among the rated ones, best first
-- Reads:  core.movie, api.critic_rating, api.hidden_movies and, of a run, derived.*
-- Params: p_ratings an object of stars by movie id, or an array of objects with movie_id and stars;
--         p_limit, p_offset rows; p_model, p_period, p_boundary_year as in api.recommend
-- Try:    SELECT rank, title, year, reason FROM api.recommend_for('{"603": 5.0, "604": 2.5}');
CREATE FUNCTION api.recommend_for(
    p_ratings jsonb,
    p_limit integer DEFAULT 10,
    p_offset integer DEFAULT 0,
    p_model text DEFAULT NULL,
    p_period text DEFAULT 'any',
    p_boundary_year integer DEFAULT 2010
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
    SELECT
        pick.rank, pick.movie_id, pick.title, pick.year, pick.poster_path, pick.score, pick.reason,
        pick.support, pick.out_of, pick.mean_stars, pick.low, pick.high, pick.predicted_stars,
        pick.model
    FROM api._stars_given(p_ratings) AS given
    CROSS JOIN LATERAL api._personal(
        given.movies, given.half_stars, p_limit, p_offset, p_model, p_period, p_boundary_year, NULL
    ) AS pick
    ORDER BY pick.rank;
END;
COMMENT ON FUNCTION api.recommend_for(jsonb, integer, integer, text, text, integer) IS
'As api.recommend, from ratings in p_ratings: {"603": 5.0, "604": 0} or
[{"movie_id": 603, "stars": 5.0}]; 0 stars is not seen. Nothing is stored, nobody is retrained for.
Errors: RQ003 ratings that cannot be read; RQ004 unknown movie; and those of api.recommend.';
