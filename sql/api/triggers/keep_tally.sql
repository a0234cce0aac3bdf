-- Object: api._keep_tally
-- Does:   keeps how many people rate, and how many ratings they gave, exact after every statement
-- Grain:  one call a statement
-- Reads:  the statement's own rows
-- Params: none
-- Try:    SELECT sum(raters) AS raters, sum(ratings) AS ratings FROM derived.tally;
CREATE FUNCTION api._keep_tally()
RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
AS $$
DECLARE
    more_raters bigint := 0;
    more_ratings bigint := 0;
BEGIN
    -- Each trigger has plans of its own, so a branch meets only the rows that it knows.
    IF TG_RELID = 'core.rater'::regclass THEN
        IF TG_OP <> 'DELETE' THEN
            more_raters := (SELECT count(*) FROM added WHERE user_id > 0);
        END IF;
        IF TG_OP <> 'INSERT' THEN
            more_raters := more_raters - (SELECT count(*) FROM removed WHERE user_id > 0);
        END IF;
    ELSE
        IF TG_OP <> 'DELETE' THEN
            more_ratings := (SELECT COALESCE(sum(raters), 0) FROM added);
        END IF;
        IF TG_OP <> 'INSERT' THEN
            more_ratings := more_ratings - (SELECT COALESCE(sum(raters), 0) FROM removed);
        END IF;
    END IF;
    IF more_raters = 0 AND more_ratings = 0 THEN
        RETURN NULL;
    END IF;
    -- Any part that nobody holds will do: its sum alone has a meaning.
    UPDATE derived.tally
    SET raters = raters + more_raters, ratings = ratings + more_ratings
    WHERE slot = (SELECT slot FROM derived.tally ORDER BY slot LIMIT 1 FOR UPDATE SKIP LOCKED);
    IF NOT FOUND THEN
        INSERT INTO derived.tally (raters, ratings) VALUES (more_raters, more_ratings);
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION api._keep_tally() IS
'Trigger of core.rater and derived.movie_stats: keeps derived.tally. It waits for nobody: where
others hold all parts of the tally, it adds one.';

CREATE TRIGGER keep_tally_insert AFTER INSERT ON core.rater
REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION api._keep_tally();

CREATE TRIGGER keep_tally_update AFTER UPDATE ON core.rater
REFERENCING OLD TABLE AS removed NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION api._keep_tally();

CREATE TRIGGER keep_tally_delete AFTER DELETE ON core.rater
REFERENCING OLD TABLE AS removed
FOR EACH STATEMENT EXECUTE FUNCTION api._keep_tally();

-- Whatever writes the statistics of movies, ratings one by one or a recount, the sum follows.
CREATE TRIGGER keep_tally_insert AFTER INSERT ON derived.movie_stats
REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION api._keep_tally();

CREATE TRIGGER keep_tally_update AFTER UPDATE ON derived.movie_stats
REFERENCING OLD TABLE AS removed NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION api._keep_tally();

CREATE TRIGGER keep_tally_delete AFTER DELETE ON derived.movie_stats
REFERENCING OLD TABLE AS removed
FOR EACH STATEMENT EXECUTE FUNCTION api._keep_tally();
