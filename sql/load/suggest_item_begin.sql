-- Load:  suggest_item_begin
-- Does:  the weights of an item model that the movies covered get
-- Reads: pg_temp.cover, derived.movie_weight; setting recsql.run_id
-- Only the weights that end at a covered movie.
CREATE TEMP TABLE weight ON COMMIT DROP AS
SELECT weight.movie_id, other.weight, cover.place
FROM derived.movie_weight AS weight
CROSS JOIN LATERAL unnest(weight.others, weight.weights) AS other (movie_id, weight)
INNER JOIN pg_temp.cover ON cover.movie_id = other.movie_id
WHERE weight.run_id = current_setting('recsql.run_id')::integer;
ANALYZE pg_temp.weight;
