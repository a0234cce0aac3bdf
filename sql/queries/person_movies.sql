-- Query:  person_movies
-- Does:   the movies of a person
-- Grain:  one row a movie
-- Reads:  api.person_movies
-- Params: p_person_id, p_role, p_sort, p_limit, p_offset
SELECT *
FROM api.person_movies(
    p_person_id => :p_person_id, p_role => :p_role, p_sort => :p_sort, p_limit => :p_limit,
    p_offset => :p_offset
)
ORDER BY rank
