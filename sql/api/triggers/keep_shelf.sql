-- Object: api._keep_shelf
-- Does:   keeps what a card shows as it is in the catalogue
-- Grain:  one call a statement
-- Reads:  the statement's own rows
-- Params: none
-- Try:    SELECT title, year, poster_path FROM derived.shelf WHERE movie_id = 603;
CREATE FUNCTION api._keep_shelf()
RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
AS $$
BEGIN
    UPDATE derived.shelf
    SET title = movie.title, year = movie.year, poster_path = movie.poster_path
    FROM renewed AS movie
    INNER JOIN replaced AS past ON past.movie_id = movie.movie_id
    WHERE shelf.movie_id = movie.movie_id
        AND (past.title, past.year, past.poster_path)
        IS DISTINCT FROM (movie.title, movie.year, movie.poster_path);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION api._keep_shelf() IS
'Trigger of core.movie: keeps title, year and picture in derived.shelf. Whether a movie is fit to
be shown, api.refresh_shelves decides anew.';

-- No list of columns: PostgreSQL has none for triggers that are handed a whole statement's rows.
CREATE TRIGGER keep_shelf AFTER UPDATE ON core.movie
REFERENCING OLD TABLE AS replaced NEW TABLE AS renewed
FOR EACH STATEMENT EXECUTE FUNCTION api._keep_shelf();
