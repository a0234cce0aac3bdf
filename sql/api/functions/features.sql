-- Object: api.features
-- Does:   the features of a kind that movies have, commonest first, page by page
-- Grain:  one row a feature
-- Reads:  api.feature
-- Params: p_kind genre, keyword, company, country or language; p_query a part of the name;
--         p_limit, p_offset rows
-- Try:    SELECT rank, name, movies FROM api.features('keyword', 'spa', 5);
CREATE FUNCTION api.features(
    p_kind text,
    p_query text DEFAULT '',
    p_limit integer DEFAULT 100,
    p_offset integer DEFAULT 0
)
RETURNS TABLE (
    rank integer,
    feature_id integer,
    kind text,
    code text,
    name text,
    movies integer,
    share numeric
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH listed AS (
        SELECT feature.feature_id, feature.movies
        FROM api.feature
        WHERE feature.kind
            = api._checked('kind', p_kind, 'genre', 'keyword', 'company', 'country', 'language')
            AND feature.movies > 0
            AND (p_query = '' OR strpos(lower(feature.name), lower(p_query)) > 0)
        ORDER BY feature.movies DESC, feature.feature_id
        LIMIT p_limit OFFSET p_offset
    )
    SELECT
        (p_offset::bigint + row_number() OVER commonest_first)::integer AS rank,
        feature.feature_id, feature.kind, feature.code, feature.name, feature.movies, feature.share
    FROM listed
    INNER JOIN api.feature ON feature.feature_id = listed.feature_id
    WINDOW commonest_first AS (ORDER BY listed.movies DESC, listed.feature_id)
    ORDER BY rank;
END;
COMMENT ON FUNCTION api.features(text, text, integer, integer) IS
'The genres, keywords, companies, countries or languages (p_kind) that at least one movie has and
whose name holds p_query in any case; those of most movies first, ties by feature_id.
movies and share as in api.feature. Errors: RQ002 unknown kind; 2201W, 2201X negative numbers.';
