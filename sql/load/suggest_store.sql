-- Load:  suggest_store
-- Does:  ranks the scores of a batch, and puts them in place of older suggestions
-- Reads: pg_temp.*, core.rating, core.suggestion; settings recsql.run_id, recsql.start,
--        recsql.max
-- Whose ratings say nothing to the model gets what is popular.
INSERT INTO pg_temp.score (user_id, movie_id, points, predicted_stars, place)
SELECT
    asked.user_id,
    popular.movie_id,
    popular.points,
    popular.stars,
    popular.place
FROM pg_temp.asked
CROSS JOIN (
    SELECT
        cover.movie_id,
        CASE WHEN cover.critics THEN 0 ELSE cover.likers * 1000000::bigint END AS points,
        cover.place,
        COALESCE(
            critic.mean_stars,
            api._damped_stars(COALESCE(stats.half_stars, 0), COALESCE(stats.raters, 0))
        ) AS stars
    FROM pg_temp.cover
    LEFT JOIN derived.movie_stats AS stats ON stats.movie_id = cover.movie_id
    LEFT JOIN LATERAL api.critic_stars(cover.movie_id) AS critic ON cover.critics
) AS popular
WHERE NOT EXISTS (SELECT FROM pg_temp.voice WHERE voice.user_id = asked.user_id);
ANALYZE pg_temp.score;

-- What was shown stays noted.
CREATE TEMP TABLE shown ON COMMIT DROP AS
SELECT suggestion.user_id, suggestion.movie_id, suggestion.shown_at
FROM core.suggestion
INNER JOIN pg_temp.asked ON asked.user_id = suggestion.user_id
WHERE suggestion.shown_at IS NOT NULL;

DELETE FROM core.suggestion USING pg_temp.asked
WHERE suggestion.user_id = asked.user_id
    AND (
        NOT asked.extends
        OR suggestion.movie_id IN (SELECT cover.movie_id FROM pg_temp.cover)
        OR EXISTS (
            SELECT FROM core.rating
            WHERE rating.user_id = suggestion.user_id AND rating.movie_id = suggestion.movie_id
        )
    );

CREATE TEMP TABLE ranked ON COMMIT DROP AS
SELECT
    user_id,
    movie_id,
    run_id,
    points,
    predicted_stars,
    is_new,
    row_number() OVER (PARTITION BY user_id ORDER BY points DESC, place, movie_id)::integer AS rank
FROM (
    SELECT
        score.user_id, score.movie_id, score.run_id, score.points, score.predicted_stars,
        score.place, true AS is_new
    FROM pg_temp.score
    WHERE NOT EXISTS (
        SELECT FROM core.rating
        WHERE rating.user_id = score.user_id AND rating.movie_id = score.movie_id
    )
    UNION ALL
    SELECT
        kept.user_id, kept.movie_id, kept.run_id, kept.points, kept.predicted_stars,
        CASE WHEN kept.run_id IS NULL THEN kept.rank ELSE 0 END, false
    FROM core.suggestion AS kept
    INNER JOIN pg_temp.asked ON asked.user_id = kept.user_id AND asked.extends
) AS every;

UPDATE core.suggestion AS kept SET rank = ranked.rank
FROM pg_temp.ranked
WHERE NOT ranked.is_new
    AND kept.user_id = ranked.user_id
    AND kept.movie_id = ranked.movie_id
    AND kept.rank <> ranked.rank;

INSERT INTO core.suggestion (
    points, created_at, shown_at, user_id, movie_id, run_id, rank, predicted_stars
)
SELECT
    ranked.points, now(), shown.shown_at, ranked.user_id, ranked.movie_id, ranked.run_id,
    ranked.rank, ranked.predicted_stars
FROM pg_temp.ranked
LEFT JOIN pg_temp.shown
    ON shown.user_id = ranked.user_id AND shown.movie_id = ranked.movie_id
WHERE ranked.is_new
ORDER BY ranked.user_id, ranked.rank;

INSERT INTO core.suggestion_list (user_id, run_id, covered, created_at, basis)
SELECT
    asked.user_id,
    NULLIF(current_setting('recsql.run_id'), '')::integer,
    int4multirange(
        int4range(
            current_setting('recsql.start')::integer,
            current_setting('recsql.start')::integer + current_setting('recsql.max')::integer
        )
    ) + COALESCE(old.covered, '{}'),
    -- as old as its oldest part
    COALESCE(old.created_at, now()),
    -- a list whose parts rest on different ratings rests on none that are there
    CASE WHEN old.user_id IS NULL OR old.basis = asked.basis THEN asked.basis END
FROM pg_temp.asked
LEFT JOIN core.suggestion_list AS old ON asked.extends AND old.user_id = asked.user_id
ON CONFLICT (user_id) DO UPDATE SET
    run_id = excluded.run_id, covered = excluded.covered, created_at = excluded.created_at,
    basis = excluded.basis;
