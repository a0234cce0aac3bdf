-- Object: api.did_you_mean
-- Does:   what somebody may have meant whose search finds nothing
-- Grain:  one row a search that finds something, nearest first
-- Reads:  core.movie, derived.title_word
-- Params: p_query as given to api.search_movies; p_limit rows
-- Try:    SELECT * FROM api.did_you_mean('matirx');
CREATE FUNCTION api.did_you_mean(p_query text, p_limit integer DEFAULT 3)
RETURNS TABLE (rank integer, query text, edits integer)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH RECURSIVE typed AS (
        SELECT given.word, given.place
        FROM regexp_split_to_table(api._fold(p_query), ' ') WITH ORDINALITY
            AS given (word, place)
        -- a line of verse is no title
        WHERE given.word <> '' AND given.place <= 6
    ),
    choice AS MATERIALIZED (
        SELECT typed.place, typed.word, 0 AS edits, 0 AS turn
        FROM typed
        UNION ALL
        SELECT typed.place, near.word, near.edits, near.turn::integer
        FROM typed
        CROSS JOIN LATERAL (
            SELECT
                found.word, found.edits,
                row_number() OVER (
                    ORDER BY found.edits, found.movies DESC, found.word COLLATE "C"
                ) AS turn
            FROM api._near_words(typed.word, 4) AS found
        ) AS near
        -- numbers are years and sequels
        WHERE typed.word !~ '^[0-9]+$'
    ),
    attempt AS (
        SELECT
            choice.place, choice.word AS query, choice.edits, choice.turn,
            api._word_pattern(choice.word, choice.edits = 0) AS pattern
        FROM choice
        WHERE choice.place = 1
        UNION ALL
        SELECT
            choice.place,
            attempt.query || ' ' || choice.word,
            attempt.edits + choice.edits,
            attempt.turn + choice.turn,
            attempt.pattern && api._word_pattern(choice.word, choice.edits = 0)
        FROM attempt
        INNER JOIN choice ON choice.place = attempt.place + 1
        WHERE attempt.edits + choice.edits <= 3
    ),
    -- One word typed as two: star gate.
    joined AS (
        SELECT
            string_agg(
                typed.word, CASE WHEN typed.place = pair.place + 1 THEN '' ELSE ' ' END
                ORDER BY typed.place
            ) AS query
        FROM typed AS pair
        CROSS JOIN typed
        WHERE pair.place < (SELECT max(last_one.place) FROM typed AS last_one)
        GROUP BY pair.place
    ),
    likely AS (
        SELECT attempt.query, attempt.edits, attempt.turn, attempt.pattern
        FROM attempt
        WHERE attempt.place = (SELECT max(typed.place) FROM typed) AND attempt.edits > 0
        UNION ALL
        SELECT joined.query, 1, 0, api._word_pattern(joined.query, true)
        FROM joined
    ),
    tried AS MATERIALIZED (
        SELECT likely.query, likely.edits, likely.turn, likely.pattern
        FROM likely
        ORDER BY likely.edits, likely.turn, likely.query COLLATE "C"
        -- each is a search
        LIMIT 24
    )
    SELECT (row_number() OVER nearest)::integer AS rank, tried.query, tried.edits
    FROM tried
    CROSS JOIN LATERAL (
        -- counted, and not only looked for: which reads no more than the index says
        SELECT count(*) AS movies
        FROM core.movie
        WHERE movie.search_words @@ tried.pattern AND NOT movie.adult
    ) AS found
    WHERE found.movies > 0
    WINDOW nearest AS (ORDER BY tried.edits, tried.turn, tried.query COLLATE "C")
    ORDER BY rank
    LIMIT p_limit;
END;
COMMENT ON FUNCTION api.did_you_mean(text, integer) IS
'Searches near p_query that find at least one movie: single letters wrong, missing, added or swapped
(edits counts them, 3 at most), two words typed as one, one typed as two. Of equally near ones first
what more titles hold. For a search that finds nothing; asked for another it answers as well.
Errors: 2201W negative p_limit.';
