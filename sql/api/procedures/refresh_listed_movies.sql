-- Object: api.refresh_listed_movies
-- Does:   reckons derived.listed_movie anew
-- Grain:  a row a movie that is not for adults only
-- Reads:  api._listed_movies, derived.movie_stats
-- Params: none
-- Try:    CALL api.refresh_listed_movies();
CREATE PROCEDURE api.refresh_listed_movies()
LANGUAGE sql
BEGIN ATOMIC
    DELETE FROM derived.listed_movie AS kept
    USING core.movie
    WHERE movie.movie_id = kept.movie_id AND movie.adult;

    INSERT INTO derived.listed_movie AS kept (
        movie_id, raters, half_stars, came_out, runtime, year, title_begin, features
    )
    SELECT movie_id, raters, half_stars, came_out, runtime, year, title_begin, features
    FROM api._listed_movies(NULL)
    ORDER BY movie_id
    -- a row that is right is left alone, so a second run writes nothing
    ON CONFLICT (movie_id) DO UPDATE SET
        came_out = excluded.came_out, runtime = excluded.runtime, year = excluded.year,
        title_begin = excluded.title_begin, features = excluded.features
    WHERE (
        kept.came_out, kept.runtime, kept.year, kept.title_begin, kept.features
    ) IS DISTINCT FROM (
        excluded.came_out, excluded.runtime, excluded.year, excluded.title_begin,
        excluded.features
    );

    -- Whoever rates meanwhile holds the statistics: they are waited for, and what they left counts.
    WITH differing AS (
        SELECT stats.movie_id, stats.raters, stats.half_stars
        FROM derived.movie_stats AS stats
        INNER JOIN derived.listed_movie AS kept ON kept.movie_id = stats.movie_id
        WHERE (kept.raters, kept.half_stars) <> (stats.raters, stats.half_stars)
        ORDER BY stats.movie_id
        FOR SHARE OF stats
    )
    UPDATE derived.listed_movie AS kept
    SET raters = differing.raters, half_stars = differing.half_stars
    FROM differing
    WHERE differing.movie_id = kept.movie_id;

    UPDATE derived.listed_movie AS kept SET raters = 0, half_stars = 0
    WHERE kept.raters <> 0 AND NOT EXISTS (
        SELECT FROM derived.movie_stats AS stats WHERE stats.movie_id = kept.movie_id
    );
END;
COMMENT ON PROCEDURE api.refresh_listed_movies() IS
'Recomputes what lists of movies are filtered and sorted by. The triggers keep it exact; this is for
bulk loads, which run without the triggers.';
