-- Object: api.my_data
-- Does:   all that somebody has told us about movies
-- Grain:  one row a rating and mark
-- Reads:  core.rating, core.mark, core.movie, core.movie_key
-- Params: p_user_id
-- Try:    SELECT * FROM api.my_data(4);
CREATE FUNCTION api.my_data(p_user_id integer)
RETURNS TABLE (
    list text, movie_id integer, imdb_id text, title text, year integer, stars numeric,
    at timestamptz
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT
        said.list, said.movie_id,
        (
            SELECT min(movie_key.key COLLATE "C")
            FROM core.movie_key
            WHERE movie_key.movie_id = said.movie_id AND movie_key.source = 'imdb'
        ) AS imdb_id,
        movie.title, movie.year::integer AS year, said.stars, said.at
    FROM (
        SELECT
            'rating' AS list, rating.movie_id, round(rating.half_stars / 2.0, 1) AS stars,
            rating.rated_at AS at
        FROM core.rating
        WHERE rating.user_id = p_user_id
        UNION ALL
        SELECT
            CASE mark.kind WHEN 'watch' THEN 'watchlist' ELSE 'hidden' END, mark.movie_id, NULL,
            mark.marked_at
        FROM core.mark
        WHERE mark.user_id = p_user_id
    ) AS said
    INNER JOIN core.movie ON movie.movie_id = said.movie_id
    ORDER BY said.list DESC, said.at, said.movie_id;
END;
COMMENT ON FUNCTION api.my_data(integer) IS
'Everything that belongs to p_user_id, to be taken along: list is watchlist, rating or hidden.
api.import_ratings takes it back.';
