-- Object: api.movie_page
-- Does:   all that is known about a movie
-- Grain:  one row a movie
-- Reads:  core.*, derived.movie_stats
-- Params: none
-- Try:    SELECT * FROM api.movie_page WHERE movie_id = 603;
CREATE VIEW api.movie_page AS
SELECT
    movie.movie_id,
    (
        SELECT min(movie_key.key COLLATE "C")
        FROM core.movie_key
        WHERE movie_key.movie_id = movie.movie_id AND movie_key.source = 'imdb'
    ) AS imdb_id,
    movie.title,
    movie.original_title,
    movie.tagline,
    movie.overview,
    movie.release_date,
    movie.year::integer AS year,
    movie.runtime,
    movie.status,
    features.language,
    features.genres,
    features.genre_ids,
    features.keywords,
    features.companies,
    features.countries,
    collection.name AS collection,
    movie.budget,
    movie.revenue,
    movie.homepage,
    movie.poster_path,
    movie.backdrop_path,
    people.directors,
    people.top_cast,
    COALESCE(stats.raters, 0) AS raters,
    api._mean_stars(stats.half_stars, stats.raters) AS mean_stars,
    api._damped_stars(COALESCE(stats.half_stars, 0), COALESCE(stats.raters, 0)) AS damped_stars,
    COALESCE(stats.stars_50, 0) AS fans,
    CASE
        WHEN stats.raters > 0 THEN ARRAY[
            stats.stars_05, stats.stars_10, stats.stars_15, stats.stars_20, stats.stars_25,
            stats.stars_30, stats.stars_35, stats.stars_40, stats.stars_45, stats.stars_50
        ]
    END AS histogram,
    features.genre_slugs,
    trailer.youtube_key AS trailer_key,
    trailer.name AS trailer_name,
    critics.said AS critics,
    ARRAY(
        SELECT fetched.service FROM core.fetched
        WHERE fetched.movie_id = movie.movie_id AND fetched.status = 200
        UNION
        SELECT 'omdb' WHERE movie.source = 'omdb' OR critics.said <> '[]'
        ORDER BY 1
    ) AS services,
    features.language_id,
    features.keyword_ids,
    features.company_ids,
    features.country_ids,
    movie.collection_id,
    series.films AS collection_movies,
    people.director_ids,
    people.top_crew,
    people.credits,
    movie.original_language
FROM core.movie AS movie
LEFT JOIN core.collection ON collection.collection_id = movie.collection_id
LEFT JOIN derived.movie_stats AS stats ON stats.movie_id = movie.movie_id
LEFT JOIN core.trailer ON trailer.movie_id = movie.movie_id
CROSS JOIN LATERAL (
    SELECT
        min(feature.name) FILTER (WHERE feature.kind = 'language') AS language,
        COALESCE(
            array_agg(feature.name ORDER BY feature.name COLLATE "C")
            FILTER (WHERE feature.kind = 'genre'), '{}'
        ) AS genres,
        COALESCE(
            array_agg(feature.feature_id ORDER BY feature.name COLLATE "C")
            FILTER (WHERE feature.kind = 'genre'), '{}'
        ) AS genre_ids,
        COALESCE(
            -- as api.category has it, which lists every genre that a movie has
            array_agg(replace(feature.code, ' ', '-') ORDER BY feature.name COLLATE "C")
            FILTER (WHERE feature.kind = 'genre'), '{}'
        ) AS genre_slugs,
        COALESCE(
            array_agg(feature.name ORDER BY feature.name COLLATE "C")
            FILTER (WHERE feature.kind = 'keyword'), '{}'
        ) AS keywords,
        COALESCE(
            array_agg(feature.name ORDER BY feature.name COLLATE "C")
            FILTER (WHERE feature.kind = 'company'), '{}'
        ) AS companies,
        COALESCE(
            array_agg(feature.name ORDER BY feature.name COLLATE "C")
            FILTER (WHERE feature.kind = 'country'), '{}'
        ) AS countries,
        min(feature.feature_id) FILTER (WHERE feature.kind = 'language') AS language_id,
        COALESCE(
            array_agg(feature.feature_id ORDER BY feature.name COLLATE "C")
            FILTER (WHERE feature.kind = 'keyword'), '{}'
        ) AS keyword_ids,
        COALESCE(
            array_agg(feature.feature_id ORDER BY feature.name COLLATE "C")
            FILTER (WHERE feature.kind = 'company'), '{}'
        ) AS company_ids,
        COALESCE(
            array_agg(feature.feature_id ORDER BY feature.name COLLATE "C")
            FILTER (WHERE feature.kind = 'country'), '{}'
        ) AS country_ids
    FROM core.movie_feature
    INNER JOIN core.feature USING (feature_id)
    WHERE movie_feature.movie_id = movie.movie_id
) AS features
CROSS JOIN LATERAL (
    SELECT
        COALESCE(
            array_agg(person.name ORDER BY credit.place)
            FILTER (WHERE credit.role = 'crew' AND credit.job = 'Director'), '{}'
        ) AS directors,
        COALESCE(
            jsonb_agg(
                jsonb_build_object(
                    'name', person.name, 'character', credit.job, 'person_id', person.person_id
                )
                ORDER BY credit.place
            ) FILTER (WHERE credit.role = 'cast' AND credit.place <= 12), '[]'
        ) AS top_cast,
        COALESCE(
            array_agg(person.person_id ORDER BY credit.place)
            FILTER (WHERE credit.role = 'crew' AND credit.job = 'Director'), '{}'
        ) AS director_ids,
        COALESCE(
            jsonb_agg(
                jsonb_build_object(
                    'name', person.name, 'job', credit.job, 'person_id', person.person_id
                )
                ORDER BY credit.place
            ) FILTER (
                WHERE credit.role = 'crew'
                    AND credit.job IN (
                        'Screenplay', 'Writer', 'Story', 'Novel', 'Director of Photography',
                        'Original Music Composer', 'Music', 'Editor'
                    )
            ), '[]'
        ) AS top_crew,
        count(*)::integer AS credits
    FROM core.credit
    INNER JOIN core.person USING (person_id)
    WHERE credit.movie_id = movie.movie_id
) AS people
CROSS JOIN LATERAL (
    SELECT COALESCE(
        jsonb_agg(
            jsonb_build_object(
                'critic', rater.source_key, 'stars', round(rating.half_stars / 2.0, 1)
            )
            ORDER BY rater.source_key COLLATE "C"
        ), '[]'
    ) AS said
    FROM core.rater
    INNER JOIN core.rating USING (user_id)
    -- few: by source they are found through an index
    WHERE rater.source = 'omdb' AND rater.kind = 'critic' AND rating.movie_id = movie.movie_id
) AS critics
LEFT JOIN LATERAL (
    SELECT jsonb_agg(
        jsonb_build_object('movie_id', film.movie_id, 'title', film.title, 'year', film.year)
        ORDER BY COALESCE(film.release_date, make_date(film.year::integer, 1, 1)), film.movie_id
    ) AS films
    FROM core.movie AS film
    WHERE film.collection_id = movie.collection_id AND NOT film.adult
) AS series ON movie.collection_id IS NOT NULL;
COMMENT ON VIEW api.movie_page IS 'All that is known about one movie.';
COMMENT ON COLUMN api.movie_page.top_cast IS
'the first 12 of the cast: [{"name", "character", "person_id"}, …]';
COMMENT ON COLUMN api.movie_page.fans IS 'raters who gave exactly 5.0';
COMMENT ON COLUMN api.movie_page.histogram IS
'how many gave 0.5, 1.0, … 5.0 stars; null where nobody rated it';
COMMENT ON COLUMN api.movie_page.genre_slugs IS 'the names of its genres in addresses';
COMMENT ON COLUMN api.movie_page.trailer_key IS 'of a video at YouTube; null where none is known';
COMMENT ON COLUMN api.movie_page.critics IS
'what OMDb has from critics, on our scale: [{"critic", "stars"}, …]; no part of mean_stars';
COMMENT ON COLUMN api.movie_page.services IS
'tmdb, omdb: whose data this is in part; their terms ask for a mention';
COMMENT ON COLUMN api.movie_page.keyword_ids IS
'the features (api.feature) that go by the names in keywords, in their order; so the other *_ids';
COMMENT ON COLUMN api.movie_page.collection_movies IS
'the films of its collection as they came out: [{"movie_id", "title", "year"}, …]; null without';
COMMENT ON COLUMN api.movie_page.top_crew IS
'who wrote, shot, cut and scored it: [{"name", "job", "person_id"}, …]';
COMMENT ON COLUMN api.movie_page.credits IS 'how many there are in api.movie_credits';
COMMENT ON COLUMN api.movie_page.original_language IS
'the code of the language of original_title as TMDB has it: mostly ISO 639-1';
