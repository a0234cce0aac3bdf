-- Object: api._keep_listed_movies
-- Does:   keeps derived.listed_movie exact after every statement that writes movies or features
-- Grain:  one call a statement
-- Reads:  the statement's own rows, api._listed_movies, derived.movie_stats
-- Params: none
-- Try:    SELECT * FROM derived.listed_movie WHERE movie_id = 603;
CREATE FUNCTION api._keep_listed_movies()
RETURNS trigger
-- Planned for the movies at hand: one, or all of a load.
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
    touched integer[];
BEGIN
    IF TG_OP = 'DELETE' THEN
        touched := (SELECT array_agg(DISTINCT removed.movie_id) FROM removed);
    ELSE
        touched := (SELECT array_agg(DISTINCT added.movie_id) FROM added);
        IF TG_OP = 'UPDATE' THEN
            touched := touched || (SELECT array_agg(DISTINCT removed.movie_id) FROM removed);
        END IF;
    END IF;
    IF touched IS NULL THEN
        RETURN NULL;
    END IF;
    -- Everybody locks rows in the same order, so two writers never wait for each other; and whoever
    -- had to wait reads below what the other has written.
    PERFORM FROM derived.listed_movie AS kept
    WHERE kept.movie_id = ANY (touched)
    ORDER BY kept.movie_id
    FOR UPDATE;
    -- Who is new in the table takes along stars that nobody may change meanwhile.
    PERFORM FROM derived.movie_stats AS stats
    WHERE stats.movie_id = ANY (touched)
        AND NOT EXISTS (
            SELECT FROM derived.listed_movie AS kept WHERE kept.movie_id = stats.movie_id
        )
    ORDER BY stats.movie_id
    FOR SHARE OF stats;
    INSERT INTO derived.listed_movie AS kept (
        movie_id, raters, half_stars, came_out, runtime, year, title_begin, features
    )
    SELECT movie_id, raters, half_stars, came_out, runtime, year, title_begin, features
    FROM api._listed_movies(touched)
    ORDER BY movie_id
    -- stars of known ones are kept by api._keep_listed_stars
    ON CONFLICT (movie_id) DO UPDATE SET
        came_out = excluded.came_out, runtime = excluded.runtime, year = excluded.year,
        title_begin = excluded.title_begin, features = excluded.features
    WHERE (
        kept.came_out, kept.runtime, kept.year, kept.title_begin, kept.features
    ) IS DISTINCT FROM (
        excluded.came_out, excluded.runtime, excluded.year, excluded.title_begin,
        excluded.features
    );
    DELETE FROM derived.listed_movie AS kept
    USING core.movie
    WHERE kept.movie_id = ANY (touched) AND movie.movie_id = kept.movie_id AND movie.adult;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION api._keep_listed_movies() IS
'Trigger of core.movie and core.movie_feature: brings the rows of derived.listed_movie up to date
whose movies a statement wrote. Rows of deleted movies go by their key.';

CREATE TRIGGER keep_listed_movies_insert AFTER INSERT ON core.movie
REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION api._keep_listed_movies();

CREATE TRIGGER keep_listed_movies_update AFTER UPDATE ON core.movie
REFERENCING OLD TABLE AS removed NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION api._keep_listed_movies();

CREATE TRIGGER keep_listed_movies_insert AFTER INSERT ON core.movie_feature
REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION api._keep_listed_movies();

CREATE TRIGGER keep_listed_movies_update AFTER UPDATE ON core.movie_feature
REFERENCING OLD TABLE AS removed NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION api._keep_listed_movies();

CREATE TRIGGER keep_listed_movies_delete AFTER DELETE ON core.movie_feature
REFERENCING OLD TABLE AS removed
FOR EACH STATEMENT EXECUTE FUNCTION api._keep_listed_movies();
