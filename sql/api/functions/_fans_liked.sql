-- Object: api._fans_liked
-- Does:   what the fans of somebody's best-rated films rated besides
-- Grain:  one row a film and best-rated film that speaks for it
-- Reads:  derived.movie_stats, derived.also_liked
-- Params: p_movies rated and p_half_stars given, in step; p_asked best-rated films at most, given
--         p_liked_from half-stars or more; p_depth rows of a list that is not stored, and
--         p_most_fans of its film
-- Try:    SELECT * FROM api._fans_liked('{1,4}', '{10,8}');
CREATE FUNCTION api._fans_liked(
    p_movies integer[],
    p_half_stars integer[],
    p_asked integer DEFAULT 3,
    p_liked_from integer DEFAULT 8,
    -- among 100 of 45,000 films hardly one is new; and a live list is reckoned whole anyway
    p_depth integer DEFAULT 1000,
    -- a live list of so many takes a fifth of a second at 38 million ratings
    p_most_fans integer DEFAULT 5000
)
RETURNS TABLE (
    movie_id integer,
    rated_movie_id integer,
    half_stars integer,
    points numeric,
    support integer,
    reason text
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH asked AS MATERIALIZED (
        SELECT rated.movie_id, rated.half_stars, COALESCE(stored.depth, p_depth) AS depth
        FROM unnest(p_movies, p_half_stars) AS rated (movie_id, half_stars)
        INNER JOIN derived.movie_stats AS stats ON stats.movie_id = rated.movie_id
        LEFT JOIN derived.also_liked AS stored ON stored.movie_id = rated.movie_id
        WHERE rated.half_stars >= p_liked_from
            AND stats.stars_50 > 0
            AND (stats.stars_50 <= p_most_fans OR stored.depth IS NOT NULL)
        -- of films loved alike, the one that fewer love says more
        ORDER BY rated.half_stars DESC, stats.stars_50, rated.movie_id
        LIMIT p_asked
    )
    SELECT
        liked.movie_id, asked.movie_id, asked.half_stars, liked.score, liked.support, liked.reason
    FROM asked
    CROSS JOIN LATERAL api.also_liked(asked.movie_id, asked.depth) AS liked
    WHERE NOT liked.movie_id = ANY(p_movies);
END;
COMMENT ON FUNCTION api._fans_liked(
    integer[], integer[], integer, integer, integer, integer
) IS
'points: the score of api.also_liked. Never a film of p_movies. A film with very many fans whose
list is not stored (recsql refresh) is not asked: a page has two seconds.';
