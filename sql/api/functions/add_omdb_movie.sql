-- Object: api.add_omdb_movie
-- Does:   adds the film of an answer of OMDb, with its features and its critics
-- Grain:  one row, the movie
-- Reads:  core.movie_key, core.movielens_link, core.movie, core.movie_feature, core.code_name,
--         core.feature, core.person, derived.catalogue, derived.shelf, api.critic_stars,
--         api.enrich_movie
-- Params: p_answer OMDb's answer to one IMDb id, as it came
-- Try:    SELECT * FROM api.add_omdb_movie('{"imdbID":"tt9","Title":"Heat","Type":"movie"}');
CREATE FUNCTION api.add_omdb_movie(p_answer jsonb)
RETURNS TABLE (movie_id integer, title text, year integer, is_new boolean, critics integer)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = ''
AS $$
#variable_conflict use_column
DECLARE
    film record;
    this_id integer;
    fresh boolean;
BEGIN
    SELECT * INTO film FROM api._omdb_film(p_answer) AS found;
    IF film.fault IS NOT NULL THEN
        RAISE EXCEPTION 'this cannot be added: %', film.fault
            USING ERRCODE = 'RQ009', HINT = 'films alone, by an IMDb id such as tt0133093';
    END IF;
    -- Whoever adds movies holds this row until the end: nobody adds the same one meanwhile.
    PERFORM FROM derived.catalogue FOR UPDATE;
    this_id := api._known_movie(film.imdb_id, film.title, film.year);
    fresh := this_id IS NULL;
    IF fresh THEN
        INSERT INTO core.movie AS made (
            movie_id, title, overview, release_date, year, runtime, original_language, adult, source
        )
        VALUES (
            COALESCE(
                (
                    SELECT min(link.tmdb_id) FROM core.movielens_link AS link
                    WHERE link.imdb_id = film.imdb_id AND link.tmdb_id BETWEEN 1 AND 999999999
                ),
                nextval('core.local_id')
            ),
            film.title, film.overview, film.release_date, film.year, film.runtime,
            (
                SELECT code_name.code FROM core.code_name
                WHERE code_name.kind = 'language' AND code_name.name = film.language
            ),
            COALESCE('Adult' = ANY (film.genres), false),
            'omdb'
        )
        RETURNING made.movie_id INTO this_id;

        WITH called AS (
            SELECT 'genre' AS kind, lower(named.name) AS code, named.name
            FROM unnest(film.genres) AS given (genre)
            -- as TMDB calls them, so that all share their shelves
            CROSS JOIN LATERAL (
                SELECT CASE given.genre
                    WHEN 'Sci-Fi' THEN 'Science Fiction'
                    WHEN 'Musical' THEN 'Music'
                    ELSE given.genre
                END AS name
            ) AS named
            WHERE lower(named.name) = ANY (
                '{action,adventure,animation,comedy,crime,documentary,drama,family,fantasy,history,
                horror,music,mystery,romance,science fiction,thriller,war,western}'::text[]
            )
            UNION
            -- No category of one film: what TMDB has no genre for is a keyword there.
            SELECT 'keyword', word.code, word.code
            FROM unnest(film.genres) AS given (genre)
            INNER JOIN (
                VALUES ('Biography', 'biography'), ('Film-Noir', 'film noir'), ('Sport', 'sports')
            ) AS word (genre, code) ON word.genre = given.genre
            UNION
            SELECT 'country', code_name.code, code_name.name
            FROM unnest(film.countries) AS given (country)
            LEFT JOIN (
                VALUES
                    ('United States', 'US'), ('USA', 'US'), ('UK', 'GB'), ('Czechia', 'CZ'),
                    ('West Germany', 'DE'), ('Macedonia', 'MK'), ('Türkiye', 'TR')
            ) AS alias (name, code) ON alias.name = given.country
            INNER JOIN core.code_name
                ON code_name.kind = 'country'
                AND (code_name.code = alias.code OR code_name.name = given.country)
            UNION
            SELECT 'language', code_name.code, code_name.name
            FROM core.code_name
            WHERE code_name.kind = 'language' AND code_name.name = film.language
        ),
        made AS (
            INSERT INTO core.feature (kind, code, name)
            SELECT called.kind, called.code, called.name FROM called
            ORDER BY called.kind, called.code
            ON CONFLICT (kind, code) DO UPDATE SET name = feature.name
            RETURNING feature_id
        )
        INSERT INTO core.movie_feature (movie_id, feature_id)
        SELECT this_id, made.feature_id FROM made ORDER BY made.feature_id;

        WITH credited AS (
            SELECT 'crew' AS role, 'Director' AS job, given.name, given.place
            FROM unnest(film.directors) WITH ORDINALITY AS given (name, place)
            WHERE given.place <= 20
            UNION ALL
            SELECT 'cast', '', given.name, given.place
            FROM unnest(film.actors) WITH ORDINALITY AS given (name, place)
            WHERE given.place <= 50
        ),
        named AS (
            SELECT
                credited.role, credited.job, credited.place,
                -- Lana Wachowski (co-director)
                btrim(regexp_replace(credited.name, '\s*\(.*$', '')) AS name
            FROM credited
        ),
        fit AS (
            SELECT named.* FROM named WHERE length(named.name) BETWEEN 1 AND 200
        ),
        met AS (
            INSERT INTO core.person (name)
            SELECT DISTINCT fit.name FROM fit
            WHERE NOT EXISTS (SELECT FROM core.person AS known WHERE known.name = fit.name)
            ORDER BY fit.name
            RETURNING person.person_id, person.name
        ),
        everybody AS (
            SELECT met.person_id, met.name FROM met
            UNION ALL
            SELECT min(known.person_id), known.name
            FROM core.person AS known
            WHERE known.name IN (SELECT fit.name FROM fit)
            GROUP BY known.name
        )
        INSERT INTO core.credit (movie_id, role, place, person_id, job)
        SELECT this_id, fit.role, fit.place, everybody.person_id, fit.job
        FROM fit
        INNER JOIN everybody ON everybody.name = fit.name;

        -- At the end of its shelves: api.refresh_shelves mixes them anew.
        INSERT INTO derived.shelf (category_id, place, movie_id, title, year)
        SELECT
            shelf.category_id,
            COALESCE((
                SELECT max(other.place) FROM derived.shelf AS other
                WHERE other.category_id = shelf.category_id
            ), 0) + 1,
            movie.movie_id, movie.title, movie.year
        FROM core.movie
        CROSS JOIN LATERAL (
            SELECT feature.feature_id AS category_id
            FROM core.movie_feature
            INNER JOIN core.feature USING (feature_id)
            WHERE movie_feature.movie_id = this_id AND feature.kind = 'genre'
        ) AS shelf
        WHERE movie.movie_id = this_id
            AND NOT movie.adult
            AND movie.year IS NOT NULL
            AND movie.overview IS NOT NULL
        ORDER BY shelf.category_id;
    END IF;

    INSERT INTO core.movie_key (source, key, movie_id)
    SELECT given.source, given.key, this_id
    FROM (
        VALUES ('imdb', film.imdb_id), ('tmdb', CASE WHEN this_id < 1000000000 THEN this_id::text END)
    ) AS given (source, key)
    WHERE given.key IS NOT NULL
    ON CONFLICT (source, key) DO NOTHING;

    -- A line of a search says nothing about critics; a full answer without one takes them back.
    IF (p_answer -> 'imdbRating') IS NOT NULL OR (p_answer -> 'Metascore') IS NOT NULL
        OR (p_answer -> 'Ratings') IS NOT NULL
    THEN
        PERFORM FROM api.enrich_movie('omdb', this_id, film.imdb_id, 200, p_answer);
    END IF;

    RETURN QUERY
    SELECT
        movie.movie_id, movie.title, movie.year::integer, fresh,
        COALESCE((SELECT stars.critics FROM api.critic_stars(this_id) AS stars), 0)
    FROM core.movie
    WHERE movie.movie_id = this_id;
END
$$;
COMMENT ON FUNCTION api.add_omdb_movie(jsonb) IS
'Adds a film that we lack: details, genres, countries, language, directors, actors, and what the
critics give it. One that we have is found again (by IMDb id, by MovieLens''s links, by title and
year) and gets the id and the critics alone; its details stay. Twice is as good as once. Runs with
its owner''s rights and believes nothing that it is told.
critics: how many rate it now. Errors: RQ009 what cannot be added, and why.';
