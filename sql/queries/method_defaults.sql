-- Query:  method_defaults
-- Does:   what a recommender takes for parameters that are not given
-- Grain:  one row a parameter that has a default
-- Reads:  the catalog of PostgreSQL
-- Params: p_function such as also_liked
SELECT
    named.name,
    trim(
        BOTH '''' FROM regexp_replace(
            pg_get_function_arg_default(pg_proc.oid, named.place::integer), '::.*', ''
        )
    ) AS value
FROM pg_proc
CROSS JOIN LATERAL unnest(proargnames[1:pronargs]) WITH ORDINALITY AS named (name, place)
WHERE pronamespace = to_regnamespace('api')
    AND proname = :p_function
    AND pg_get_function_arg_default(pg_proc.oid, named.place::integer) IS NOT NULL
ORDER BY named.place
