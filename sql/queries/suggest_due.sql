-- Query:  suggest_due
-- Does:   for whom suggestions have to be made, whoever was active last first
-- Grain:  one row a user
-- Reads:  core.rater, core.rating, core.suggestion_list
-- Params: p_active_days who rated in the last so many, 0 for all people; p_reuse_days how long
--         stored ones are good; p_start, p_max the places by popularity that they should cover
SELECT rater.user_id
FROM core.rater
LEFT JOIN core.suggestion_list AS list ON list.user_id = rater.user_id
LEFT JOIN (
    SELECT rating.user_id, max(rating.rated_at) AS rated_at
    FROM core.rating
    WHERE :p_active_days > 0
        AND rating.user_id > 0
        AND rating.rated_at >= now() - make_interval(days => :p_active_days)
    GROUP BY rating.user_id
) AS active ON active.user_id = rater.user_id
WHERE rater.user_id > 0
    AND (:p_active_days = 0 OR active.user_id IS NOT NULL)
    AND (
        list.user_id IS NULL
        OR list.created_at < now() - make_interval(days => :p_reuse_days)
        OR NOT list.covered @> int4range(:p_start, :p_start + :p_max)
    )
ORDER BY active.rated_at DESC NULLS LAST, rater.user_id
