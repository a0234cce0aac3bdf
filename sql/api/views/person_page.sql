-- Object: api.person_page
-- Does:   what is known about a person
-- Grain:  one row a person
-- Reads:  core.person, core.credit, core.movie, core.movie_feature, core.feature,
--         derived.movie_stats
-- Params: none
-- Try:    SELECT * FROM api.person_page WHERE person_id = 1;
CREATE VIEW api.person_page AS
SELECT
    person.person_id,
    person.tmdb_id,
    person.name,
    facts.movies,
    facts.acted_in,
    facts.worked_on,
    facts.first_year,
    facts.last_year,
    facts.raters,
    api._mean_stars(facts.half_stars, facts.raters) AS mean_stars,
    work.jobs,
    work.job_movies,
    often.genres
FROM core.person
CROSS JOIN LATERAL (
    SELECT
        count(*)::integer AS movies,
        (count(*) FILTER (WHERE part.acted))::integer AS acted_in,
        (count(*) FILTER (WHERE part.worked))::integer AS worked_on,
        min(movie.year)::integer AS first_year,
        max(movie.year)::integer AS last_year,
        COALESCE(sum(stats.raters), 0)::bigint AS raters,
        COALESCE(sum(stats.half_stars), 0)::bigint AS half_stars
    FROM (
        SELECT
            credit.movie_id,
            bool_or(credit.role = 'cast') AS acted,
            bool_or(credit.role = 'crew') AS worked
        FROM core.credit
        WHERE credit.person_id = person.person_id
        GROUP BY credit.movie_id
    ) AS part
    INNER JOIN core.movie ON movie.movie_id = part.movie_id
    LEFT JOIN derived.movie_stats AS stats ON stats.movie_id = movie.movie_id
    WHERE NOT movie.adult
) AS facts
CROSS JOIN LATERAL (
    SELECT
        COALESCE(array_agg(job ORDER BY movies DESC, job COLLATE "C"), '{}') AS jobs,
        COALESCE(array_agg(movies ORDER BY movies DESC, job COLLATE "C"), '{}') AS job_movies
    FROM (
        SELECT credit.job, count(DISTINCT credit.movie_id)::integer AS movies
        FROM core.credit
        INNER JOIN core.movie ON movie.movie_id = credit.movie_id
        WHERE credit.person_id = person.person_id AND credit.role = 'crew' AND NOT movie.adult
        GROUP BY credit.job
    ) AS done
) AS work
CROSS JOIN LATERAL (
    SELECT COALESCE(array_agg(name ORDER BY movies DESC, name COLLATE "C"), '{}') AS genres
    FROM (
        SELECT feature.name, count(DISTINCT credit.movie_id) AS movies
        FROM core.credit
        INNER JOIN core.movie ON movie.movie_id = credit.movie_id
        INNER JOIN core.movie_feature ON movie_feature.movie_id = movie.movie_id
        INNER JOIN core.feature ON feature.feature_id = movie_feature.feature_id
        WHERE credit.person_id = person.person_id AND NOT movie.adult AND feature.kind = 'genre'
        GROUP BY feature.name
        ORDER BY movies DESC, feature.name COLLATE "C"
        LIMIT 3
    ) AS most
) AS often;
COMMENT ON VIEW api.person_page IS
'One person of cast or crew, with what their movies (none for adults only) add up to.';
COMMENT ON COLUMN api.person_page.acted_in IS 'movies in whose cast they are';
COMMENT ON COLUMN api.person_page.worked_on IS 'movies in whose crew they are';
COMMENT ON COLUMN api.person_page.raters IS 'ratings of all their movies together';
COMMENT ON COLUMN api.person_page.mean_stars IS
'0.5 to 5.0, the mean of these ratings; null where there are none';
COMMENT ON COLUMN api.person_page.jobs IS 'what they did in crews, most often first';
COMMENT ON COLUMN api.person_page.job_movies IS 'in how many movies, job by job';
COMMENT ON COLUMN api.person_page.genres IS 'the three that most of their movies have';
