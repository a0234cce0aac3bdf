-- Load:  ratings_superseded
-- Does:  of several staged ratings of one movie by one rater lets only the latest stand
-- Reads: staging.mapped, staging.rating
INSERT INTO staging.turned_away (at, reason, record)
SELECT
    placed.at, 'rated again by the same rater: the later rating counts',
    concat_ws(',', rating.user_key, rating.movie_key, rating.stars, rating.rated_at)
FROM (
    SELECT
        at,
        row_number() OVER (
            -- the place in the file: nothing has been moved since it was copied
            PARTITION BY user_id, movie_id ORDER BY rated_at DESC NULLS LAST, at DESC
        ) AS place
    FROM staging.mapped
) AS placed
INNER JOIN staging.rating ON rating.ctid = placed.at
WHERE placed.place > 1;
ANALYZE staging.turned_away;

UPDATE staging.rated_by SET
    ratings = rated_by.ratings - gone.ratings,
    without_time = rated_by.without_time - gone.without_time
FROM (
    SELECT
        rating.user_key,
        count(*) AS ratings,
        count(*) FILTER (WHERE COALESCE(rating.rated_at, 0) = 0) AS without_time
    FROM staging.turned_away
    INNER JOIN staging.rating ON rating.ctid = turned_away.at
    GROUP BY rating.user_key
) AS gone
WHERE rated_by.user_key = gone.user_key;

CREATE OR REPLACE VIEW staging.standing AS
SELECT *, ctid AS at FROM staging.rating
WHERE NOT EXISTS (SELECT FROM staging.turned_away WHERE turned_away.at = rating.ctid);
