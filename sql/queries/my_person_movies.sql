-- Query:  my_person_movies
-- Does:   the movies of a person, with a mark on what the visitor hides
-- Grain:  one row a movie
-- Reads:  api.person_movies, api.hidden_movies
-- Params: p_user_id, p_person_id, p_role, p_sort, p_limit, p_offset
SELECT listed.*, hidden.movie_id IS NOT NULL AS hidden
FROM api.person_movies(
    p_person_id => :p_person_id, p_role => :p_role, p_sort => :p_sort, p_limit => :p_limit,
    p_offset => :p_offset
) AS listed
LEFT JOIN api.hidden_movies(p_user_id => :p_user_id) AS hidden
    ON hidden.movie_id = listed.movie_id
ORDER BY listed.rank
