-- Load:  catalogue
-- Does:  staged films into core: movies, keys, collections, and the features that there are
-- Reads: staging.film, staging.film_feature; setting recsql.source

-- Which movie is it? By TMDB id; else by the source's own id as seen before; else by IMDb id.
UPDATE staging.film SET movie_id = COALESCE(
    film.tmdb_id,
    (
        SELECT movie_key.movie_id FROM core.movie_key
        WHERE movie_key.source = film.key_source AND movie_key.key = film.key
    ),
    (
        SELECT movie_key.movie_id FROM core.movie_key
        WHERE movie_key.source = 'imdb' AND movie_key.key = film.imdb_id
    )
);

UPDATE staging.film SET movie_id = nextval('core.local_id') WHERE movie_id IS NULL;

-- The best source that has a movie says what it is: kaggle before demo before OMDb before
-- MovieLens.
UPDATE staging.film SET owned = COALESCE(
    (
        SELECT
            array_position(best.last, movie.source)
            <= array_position(best.last, current_setting('recsql.source'))
        FROM core.movie
        CROSS JOIN (VALUES ('{movielens,omdb,demo,generated,kaggle}'::text[])) AS best (last)
        WHERE movie.movie_id = film.movie_id
    ),
    true
);

-- Two staged films may be one movie (a TMDB id given twice): the first speaks.
UPDATE staging.film SET owned = false
FROM (
    SELECT line, row_number() OVER (PARTITION BY movie_id ORDER BY line) AS place FROM staging.film
) AS placed
WHERE placed.line = film.line AND placed.place > 1;

-- Collections: the TMDB id, or one by name.
UPDATE staging.film SET collection_id = (
    SELECT min(collection.collection_id) FROM core.collection
    WHERE collection.name = film.collection
)
WHERE film.collection_id IS NULL AND film.collection IS NOT NULL;

UPDATE staging.film SET collection_id = fresh.collection_id
FROM (
    SELECT collection, nextval('core.local_id')::integer AS collection_id
    FROM (
        SELECT DISTINCT collection FROM staging.film
        WHERE owned AND collection_id IS NULL AND collection IS NOT NULL
    ) AS named
) AS fresh
WHERE film.collection_id IS NULL AND film.collection = fresh.collection;

INSERT INTO core.collection AS known (collection_id, name, poster_path, backdrop_path)
SELECT DISTINCT ON (collection_id)
    collection_id, collection, collection_poster_path, collection_backdrop_path
FROM staging.film
WHERE owned AND collection_id IS NOT NULL AND collection IS NOT NULL
ORDER BY collection_id, line
ON CONFLICT (collection_id) DO UPDATE SET
    name = excluded.name,
    poster_path = COALESCE(excluded.poster_path, known.poster_path),
    backdrop_path = COALESCE(excluded.backdrop_path, known.backdrop_path)
WHERE (known.name, known.poster_path, known.backdrop_path) IS DISTINCT FROM (
    excluded.name,
    COALESCE(excluded.poster_path, known.poster_path),
    COALESCE(excluded.backdrop_path, known.backdrop_path)
);

-- Movies. A load replaces facts and never erases one.
WITH changed AS (
    INSERT INTO core.movie AS known (
        movie_id, title, original_title, tagline, overview, release_date, year, runtime, status,
        original_language, budget, revenue, popularity, homepage, poster_path, backdrop_path,
        collection_id, adult, source
    )
    SELECT
        movie_id, title, original_title, tagline, overview, release_date, year, runtime, status,
        original_language, budget, revenue, popularity, homepage, poster_path, backdrop_path,
        collection_id, adult, current_setting('recsql.source')
    FROM staging.film
    WHERE owned
    ORDER BY movie_id
    ON CONFLICT (movie_id) DO UPDATE SET
        title = excluded.title,
        original_title = COALESCE(excluded.original_title, known.original_title),
        tagline = COALESCE(excluded.tagline, known.tagline),
        overview = COALESCE(excluded.overview, known.overview),
        release_date = CASE
            WHEN excluded.year IS NULL THEN known.release_date ELSE excluded.release_date
        END,
        year = COALESCE(excluded.year, known.year),
        runtime = COALESCE(excluded.runtime, known.runtime),
        status = COALESCE(excluded.status, known.status),
        original_language = COALESCE(excluded.original_language, known.original_language),
        budget = COALESCE(excluded.budget, known.budget),
        revenue = COALESCE(excluded.revenue, known.revenue),
        popularity = COALESCE(excluded.popularity, known.popularity),
        homepage = COALESCE(excluded.homepage, known.homepage),
        poster_path = COALESCE(excluded.poster_path, known.poster_path),
        backdrop_path = COALESCE(excluded.backdrop_path, known.backdrop_path),
        collection_id = COALESCE(excluded.collection_id, known.collection_id),
        adult = excluded.adult,
        source = excluded.source
    WHERE (
        known.title, known.original_title, known.tagline, known.overview, known.release_date,
        known.year, known.runtime, known.status, known.original_language, known.budget,
        known.revenue, known.popularity, known.homepage, known.poster_path, known.backdrop_path,
        known.collection_id, known.adult, known.source
    ) IS DISTINCT FROM (
        excluded.title,
        COALESCE(excluded.original_title, known.original_title),
        COALESCE(excluded.tagline, known.tagline),
        COALESCE(excluded.overview, known.overview),
        CASE WHEN excluded.year IS NULL THEN known.release_date ELSE excluded.release_date END,
        COALESCE(excluded.year, known.year),
        COALESCE(excluded.runtime, known.runtime),
        COALESCE(excluded.status, known.status),
        COALESCE(excluded.original_language, known.original_language),
        COALESCE(excluded.budget, known.budget),
        COALESCE(excluded.revenue, known.revenue),
        COALESCE(excluded.popularity, known.popularity),
        COALESCE(excluded.homepage, known.homepage),
        COALESCE(excluded.poster_path, known.poster_path),
        COALESCE(excluded.backdrop_path, known.backdrop_path),
        COALESCE(excluded.collection_id, known.collection_id),
        excluded.adult,
        excluded.source
    )
    RETURNING (xmax = 0) AS is_new
)
INSERT INTO staging.tally (table_name, inserted, updated, deleted, unchanged)
SELECT
    'core.movie',
    count(*) FILTER (WHERE is_new),
    count(*) FILTER (WHERE NOT is_new),
    0,
    (SELECT count(DISTINCT movie_id) FROM staging.film) - count(*)
FROM changed;

-- What other id spaces call them. A key that is taken stays where it is.
WITH added AS (
    INSERT INTO core.movie_key (source, key, movie_id)
    SELECT source, key, min(movie_id)
    FROM (
        SELECT key_source AS source, key, movie_id FROM staging.film
        UNION ALL
        SELECT 'tmdb', tmdb_id::text, movie_id FROM staging.film WHERE tmdb_id IS NOT NULL
        UNION ALL
        SELECT 'imdb', imdb_id, movie_id
        FROM (
            -- one a movie: that of its best source
            SELECT DISTINCT ON (movie_id) movie_id, imdb_id
            FROM staging.film
            WHERE imdb_id IS NOT NULL
                AND (owned OR NOT EXISTS (
                    SELECT FROM core.movie_key AS known
                    WHERE known.source = 'imdb' AND known.movie_id = film.movie_id
                ))
            ORDER BY movie_id, owned DESC, line
        ) AS with_imdb
    ) AS named
    GROUP BY source, key
    ON CONFLICT (source, key) DO NOTHING
    RETURNING 1
)
INSERT INTO staging.tally (table_name, inserted, updated, deleted, unchanged)
SELECT 'core.movie_key', count(*), 0, 0, 0 FROM added;

-- Features. A code has one English name, wherever the film comes from; the rest is called as most
-- do, and of names as frequent by the first.
INSERT INTO core.feature (kind, code, name)
SELECT DISTINCT ON (called.kind, called.code COLLATE "C")
    called.kind, called.code, COALESCE(code_name.name, called.name)
FROM (
    SELECT staged.kind, staged.code, staged.name, count(*) AS films
    FROM staging.film_feature AS staged
    INNER JOIN staging.film USING (line)
    WHERE film.owned AND staged.code <> '' AND staged.name <> ''
    GROUP BY staged.kind, staged.code, staged.name
) AS called
LEFT JOIN core.code_name ON code_name.kind = called.kind AND code_name.code = called.code
ORDER BY called.kind, called.code COLLATE "C", called.films DESC, called.name COLLATE "C"
ON CONFLICT (kind, code) DO NOTHING;
