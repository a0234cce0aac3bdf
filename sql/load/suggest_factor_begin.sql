-- Load:  suggest_factor_begin
-- Does:  where the ratings of all users of a batch put them in the space of a factor model
-- Reads: pg_temp.input, derived.movie_factor; setting recsql.run_id
-- As api._taste has it for one user. Not known before it runs: a server without pgvector has no
-- type to write down here.
DO $step$
BEGIN
    EXECUTE format(
        $statement$
        CREATE TEMP TABLE taste ON COMMIT DROP AS
        SELECT
            input.user_id,
            %1$I.sum(
                array_fill(input.input::real, ARRAY[cardinality(factor.taste)])::%1$I.vector
                OPERATOR(%1$I.*) factor.taste::%1$I.vector
                -- summed in one order, for the same digits every time
                ORDER BY input.movie_id
            ) AS taste
        FROM pg_temp.input
        INNER JOIN derived.movie_factor AS factor
            ON factor.run_id = %2$s AND factor.movie_id = input.movie_id
        GROUP BY input.user_id
        $statement$,
        api._vector_schema(), current_setting('recsql.run_id')::integer
    );
END
$step$;
ANALYZE pg_temp.taste;
