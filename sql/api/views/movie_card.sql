-- Object: api.movie_card
-- Does:   a movie as lists show it
-- Grain:  one row a movie
-- Reads:  core.movie, core.movie_feature, core.feature, derived.movie_stats
-- Params: none
-- Try:    SELECT * FROM api.movie_card WHERE movie_id = 603;
CREATE VIEW api.movie_card AS
SELECT
    movie.movie_id,
    movie.title,
    movie.original_title,
    movie.year::integer AS year,
    movie.release_date,
    movie.runtime,
    movie.overview,
    movie.poster_path,
    ARRAY(
        SELECT feature.name
        FROM core.movie_feature
        INNER JOIN core.feature USING (feature_id)
        WHERE movie_feature.movie_id = movie.movie_id AND feature.kind = 'genre'
        ORDER BY feature.name COLLATE "C"
    ) AS genres,
    COALESCE(stats.raters, 0) AS raters,
    api._mean_stars(stats.half_stars, stats.raters) AS mean_stars,
    api._damped_stars(COALESCE(stats.half_stars, 0), COALESCE(stats.raters, 0)) AS damped_stars,
    movie.original_language
FROM core.movie AS movie
-- LEFT JOIN: a movie that nobody has rated still deserves a card
LEFT JOIN derived.movie_stats AS stats ON stats.movie_id = movie.movie_id;
COMMENT ON VIEW api.movie_card IS 'One movie as shown in lists.';
COMMENT ON COLUMN api.movie_card.runtime IS 'minutes';
COMMENT ON COLUMN api.movie_card.raters IS 'how many people rated it';
COMMENT ON COLUMN api.movie_card.mean_stars IS '0.5 to 5.0; null where nobody rated it';
COMMENT ON COLUMN api.movie_card.damped_stars IS
'the mean pulled towards 3.5 as if by 25 ratings: what "best rated" sorts by';
COMMENT ON COLUMN api.movie_card.original_language IS
'the code of the language of original_title as TMDB has it: mostly ISO 639-1';
