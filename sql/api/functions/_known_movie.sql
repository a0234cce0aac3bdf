-- Object: api._known_movie
-- Does:   which movie of ours is meant by an IMDb id, a title and a year
-- Grain:  one value, null where we lack it
-- Reads:  core.movie_key, core.movielens_link, core.movie
-- Params: p_imdb_id tt and seven digits or more; p_title; p_year may be null
-- Try:    SELECT api._known_movie('tt0078748', 'Alien', 1979);
CREATE FUNCTION api._known_movie(p_imdb_id text, p_title text, p_year integer)
RETURNS integer
LANGUAGE sql STABLE PARALLEL SAFE
RETURN COALESCE(
    (
        SELECT movie_key.movie_id FROM core.movie_key
        WHERE movie_key.source = 'imdb' AND movie_key.key = p_imdb_id
    ),
    (
        SELECT min(movie.movie_id)
        FROM core.movielens_link AS link
        INNER JOIN core.movie ON movie.movie_id = link.tmdb_id
        WHERE link.imdb_id = p_imdb_id
    ),
    (
        -- The only one of this name and year, and not known by another IMDb id: two films of one
        -- name in one year are not rare.
        SELECT min(movie.movie_id)
        FROM core.movie
        WHERE (
            movie.title_key = api._fold(p_title) OR movie.original_key = api._fold(p_title)
        )
        AND movie.year = p_year
        AND NOT EXISTS (
            SELECT FROM core.movie_key AS named
            WHERE named.movie_id = movie.movie_id AND named.source = 'imdb'
        )
        HAVING count(*) = 1
    )
);
COMMENT ON FUNCTION api._known_movie(text, text, integer) IS
'By IMDb id; else by what MovieLens links to it; else by title and year, where one movie alone has
both and no IMDb id of its own.';
