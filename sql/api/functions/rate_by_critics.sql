-- Object: api.rate_by_critics
-- Does:   makes the critics' ratings of movies equal to what OMDb answered about them
-- Grain:  one row: how many ratings were new, changed, taken back and as before
-- Reads:  core.rater, core.rating
-- Params: p_movie_ids; p_answers OMDb's answer to each, in the same order, as jsonb
-- Try:    SELECT * FROM api.rate_by_critics('{1}', ARRAY['{"imdbRating": "8.5"}'::jsonb]);
CREATE FUNCTION api.rate_by_critics(p_movie_ids integer[], p_answers jsonb[])
RETURNS TABLE (inserted bigint, updated bigint, deleted bigint, unchanged bigint)
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    INSERT INTO core.rater (user_id, kind, source, source_key)
    SELECT nextval('core.pseudo_rater_id'), 'critic', 'omdb', heard.critic
    FROM (
        SELECT DISTINCT score.critic
        FROM unnest(p_answers) AS given (answer)
        CROSS JOIN LATERAL api._critic_scores(given.answer) AS score
        WHERE score.half_stars IS NOT NULL
            AND NOT EXISTS (
                SELECT FROM core.rater AS known
                WHERE known.source = 'omdb' AND known.source_key = score.critic
            )
        ORDER BY score.critic
    ) AS heard
    -- somebody else may have met the same critic this moment
    ON CONFLICT (source, source_key) DO NOTHING;

    WITH critic AS (
        SELECT user_id, source_key AS name FROM core.rater
        WHERE source = 'omdb' AND kind = 'critic'
    ),
    wanted AS (
        -- of two answers to one movie the later one speaks
        SELECT DISTINCT ON (critic.user_id, given.movie_id)
            critic.user_id, given.movie_id, score.half_stars
        FROM unnest(p_movie_ids, p_answers) WITH ORDINALITY AS given (movie_id, answer, place)
        CROSS JOIN LATERAL api._critic_scores(given.answer) AS score
        INNER JOIN critic ON critic.name = score.critic
        WHERE score.half_stars IS NOT NULL
        ORDER BY critic.user_id, given.movie_id, given.place DESC
    ),
    removed AS (
        DELETE FROM core.rating AS known
        USING critic
        WHERE known.user_id = critic.user_id
            AND known.movie_id = ANY(p_movie_ids)
            AND NOT EXISTS (
                SELECT FROM wanted
                WHERE wanted.user_id = known.user_id AND wanted.movie_id = known.movie_id
            )
        RETURNING 1
    ),
    changed AS (
        INSERT INTO core.rating AS known (rated_at, user_id, movie_id, half_stars)
        SELECT NULL, user_id, movie_id, half_stars FROM wanted
        ORDER BY user_id, movie_id
        ON CONFLICT (user_id, movie_id) DO UPDATE SET half_stars = excluded.half_stars
        WHERE known.half_stars <> excluded.half_stars
        RETURNING (xmax = 0) AS is_new
    )
    SELECT
        (SELECT count(*) FROM changed WHERE is_new) AS inserted,
        (SELECT count(*) FROM changed WHERE NOT is_new) AS updated,
        (SELECT count(*) FROM removed) AS deleted,
        (SELECT count(*) FROM wanted) - (SELECT count(*) FROM changed) AS unchanged;
END;
COMMENT ON FUNCTION api.rate_by_critics(integer[], jsonb[]) IS
'Stores what IMDb, Metacritic and Rotten Tomatoes give movies, as ratings by pseudo-users of kind
critic, whose keys are below zero: never fans, never in the statistics of a movie. An answer without
a score takes an earlier one back. Scores that cannot be read are left out.
Scales: IMDb 0 to 10, the others 0 to 100; a tenth of the scale is half a star.
Errors: 23503 for a movie that is not in core.movie.';
