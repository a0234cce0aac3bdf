-- Object: api.compare_movies
-- Does:   lays what two movies are made of side by side
-- Grain:  one row a feature that either has, or a person who had a part in both
-- Reads:  core.movie_feature, api.feature, core.credit, core.person
-- Params: p_movie_id, p_other_movie_id
-- Try:    SELECT kind, name, in_first, in_second FROM api.compare_movies(603, 604);
CREATE FUNCTION api.compare_movies(p_movie_id integer, p_other_movie_id integer)
RETURNS TABLE (
    place integer,
    kind text,
    name text,
    in_first boolean,
    in_second boolean,
    feature_id integer,
    person_id integer,
    movies integer
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT
        (row_number() OVER by_kind)::integer AS place,
        kind, name, in_first, in_second, feature_id, person_id, movies
    FROM (
        SELECT
            feature.kind, feature.name, held.in_first, held.in_second, feature.feature_id,
            NULL::integer AS person_id, feature.movies
        FROM (
            SELECT
                movie_feature.feature_id,
                bool_or(movie_feature.movie_id = p_movie_id) AS in_first,
                bool_or(movie_feature.movie_id = p_other_movie_id) AS in_second
            FROM core.movie_feature
            WHERE movie_feature.movie_id IN (p_movie_id, p_other_movie_id)
            GROUP BY movie_feature.feature_id
        ) AS held
        INNER JOIN api.feature ON feature.feature_id = held.feature_id
        UNION ALL
        SELECT 'person', person.name, true, true, NULL, person.person_id, NULL
        FROM (
            SELECT credit.person_id
            FROM core.credit
            WHERE credit.movie_id IN (p_movie_id, p_other_movie_id)
            GROUP BY credit.person_id
            HAVING bool_or(credit.movie_id = p_movie_id)
                AND bool_or(credit.movie_id = p_other_movie_id)
        ) AS both_of
        INNER JOIN core.person ON person.person_id = both_of.person_id
    ) AS found
    WINDOW by_kind AS (
        ORDER BY
            array_position('{person,genre,keyword,company,country,language}', kind),
            in_first AND in_second DESC,
            in_first DESC,
            movies,
            name COLLATE "C",
            feature_id,
            person_id
    )
    ORDER BY place;
END;
COMMENT ON FUNCTION api.compare_movies(integer, integer) IS
'What the first movie has, the second, or both: genres, keywords, companies, countries and
languages, with the number of movies that have each (rare first), and the people who were in cast
or crew of both. What is in both comes first in its kind. How their fans see the other one:
api.pair_evidence, in either direction. Nothing of a movie that is unknown.';
