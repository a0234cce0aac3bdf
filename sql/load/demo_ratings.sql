-- Load:  demo_ratings
-- Does:  generates the demo's ratings: people with tastes, who rate kin of their favourites high
-- Reads: staging.film, staging.film_feature, staging.film_credit
-- No person gave these; the site says so. The same seed gives the same ratings.

-- How alike two films are: the cosine of their features weighed by rarity. Makers and series
-- count as well, so that fans of one part love the others.
CREATE UNLOGGED TABLE staging.trait AS
SELECT line, trait, ln(total.films::float8 / count(*) OVER (PARTITION BY trait)) AS weight
FROM (
    SELECT DISTINCT line, kind || ':' || code AS trait FROM staging.film_feature
    WHERE kind IN ('genre', 'keyword', 'language')
    UNION
    SELECT line, 'series:' || collection FROM staging.film WHERE collection IS NOT NULL
    UNION
    SELECT line, 'person:' || name FROM staging.film_credit WHERE role = 'crew' OR place <= 3
) AS traits
CROSS JOIN (SELECT count(*) AS films FROM staging.film) AS total;

CREATE UNLOGGED TABLE staging.kin AS
SELECT
    one.line, other.line AS other_line,
    sum(one.weight * other.weight) / (length_one.norm * length_other.norm) AS likeness
FROM staging.trait AS one
INNER JOIN staging.trait AS other USING (trait)
INNER JOIN (
    SELECT line, sqrt(sum(weight ^ 2)) AS norm FROM staging.trait GROUP BY line
) AS length_one ON length_one.line = one.line
INNER JOIN (
    SELECT line, sqrt(sum(weight ^ 2)) AS norm FROM staging.trait GROUP BY line
) AS length_other ON length_other.line = other.line
GROUP BY one.line, other.line, length_one.norm, length_other.norm;
ALTER TABLE staging.kin ADD PRIMARY KEY (line, other_line);
ANALYZE staging.kin;

-- Every rater has three favourites: one by chance, and two that are mostly kin of it.
CREATE UNLOGGED TABLE staging.favourite AS
WITH numbered AS (
    SELECT line, row_number() OVER (ORDER BY line) - 1 AS place, count(*) OVER () AS films
    FROM staging.film
),
first_one AS (
    SELECT rater.user_key, numbered.line
    FROM generate_series(1, 1500) AS rater (user_key)
    INNER JOIN numbered
        ON numbered.place = floor(api._draw(11, rater.user_key) * numbered.films)::bigint
)
SELECT user_key, line FROM first_one
UNION
SELECT first_one.user_key, drawn.other_line
FROM first_one
CROSS JOIN generate_series(1, 2) AS nth
CROSS JOIN LATERAL (
    SELECT kin.other_line
    FROM staging.kin
    WHERE kin.line = first_one.line AND kin.other_line <> first_one.line
    ORDER BY
        kin.likeness
        * (0.2 + api._draw(12 + nth, first_one.user_key * 100003 + kin.other_line)) DESC,
        kin.other_line
    LIMIT 1
) AS drawn;

INSERT INTO staging.rating (user_key, movie_key, stars, rated_at)
WITH fame AS (
    -- some films are seen by many, most by fewer
    SELECT
        line, tmdb_id,
        0.2 + api._draw(21, tmdb_id) ^ 2 + CASE WHEN collection IS NULL THEN 0 ELSE 0.3 END AS seen,
        api._draw(22, tmdb_id) - 0.5 AS worth
    FROM staging.film
),
taste AS (
    SELECT favourite.user_key, kin.other_line AS line, max(kin.likeness) AS likeness
    FROM staging.favourite
    INNER JOIN staging.kin USING (line)
    GROUP BY favourite.user_key, kin.other_line
),
drawn AS (
    SELECT
        taste.user_key, fame.tmdb_id, taste.likeness, fame.worth,
        taste.user_key * 1000003::bigint + fame.tmdb_id AS key,
        row_number() OVER (
            PARTITION BY taste.user_key
            -- Efraimidis and Spirakis: a draw without return, with weights
            ORDER BY
                ln(1 - api._draw(31, taste.user_key * 1000003::bigint + fame.tmdb_id))
                / (fame.seen * (0.03 + taste.likeness)) DESC,
                fame.tmdb_id
        ) AS place
    FROM taste
    INNER JOIN fame USING (line)
),
watched AS (
    SELECT
        *,
        -- from 0 to 1: how near it comes to a favourite, among all that this rater has seen
        percent_rank() OVER (PARTITION BY user_key ORDER BY likeness, tmdb_id) AS nearness
    FROM drawn
    -- 20 to 120 ratings each, 58 on average
    WHERE place <= 20 + floor(100 * api._draw(32, user_key) ^ 1.6)
)
SELECT
    user_key,
    tmdb_id,
    LEAST(10, GREATEST(1, round((
        2.6
        + 2.3 * nearness
        + 0.7 * worth
        -- the mild and the strict
        + 0.6 * (api._draw(41, user_key) - 0.5)
        + 1.5 * (api._draw(42, key) + api._draw(43, key) - 1)
    ) * 2))) / 2,
    -- any second of the ten years from 2015 on
    1420070400 + floor(api._draw(44, key) * 315360000)::bigint
FROM watched
ORDER BY user_key, tmdb_id;
