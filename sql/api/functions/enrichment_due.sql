-- Object: api.enrichment_due
-- Does:   which movies a service is to be asked about
-- Grain:  one row a movie
-- Reads:  core.movie, core.movie_key, core.fetched, core.trailer, core.rater, core.rating,
--         derived.movie_stats
-- Params: p_service tmdb or omdb; p_missing posters, trailers, overviews or critics: only movies
--         without; p_older_than, p_not_found_older_than age of answers that are asked for anew;
--         p_except movies to leave out; p_limit rows
-- Try:    SELECT * FROM api.enrichment_due('tmdb', 'posters');
CREATE FUNCTION api.enrichment_due(
    p_service text,
    p_missing text DEFAULT NULL,
    -- TMDB's terms allow six months; with five a monthly run keeps them
    p_older_than interval DEFAULT '150 days',
    -- who knows no such movie today may know it next month
    p_not_found_older_than interval DEFAULT '30 days',
    p_except integer[] DEFAULT '{}',
    p_limit integer DEFAULT 1000
)
RETURNS TABLE (
    rank integer, movie_id integer, title text, year integer, tmdb_id integer, imdb_id text
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH due AS (
        SELECT
            movie.movie_id, movie.title, movie.year, movie.popularity,
            CASE
                WHEN movie.movie_id < 1000000000 THEN movie.movie_id
                ELSE (
                    SELECT min(named.key::integer) FROM core.movie_key AS named
                    WHERE named.movie_id = movie.movie_id AND named.source = 'tmdb'
                )
            END AS tmdb_id,
            (
                SELECT min(named.key COLLATE "C") FROM core.movie_key AS named
                WHERE named.movie_id = movie.movie_id AND named.source = 'imdb'
            ) AS imdb_id
        FROM core.movie
        WHERE api._checked('service', p_service, 'tmdb', 'omdb') IS NOT NULL
            -- made up, so that nobody knows it
            AND movie.source <> 'generated'
            AND NOT movie.movie_id = ANY(p_except)
            AND NOT EXISTS (
                SELECT FROM core.fetched
                WHERE fetched.service = p_service
                    AND fetched.movie_id = movie.movie_id
                    AND fetched.fetched_at > now() - CASE fetched.status
                        WHEN 200 THEN p_older_than ELSE p_not_found_older_than
                    END
            )
            AND CASE
                WHEN p_missing IS NULL THEN true
                WHEN api._checked(
                    'kind of data', p_missing, 'posters', 'trailers', 'overviews', 'critics'
                ) = 'posters' THEN movie.poster_path IS NULL
                WHEN p_missing = 'overviews' THEN movie.overview IS NULL
                WHEN p_missing = 'trailers' THEN NOT EXISTS (
                    SELECT FROM core.trailer WHERE trailer.movie_id = movie.movie_id
                )
                ELSE NOT EXISTS (
                    SELECT FROM core.rater
                    INNER JOIN core.rating USING (user_id)
                    WHERE rater.source = 'omdb'
                        AND rater.kind = 'critic'
                        AND rating.movie_id = movie.movie_id
                )
            END
    )
    SELECT
        (row_number() OVER (
            ORDER BY COALESCE(stats.raters, 0) DESC, due.popularity DESC NULLS LAST, due.movie_id
        ))::integer AS rank,
        due.movie_id, due.title, due.year::integer, due.tmdb_id, due.imdb_id
    FROM due
    LEFT JOIN derived.movie_stats AS stats ON stats.movie_id = due.movie_id
    WHERE CASE p_service
        WHEN 'tmdb' THEN due.tmdb_id IS NOT NULL OR due.imdb_id IS NOT NULL
        ELSE due.imdb_id IS NOT NULL
    END
    ORDER BY rank
    LIMIT p_limit;
END;
COMMENT ON FUNCTION api.enrichment_due(text, text, interval, interval, integer[], integer) IS
'Movies that were never asked about, or so long ago that the answer is to be renewed; the most rated
first, total. tmdb_id, imdb_id: what the service knows them by; movies without are left out.
Errors: RQ002 unknown service or kind of data.';
