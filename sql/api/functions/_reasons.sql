-- Object: api._reasons
-- Does:   in a few words, what speaks for some movies to a user
-- Grain:  one row a movie asked about
-- Reads:  core.rating, core.movie, derived.movie_stats and, of a run, derived.*
-- Params: p_user_id; p_movie_ids, which the user has not rated
-- Try:    SELECT * FROM api._reasons(5, '{1,4}');
CREATE FUNCTION api._reasons(p_user_id integer, p_movie_ids integer[])
RETURNS TABLE (movie_id integer, reason text)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH given AS MATERIALIZED (
        SELECT
            COALESCE(array_agg(rating.movie_id ORDER BY rating.movie_id), '{}') AS movies,
            COALESCE(array_agg(rating.half_stars::integer ORDER BY rating.movie_id), '{}')
                AS half_stars,
            COALESCE(NULLIF(api._serving_model(NULL), 'also-liked'), 'popular') AS model
        FROM core.rating
        WHERE rating.user_id = p_user_id
    ),
    loudest AS MATERIALIZED (
        SELECT DISTINCT ON (said.for_movie_id)
            said.for_movie_id, said.movie_id, said.half_stars
        FROM given
        CROSS JOIN LATERAL api._model_contributions(
            api._trained_run(given.model, cardinality(given.movies)),
            given.movies, given.half_stars, p_movie_ids, 0, p_user_id
        ) AS said
        WHERE said.points > 0
        ORDER BY said.for_movie_id, said.points DESC, said.movie_id
    )
    SELECT
        asked.movie_id,
        COALESCE(
            -- 3.5 and more
            CASE WHEN loudest.half_stars >= 7 THEN 'because you liked '
                ELSE 'because you rated ' END || rated.title,
            CASE WHEN stats.stars_40 + stats.stars_45 + stats.stars_50 > 0 THEN
                'liked by '
                || to_char(stats.stars_40 + stats.stars_45 + stats.stars_50, 'FM999,999,999')
                || ' of ' || to_char(stats.raters, 'FM999,999,999')
                || CASE stats.raters WHEN 1 THEN ' person' ELSE ' people' END
            END,
            'praised by critics'
        ) AS reason
    FROM unnest(p_movie_ids) AS asked (movie_id)
    LEFT JOIN loudest ON loudest.for_movie_id = asked.movie_id
    LEFT JOIN core.movie AS rated ON rated.movie_id = loudest.movie_id
    LEFT JOIN derived.movie_stats AS stats ON stats.movie_id = asked.movie_id;
END;
COMMENT ON FUNCTION api._reasons(integer, integer[]) IS
'The rating of p_user_id that says most for each movie, by the best model that can answer here;
where none says anything, how many people liked it. api.explain_recommendation has the whole of it.';
