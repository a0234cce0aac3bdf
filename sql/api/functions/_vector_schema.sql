-- Object: api._vector_schema
-- Does:   where pgvector is installed in this database
-- Grain:  one value
-- Reads:  nothing
-- Params: none
-- Try:    SELECT api._vector_schema() FROM pg_extension WHERE extname = 'vector';
CREATE FUNCTION api._vector_schema()
RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
DECLARE
    found_schema text;
BEGIN
    SELECT space.nspname INTO found_schema
    FROM pg_extension AS extension
    INNER JOIN pg_namespace AS space ON space.oid = extension.extnamespace
    WHERE extension.extname = 'vector';
    IF found_schema IS NULL THEN
        RAISE EXCEPTION 'factor models need pgvector, which this database does not have'
            USING ERRCODE = 'RQ006',
            HINT = 'install pgvector on the server and run CREATE EXTENSION vector; or use an item'
                ' model, which needs no extension: recsql train ease';
    END IF;
    RETURN found_schema;
END
$$;
COMMENT ON FUNCTION api._vector_schema() IS
'The schema of the extension vector. Errors: RQ006 it is not there; item models work without it.';
