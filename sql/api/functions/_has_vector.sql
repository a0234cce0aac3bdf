-- Object: api._has_vector
-- Does:   whether factor models can answer in this database
-- Grain:  one value
-- Reads:  nothing
-- Params: none
-- Try:    SELECT api._has_vector();
CREATE FUNCTION api._has_vector()
RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
RETURN EXISTS (SELECT FROM pg_extension WHERE extname = 'vector');
COMMENT ON FUNCTION api._has_vector() IS
'Whether the extension vector (pgvector) is in this database.';
