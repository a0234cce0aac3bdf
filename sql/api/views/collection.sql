-- Object: api.collection
-- Does:   a series of films
-- Grain:  one row a collection
-- Reads:  core.collection, core.movie
-- Params: none
-- Try:    SELECT * FROM api.collection ORDER BY movies DESC LIMIT 5;
CREATE VIEW api.collection AS
SELECT
    collection.collection_id,
    collection.name,
    collection.poster_path,
    collection.backdrop_path,
    facts.movies,
    facts.first_year,
    facts.last_year
FROM core.collection
CROSS JOIN LATERAL (
    SELECT
        count(*)::integer AS movies,
        min(movie.year)::integer AS first_year,
        max(movie.year)::integer AS last_year
    FROM core.movie
    WHERE movie.collection_id = collection.collection_id AND NOT movie.adult
) AS facts;
COMMENT ON VIEW api.collection IS 'One series of films; its films: api.collection_movies.';
COMMENT ON COLUMN api.collection.movies IS 'how many of its films are here';
