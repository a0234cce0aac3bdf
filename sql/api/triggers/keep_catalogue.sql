-- Object: api._keep_catalogue
-- Does:   keeps the number of movies exact after every statement that adds or removes some
-- Grain:  one call a statement
-- Reads:  the statement's own rows
-- Params: none
-- Try:    SELECT movies FROM derived.catalogue;
CREATE FUNCTION api._keep_catalogue()
RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        UPDATE derived.catalogue SET movies = movies + (SELECT count(*) FROM changed);
    ELSE
        UPDATE derived.catalogue SET movies = movies - (SELECT count(*) FROM changed);
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION api._keep_catalogue() IS
'Trigger of core.movie: keeps derived.catalogue.';

CREATE TRIGGER keep_catalogue_insert AFTER INSERT ON core.movie
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION api._keep_catalogue();

CREATE TRIGGER keep_catalogue_delete AFTER DELETE ON core.movie
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION api._keep_catalogue();
