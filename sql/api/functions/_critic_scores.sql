-- Object: api._critic_scores
-- Does:   what the critics say in one answer of OMDb, brought to half-stars
-- Grain:  one row per critic with a score; never two of one critic
-- Reads:  nothing
-- Params: p_answer the answer to one movie: imdbRating, Metascore, Ratings
-- Try:    SELECT * FROM api._critic_scores('{"imdbRating": "8.7", "Metascore": "N/A"}');
CREATE FUNCTION api._critic_scores(p_answer jsonb)
RETURNS TABLE (critic text, half_stars smallint, fault text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH said AS (
        -- a field of its own says the same as an entry of the list, and goes before it
        SELECT
            field.critic, field.name, field.top, btrim(p_answer ->> field.name) AS score, 1 AS place
        FROM (
            VALUES
                ('IMDb', 'imdbRating', 10),
                ('Metacritic', 'Metascore', 100),
                -- as tables made of OMDb's answers call them
                ('Metacritic', 'Metacritic', 100),
                ('Rotten Tomatoes', 'tomatoMeter', 100)
        ) AS field (critic, name, top)
        UNION ALL
        SELECT
            known.critic,
            'Ratings, ' || known.name,
            known.top,
            -- 8.7/10, 73/100, 88%
            btrim(split_part(replace(listed.entry ->> 'Value', '%', ''), '/', 1)),
            2
        FROM jsonb_path_query(p_answer, '$.Ratings[*]') AS listed (entry)
        INNER JOIN (
            VALUES
                ('IMDb', 'Internet Movie Database', 10),
                ('Metacritic', 'Metacritic', 100),
                ('Rotten Tomatoes', 'Rotten Tomatoes', 100)
        ) AS known (critic, name, top) ON known.name = listed.entry ->> 'Source'
    ),
    one_each AS (
        SELECT DISTINCT ON (critic) critic, name, top, score
        FROM said
        WHERE score IS NOT NULL AND upper(score) NOT IN ('', 'N/A', 'NA', 'NULL', 'NONE')
        ORDER BY critic, place, name
    ),
    judged AS (
        SELECT
            critic,
            name,
            top,
            CASE
                WHEN score ~ '^[0-9]{1,3}(\.[0-9]{1,6})?$' AND score::numeric <= top
                    -- no stars at all is no rating here: the lowest is half a star
                    THEN GREATEST(round(score::numeric * 10 / top), 1)::smallint
            END AS half_stars
        FROM one_each
    )
    SELECT
        critic,
        half_stars,
        CASE WHEN half_stars IS NULL THEN name || ' is not a number from 0 to ' || top END AS fault
    FROM judged
    ORDER BY critic;
END;
COMMENT ON FUNCTION api._critic_scores(jsonb) IS
'Reads one answer of OMDb. IMDb scores from 0 to 10, Metacritic and Rotten Tomatoes from 0 to 100;
a tenth of the scale is half a star, rounded, and at least half a star. N/A is no score. fault says
why a score cannot be read; half_stars is null then.';
