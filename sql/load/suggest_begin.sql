-- Load:  suggest_begin
-- Does:  what a batch of suggestions is made of: users, movies, ratings, weights
-- Reads: core.rater, core.rating, core.suggestion_list, derived.*; settings recsql.users,
--        recsql.run_id (empty for popular), recsql.start, recsql.max, recsql.reuse_days
-- Tables of their own and not temporary ones, which parallel workers could not read.
CREATE SCHEMA suggesting;

-- Nobody of them may be deleted before their suggestions stand.
CREATE UNLOGGED TABLE suggesting.asked AS
WITH there AS MATERIALIZED (
    SELECT rater.user_id
    FROM core.rater
    WHERE rater.user_id = ANY(current_setting('recsql.users')::integer[])
    FOR KEY SHARE
)
SELECT
    there.user_id,
    -- by the same run, and young enough: more movies are added to the list
    COALESCE(
        list.created_at >= now()
        - make_interval(days => current_setting('recsql.reuse_days')::integer)
        AND list.run_id IS NOT DISTINCT FROM NULLIF(current_setting('recsql.run_id'), '')::integer,
        false
    ) AS extends
FROM there
LEFT JOIN core.suggestion_list AS list USING (user_id);

CREATE UNLOGGED TABLE suggesting.cover AS
SELECT pick.movie_id, pick.rank - 1 AS place, pick.likers
FROM api._popular(
    '{}', current_setting('recsql.max')::integer, current_setting('recsql.start')::integer,
    'any', 0
) AS pick;

CREATE UNLOGGED TABLE suggesting.given AS
SELECT
    rating.user_id,
    array_agg(rating.movie_id ORDER BY rating.movie_id) AS movies,
    array_agg(rating.half_stars::integer ORDER BY rating.movie_id) AS half_stars
FROM core.rating
INNER JOIN suggesting.asked ON asked.user_id = rating.user_id
GROUP BY rating.user_id;
ANALYZE suggesting.asked, suggesting.cover, suggesting.given;

-- What each rating puts into the model; nothing where none is trained.
CREATE UNLOGGED TABLE suggesting.input AS
SELECT given.user_id, mine.movie_id, mine.input, mine.user_offset, mine.gain
FROM suggesting.given
CROSS JOIN LATERAL api._model_inputs(
    NULLIF(current_setting('recsql.run_id'), '')::integer, given.movies, given.half_stars
) AS mine
WHERE mine.input <> 0;

CREATE UNLOGGED TABLE suggesting.voice AS
SELECT user_id, min(user_offset) AS user_offset, min(gain) AS gain
FROM suggesting.input
GROUP BY user_id;
ANALYZE suggesting.input, suggesting.voice;

-- Of an item model only the weights that end at a covered movie.
CREATE UNLOGGED TABLE suggesting.weight AS
SELECT weight.movie_id, other.movie_id AS for_movie_id, other.weight, cover.place
FROM derived.movie_weight AS weight
CROSS JOIN LATERAL unnest(weight.others, weight.weights) AS other (movie_id, weight)
INNER JOIN suggesting.cover ON cover.movie_id = other.movie_id
WHERE weight.run_id = NULLIF(current_setting('recsql.run_id'), '')::integer;
ANALYZE suggesting.weight;

CREATE UNLOGGED TABLE suggesting.score (
    points bigint NOT NULL,
    predicted_stars real NOT NULL,
    user_id integer NOT NULL,
    movie_id integer NOT NULL,
    run_id integer
);
