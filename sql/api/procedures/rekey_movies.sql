-- Object: api.rekey_movies
-- Does:   gives movies their TMDB ids, with everything that hangs on them
-- Grain:  one call for any number of movies
-- Reads:  every table that names a movie
-- Params: p_old the keys they have; p_new the keys they get, in the same order
-- Try:    CALL api.rekey_movies('{1000000001}', '{862}');
CREATE PROCEDURE api.rekey_movies(p_old integer[], p_new integer[])
LANGUAGE sql
BEGIN ATOMIC
    -- The new key may be free, or taken by the same movie out of a better source, which stays.
    INSERT INTO core.movie (
        movie_id, title, original_title, tagline, overview, release_date, year, runtime, status,
        original_language, budget, revenue, popularity, homepage, poster_path, backdrop_path,
        collection_id, adult, source
    )
    SELECT DISTINCT ON (pair.new_id)
        pair.new_id, movie.title, movie.original_title, movie.tagline, movie.overview,
        movie.release_date, movie.year, movie.runtime, movie.status, movie.original_language,
        movie.budget, movie.revenue, movie.popularity, movie.homepage, movie.poster_path,
        movie.backdrop_path, movie.collection_id, movie.adult, movie.source
    FROM unnest(p_old, p_new) AS pair (old_id, new_id)
    INNER JOIN core.movie ON movie.movie_id = pair.old_id
    ORDER BY pair.new_id, pair.old_id
    ON CONFLICT (movie_id) DO NOTHING;

    -- Where the new one has features or credits of its own, those are the better ones.
    INSERT INTO core.movie_feature (movie_id, feature_id)
    SELECT DISTINCT pair.new_id, theirs.feature_id
    FROM unnest(p_old, p_new) AS pair (old_id, new_id)
    INNER JOIN core.movie_feature AS theirs ON theirs.movie_id = pair.old_id
    WHERE NOT EXISTS (
        SELECT FROM core.movie_feature AS own WHERE own.movie_id = pair.new_id
    );

    INSERT INTO core.credit (movie_id, role, place, person_id, job)
    SELECT DISTINCT ON (pair.new_id, theirs.role, theirs.place)
        pair.new_id, theirs.role, theirs.place, theirs.person_id, theirs.job
    FROM unnest(p_old, p_new) AS pair (old_id, new_id)
    INNER JOIN core.credit AS theirs ON theirs.movie_id = pair.old_id
    WHERE NOT EXISTS (SELECT FROM core.credit AS own WHERE own.movie_id = pair.new_id)
    ORDER BY pair.new_id, theirs.role, theirs.place, pair.old_id;

    UPDATE core.movie_key SET movie_id = pair.new_id
    FROM unnest(p_old, p_new) AS pair (old_id, new_id)
    WHERE movie_key.movie_id = pair.old_id;

    -- Whoever rated both keeps the later rating.
    DELETE FROM core.rating
    USING (
        SELECT
            rating.user_id,
            rating.movie_id,
            row_number() OVER (
                PARTITION BY rating.user_id, COALESCE(pair.new_id, rating.movie_id)
                ORDER BY rating.rated_at DESC NULLS LAST, rating.movie_id
            ) AS place
        FROM core.rating
        LEFT JOIN unnest(p_old, p_new) AS pair (old_id, new_id) ON pair.old_id = rating.movie_id
        WHERE rating.movie_id = ANY (p_old || p_new)
    ) AS placed
    WHERE placed.place > 1
        AND rating.user_id = placed.user_id
        AND rating.movie_id = placed.movie_id;

    UPDATE core.rating SET movie_id = pair.new_id
    FROM unnest(p_old, p_new) AS pair (old_id, new_id)
    WHERE rating.movie_id = pair.old_id;

    -- Whoever marked both keeps the later mark.
    INSERT INTO core.mark AS own (user_id, movie_id, kind, marked_at)
    SELECT DISTINCT ON (theirs.user_id, pair.new_id)
        theirs.user_id, pair.new_id, theirs.kind, theirs.marked_at
    FROM unnest(p_old, p_new) AS pair (old_id, new_id)
    INNER JOIN core.mark AS theirs ON theirs.movie_id = pair.old_id
    ORDER BY theirs.user_id, pair.new_id, theirs.marked_at DESC, pair.old_id
    ON CONFLICT (user_id, movie_id) DO UPDATE SET
        kind = excluded.kind, marked_at = excluded.marked_at
    WHERE own.marked_at < excluded.marked_at;

    -- What services have said goes along, where the new one has nothing of its own.
    INSERT INTO core.trailer (movie_id, youtube_key, name)
    SELECT DISTINCT ON (pair.new_id) pair.new_id, theirs.youtube_key, theirs.name
    FROM unnest(p_old, p_new) AS pair (old_id, new_id)
    INNER JOIN core.trailer AS theirs ON theirs.movie_id = pair.old_id
    ORDER BY pair.new_id, pair.old_id
    ON CONFLICT (movie_id) DO NOTHING;

    INSERT INTO core.fetched (service, movie_id, resource, fetched_at, status, answer)
    SELECT DISTINCT ON (theirs.service, pair.new_id)
        theirs.service, pair.new_id, theirs.resource, theirs.fetched_at, theirs.status,
        theirs.answer
    FROM unnest(p_old, p_new) AS pair (old_id, new_id)
    INNER JOIN core.fetched AS theirs ON theirs.movie_id = pair.old_id
    ORDER BY theirs.service, pair.new_id, theirs.fetched_at DESC, pair.old_id
    ON CONFLICT (service, movie_id) DO NOTHING;

    -- Stored lists name movies by their old keys.
    DELETE FROM derived.also_liked WHERE others && p_old OR movie_id = ANY (p_old || p_new);
    DELETE FROM derived.also_liked_change WHERE movie_id = ANY (p_old || p_new);

    DELETE FROM derived.movie_stats WHERE movie_id = ANY (p_old);
    -- what is left of the old ones goes with them
    DELETE FROM core.movie WHERE movie_id = ANY (p_old);
END;
COMMENT ON PROCEDURE api.rekey_movies(integer[], integer[]) IS
'Moves movies from the keys p_old to the keys p_new (as many): details, features, credits, keys,
ratings. Where the new key is a movie already, the two become one: its details stay, and of two
ratings by one rater the later. Shelves are right again after api.refresh_shelves.';
