-- Query:  export_sources
-- Does:   where movies and raters come from: what an export can be narrowed to
-- Grain:  one row a kind of thing and source
-- Reads:  core.movie, core.rater
-- Params: none
SELECT DISTINCT 'movies' AS what, movie.source FROM core.movie
UNION ALL
SELECT DISTINCT 'ratings', rater.source FROM core.rater
ORDER BY what, source
