-- Object: api.refresh_shelves
-- Does:   numbers the movies that are fit to be shown, category by category
-- Grain:  a row a movie and category
-- Reads:  core.movie, core.movie_feature, core.feature, derived.movie_stats, derived.catalogue
-- Params: none
-- Try:    CALL api.refresh_shelves();
CREATE PROCEDURE api.refresh_shelves()
LANGUAGE sql
BEGIN ATOMIC
    -- Whoever adds a movie waits, or is waited for: two would give out one place.
    SELECT catalogue.movies FROM derived.catalogue FOR UPDATE;

    DELETE FROM derived.shelf;

    INSERT INTO derived.shelf (category_id, place, movie_id, title, year, poster_path)
    WITH fit AS (
        SELECT movie.movie_id, movie.overview IS NOT NULL AS told
        FROM core.movie
        LEFT JOIN derived.movie_stats AS stats ON stats.movie_id = movie.movie_id
        WHERE NOT movie.adult
            AND movie.year IS NOT NULL
            -- something to say about it, or somebody who has seen it
            AND (movie.overview IS NOT NULL OR stats.raters > 0)
    ),
    in_genre AS (
        SELECT feature.feature_id AS category_id, fit.movie_id, fit.told
        FROM fit
        INNER JOIN core.movie_feature ON movie_feature.movie_id = fit.movie_id
        INNER JOIN core.feature ON feature.feature_id = movie_feature.feature_id
        WHERE feature.kind = 'genre'
    ),
    header AS (
        SELECT DISTINCT movie_id, told FROM in_genre
    ),
    member AS (
        SELECT category_id, movie_id FROM in_genre
        UNION ALL
        -- The header tells a story, where any movie of the catalogue has one.
        SELECT 0, movie_id FROM header
        WHERE told OR NOT EXISTS (SELECT FROM header AS other WHERE other.told)
    )
    SELECT
        member.category_id,
        row_number() OVER (
            -- no meaning in it: neighbours on the shelf have nothing in common
            PARTITION BY member.category_id
            ORDER BY hashint4extended(member.movie_id, 1), member.movie_id
        ),
        member.movie_id,
        movie.title,
        movie.year,
        movie.poster_path
    FROM member
    INNER JOIN core.movie ON movie.movie_id = member.movie_id;
END;
COMMENT ON PROCEDURE api.refresh_shelves() IS
'Rebuilds derived.shelf. Fit to be shown is a movie that is not for adults only, has a genre and
a year, and an overview or at least one rater.';
