-- Object: api.kept_counts
-- Does:   proves the kept counts equal to a recomputation
-- Grain:  one row a kept table
-- Reads:  api.recounted_stars, core.movie_feature, core.feature, core.movie, derived.movie_stats,
--         derived.feature_stats, derived.catalogue, derived.similar_movies,
--         derived.similar_change, core.rater, derived.tally, derived.shelf, derived.title_word,
--         derived.listed_movie
-- Params: none
-- Try:    SELECT * FROM api.kept_counts();
CREATE FUNCTION api.kept_counts()
RETURNS TABLE (kept text, rows_kept bigint, rows_wrong bigint)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT
        'derived.movie_stats' AS kept,
        count(*) FILTER (WHERE stats.raters > 0) AS rows_kept,
        count(*) FILTER (
            -- a row of zeros, of a movie whose ratings went, is as good as none
            WHERE (
                COALESCE(stats.stars_05, 0), COALESCE(stats.stars_10, 0),
                COALESCE(stats.stars_15, 0), COALESCE(stats.stars_20, 0),
                COALESCE(stats.stars_25, 0), COALESCE(stats.stars_30, 0),
                COALESCE(stats.stars_35, 0), COALESCE(stats.stars_40, 0),
                COALESCE(stats.stars_45, 0), COALESCE(stats.stars_50, 0)
            ) IS DISTINCT FROM (
                COALESCE(counted.stars_05, 0), COALESCE(counted.stars_10, 0),
                COALESCE(counted.stars_15, 0), COALESCE(counted.stars_20, 0),
                COALESCE(counted.stars_25, 0), COALESCE(counted.stars_30, 0),
                COALESCE(counted.stars_35, 0), COALESCE(counted.stars_40, 0),
                COALESCE(counted.stars_45, 0), COALESCE(counted.stars_50, 0)
            )
        ) AS rows_wrong
    FROM derived.movie_stats AS stats
    FULL JOIN api.recounted_stars AS counted ON counted.movie_id = stats.movie_id
    UNION ALL
    SELECT
        'derived.feature_stats',
        count(stats.feature_id),
        count(*) FILTER (WHERE COALESCE(stats.movies, 0) <> COALESCE(listed.movies, 0))
    FROM derived.feature_stats AS stats
    FULL JOIN (
        SELECT feature_id, count(*) AS movies FROM core.movie_feature GROUP BY feature_id
    ) AS listed ON listed.feature_id = stats.feature_id
    UNION ALL
    SELECT
        'derived.catalogue',
        1,
        CASE WHEN catalogue.movies = (SELECT count(*) FROM core.movie) THEN 0 ELSE 1 END
    FROM derived.catalogue
    UNION ALL
    -- features that differ from a stored list's, and no trigger has noted it
    SELECT
        'derived.similar_movies',
        count(*),
        count(*) FILTER (
            WHERE stored.features IS DISTINCT FROM listed.features AND noted.movie_id IS NULL
        )
    FROM derived.similar_movies AS stored
    LEFT JOIN derived.similar_change AS noted ON noted.movie_id = stored.movie_id
    LEFT JOIN (
        SELECT movie_id, array_agg(feature_id ORDER BY feature_id) AS features
        FROM core.movie_feature
        GROUP BY movie_id
    ) AS listed ON listed.movie_id = stored.movie_id
    UNION ALL
    SELECT
        'derived.tally',
        count(*),
        -- parts of two sums: where a sum is wrong, no part of it can be called right
        CASE
            WHEN COALESCE(sum(tally.raters), 0) = (
                SELECT count(*) FROM core.rater WHERE rater.user_id > 0
            ) AND COALESCE(sum(tally.ratings), 0) = (
                -- themselves compared with all ratings above
                SELECT COALESCE(sum(stats.raters), 0) FROM derived.movie_stats AS stats
            ) THEN 0
            ELSE GREATEST(1, count(*))
        END
    FROM derived.tally
    UNION ALL
    SELECT
        'derived.shelf',
        count(*),
        count(*) FILTER (
            WHERE (shelf.title, shelf.year, shelf.poster_path)
                IS DISTINCT FROM (movie.title, movie.year, movie.poster_path)
        )
    FROM derived.shelf
    INNER JOIN core.movie ON movie.movie_id = shelf.movie_id
    UNION ALL
    SELECT
        'derived.title_word',
        count(*) FILTER (WHERE stored.movies > 0),
        count(*) FILTER (
            WHERE COALESCE(stored.movies, 0) <> COALESCE(listed.movies, 0)
                OR (stored.movies > 0 AND stored.shortened <> api._shortened(stored.word))
        )
    FROM derived.title_word AS stored
    FULL JOIN (
        SELECT lexeme COLLATE "C" AS word, count(*) AS movies
        FROM core.movie
        CROSS JOIN LATERAL unnest(tsvector_to_array(movie.search_words)) AS lexeme
        WHERE NOT movie.adult
        GROUP BY lexeme COLLATE "C"
    ) AS listed ON listed.word = stored.word
    UNION ALL
    SELECT
        'derived.listed_movie',
        count(stored.movie_id),
        count(*) FILTER (WHERE stored IS DISTINCT FROM listed)
    FROM (
        SELECT
            movie_id, raters, half_stars, came_out, runtime, year, title_begin COLLATE "C", features
        FROM derived.listed_movie
    ) AS stored
    FULL JOIN (
        SELECT
            movie_id, raters, half_stars, came_out, runtime, year, title_begin COLLATE "C", features
        FROM api._listed_movies(NULL)
    ) AS listed ON listed.movie_id = stored.movie_id;
END;
COMMENT ON FUNCTION api.kept_counts() IS
'Recomputes every count that triggers keep, and says how many rows of each table differ: 0, or
somebody wrote behind the triggers. CALL api.refresh_movie_stats() and api.refresh_feature_stats()
put them right, and stored similar lists recsql refresh --all. Of derived.shelf it compares the
copies of title, year and picture; CALL api.refresh_shelves() puts them right, and
api.refresh_title_words() the words of titles, api.refresh_listed_movies() what lists are filtered
and sorted by.';
