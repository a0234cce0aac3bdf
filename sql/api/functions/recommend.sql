-- Object: api.recommend
-- Does:   what a user may like, by a trained model and the ratings of this moment
-- Grain:  one row a movie that the user has not rated, best first
-- Reads:  core.rating, core.movie, api.critic_rating, api.hidden_movies and, of a run, derived.*
-- Params: p_user_id; p_limit, p_offset rows; p_model a trained one (api.trained_model), popular,
--         quiz, or null for the best; p_period old, new or any, parted by p_boundary_year
-- Try:    SELECT rank, title, year, predicted_stars, reason FROM api.recommend(1, p_limit => 5);
CREATE FUNCTION api.recommend(
    p_user_id integer,
    p_limit integer DEFAULT 10,
    p_offset integer DEFAULT 0,
    p_model text DEFAULT NULL,
    p_period text DEFAULT 'any',
    -- what a quiz of 2020 called new
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
    FROM (
        SELECT
            COALESCE(array_agg(rating.movie_id ORDER BY rating.movie_id), '{}') AS movies,
            COALESCE(array_agg(rating.half_stars::integer ORDER BY rating.movie_id), '{}')
                AS half_stars
        FROM core.rating
        WHERE rating.user_id = p_user_id
    ) AS given
    CROSS JOIN LATERAL api._personal(
        given.movies, given.half_stars, p_limit, p_offset, p_model, p_period, p_boundary_year,
        p_user_id
    ) AS pick
    ORDER BY pick.rank;
END;
COMMENT ON FUNCTION api.recommend(integer, integer, integer, text, text, integer) IS
'Movies for a user, never one already rated or hidden, adult ones left out. Weights come from the
last recsql train; the ratings are read as they stand, so a fresh one counts at once.
p_model  a model of api.trained_model; null: the best trained one
         popular: what most people gave 4.0 or more (score: how many)
         quiz: nmf with more than 5 ratings, else the 3 nearest raters by cosine over the
         reconstruction of svd
p_period old: before p_boundary_year; new: from it on; any.
score: what api.explain_recommendation adds up to; models that rank by stars give stars.
support of out_of: how many of the user''s ratings speak for the movie.
predicted_stars: 0.5 to 5.0; low to high held 95% of the ratings kept out of training.
Who has rated nothing, or nothing that the model knows, gets popular, and the reason says so.
Behind what people liked, popular has what critics liked and no person has rated (score 0).
Errors: RQ002 a model that is not trained, unknown period; RQ006 a factor model without pgvector;
2201W, 2201X negative p_limit, p_offset.';
