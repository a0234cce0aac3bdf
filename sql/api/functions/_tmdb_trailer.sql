-- Object: api._tmdb_trailer
-- Does:   the trailer out of TMDB's answer about a movie
-- Grain:  one row, or none
-- Reads:  nothing
-- Params: p_answer with its videos
-- Try:    SELECT * FROM api._tmdb_trailer('{"videos": {"results": []}}');
CREATE FUNCTION api._tmdb_trailer(p_answer jsonb)
RETURNS TABLE (youtube_key text, name text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT video.item ->> 'key', left(api._answered(video.item, 'name'), 200)
    FROM jsonb_path_query(p_answer, 'lax $.videos.results[*]') AS video (item)
    WHERE video.item ->> 'site' = 'YouTube'
        AND video.item ->> 'type' = 'Trailer'
        AND video.item ->> 'key' ~ '^[A-Za-z0-9_-]{6,20}$'
    ORDER BY
        (video.item -> 'official' = 'true'::jsonb) DESC NULLS LAST,
        (video.item ->> 'iso_639_1' = 'en') DESC NULLS LAST,
        -- the one that has been there longest: later ones are of anniversaries
        video.item ->> 'published_at' COLLATE "C",
        video.item ->> 'key' COLLATE "C"
    LIMIT 1;
END;
COMMENT ON FUNCTION api._tmdb_trailer(jsonb) IS
'Of the trailers at YouTube an official one before others, then an English one, then the earliest.';
