-- Object: api.home_rows
-- Does:   the home page of somebody: a header, rows for them, and the carousels of categories
-- Grain:  one row a movie of the page; none twice, none that they rated or hide
-- Reads:  core.rating, core.mark, core.movie, core.suggestion, api.suggestions, api.home_shelves,
--         api.movie_page, api.critic_rating, derived.*
-- Params: p_user_id; p_seed; p_shelves categories at most; p_per_shelf movies at most in each row;
--         p_because rows about a movie that they gave much; p_live_fans that a list may be
--         reckoned from on the spot
-- Try:    SELECT shelf, heading, place, title, reason FROM api.home_rows(4, 7);
CREATE FUNCTION api.home_rows(
    p_user_id integer,
    p_seed bigint DEFAULT (random() * 2147483647)::bigint,
    p_shelves integer DEFAULT 20,
    p_per_shelf integer DEFAULT 10,
    p_because integer DEFAULT 2,
    -- some ten milliseconds at 38 million ratings; lists of more are stored
    p_live_fans integer DEFAULT 200
)
RETURNS TABLE (
    shelf integer,
    kind text,
    heading text,
    slug text,
    about_movie_id integer,
    place integer,
    movie_id integer,
    title text,
    year integer,
    poster_path text,
    raters integer,
    mean_stars numeric,
    reason text,
    score numeric,
    predicted_stars numeric,
    model text,
    is_stored boolean,
    shown_at timestamptz,
    ratings integer,
    original_title text,
    release_date date,
    runtime integer,
    overview text,
    genres text[],
    keywords text[],
    backdrop_path text,
    original_language text,
    about_title text,
    about_stars numeric
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH rated AS MATERIALIZED (
        SELECT rating.movie_id, rating.half_stars
        FROM core.rating
        WHERE rating.user_id = p_user_id
    ),
    seen AS MATERIALIZED (
        SELECT rated.movie_id FROM rated
        UNION ALL
        SELECT mark.movie_id FROM core.mark WHERE mark.user_id = p_user_id AND mark.kind = 'hide'
    ),
    -- The movie that the seed gives everybody; if it is seen, another draw.
    header AS MATERIALIZED (
        SELECT drawn.movie_id
        FROM (
            SELECT turn.n, drawn.movie_id
            FROM generate_series(0, 31) AS turn (n)
            CROSS JOIN (
                SELECT max(last.place) AS places FROM derived.shelf AS last
                WHERE last.category_id = 0
            ) AS size
            INNER JOIN derived.shelf AS drawn
                ON drawn.category_id = 0
                AND drawn.place = 1 + floor(size.places * api._draw(
                    CASE turn.n WHEN 0 THEN p_seed ELSE hashint8extended(p_seed, turn.n) END, 0
                ))::integer
            UNION ALL
            -- who has seen nearly all
            SELECT 32, rest.movie_id
            FROM (
                SELECT shelf.movie_id
                FROM derived.shelf
                WHERE shelf.category_id = 0 AND shelf.movie_id NOT IN (SELECT movie_id FROM seen)
                ORDER BY shelf.place
                LIMIT 1
            ) AS rest
        ) AS drawn
        WHERE drawn.movie_id NOT IN (SELECT movie_id FROM seen)
        ORDER BY drawn.n
        LIMIT 1
    ),
    watchlist AS MATERIALIZED (
        SELECT
            mark.movie_id,
            row_number() OVER (ORDER BY mark.marked_at DESC, mark.movie_id) AS place,
            'on your list since ' || to_char(mark.marked_at, 'FMDD FMMonth YYYY') AS reason
        FROM core.mark
        WHERE mark.user_id = p_user_id
            AND mark.kind = 'watch'
            AND mark.movie_id NOT IN (SELECT movie_id FROM rated)
            AND mark.movie_id NOT IN (SELECT movie_id FROM header)
        ORDER BY place
        LIMIT p_per_shelf
    ),
    suggested AS MATERIALIZED (
        SELECT
            pick.movie_id, pick.score, pick.predicted_stars, pick.model,
            row_number() OVER (ORDER BY pick.rank) AS place
        -- as many more as may be shown above
        FROM api.suggestions(p_user_id, 2 * p_per_shelf + 1) AS pick
        WHERE pick.movie_id NOT IN (
            SELECT movie_id FROM header
            UNION ALL
            SELECT movie_id FROM watchlist
        )
        ORDER BY place
        LIMIT p_per_shelf
    ),
    -- What they gave most, by the seed where several are equal. What its fans liked, where that is
    -- stored or soon reckoned; else what shares most with it.
    loved AS MATERIALIZED (
        SELECT
            best.movie_id,
            best.half_stars,
            best.n,
            p_live_fans >= (
                SELECT count(*)
                FROM (
                    SELECT fan.user_id
                    FROM core.rating AS fan
                    WHERE fan.movie_id = best.movie_id
                        AND fan.half_stars = 10
                        AND fan.user_id > 0
                    ORDER BY fan.user_id
                    LIMIT p_live_fans + 1
                ) AS first_ones
            )
            OR EXISTS (
                SELECT FROM derived.also_liked AS list WHERE list.movie_id = best.movie_id
            ) AS has_fans_list
        FROM (
            SELECT
                rated.movie_id,
                rated.half_stars,
                row_number() OVER (
                    ORDER BY
                        rated.half_stars DESC,
                        api._draw(p_seed, rated.movie_id),
                        rated.movie_id
                ) AS n
            FROM rated
            WHERE rated.half_stars >= 8
            ORDER BY n
            LIMIT p_because
        ) AS best
    ),
    liked AS MATERIALIZED (
        SELECT loved.n, pick.rank, pick.movie_id, pick.reason, pick.score
        FROM loved
        CROSS JOIN LATERAL api.also_liked(loved.movie_id, 5 * p_per_shelf) AS pick
        WHERE loved.has_fans_list
            AND pick.movie_id NOT IN (SELECT movie_id FROM seen)
            AND pick.movie_id NOT IN (
                SELECT movie_id FROM header
                UNION ALL
                SELECT movie_id FROM watchlist
                UNION ALL
                SELECT movie_id FROM suggested
            )
    ),
    alike AS MATERIALIZED (
        SELECT loved.n, pick.rank, pick.movie_id, pick.reason, pick.score
        FROM loved
        CROSS JOIN LATERAL api.similar_movies(loved.movie_id, 2 * p_per_shelf) AS pick
        -- a row of two or three would look as if nothing else were known
        WHERE (SELECT count(*) FROM liked WHERE liked.n = loved.n) < LEAST(4, p_per_shelf)
            AND pick.movie_id NOT IN (SELECT movie_id FROM seen)
            AND pick.movie_id NOT IN (
                SELECT movie_id FROM header
                UNION ALL
                SELECT movie_id FROM watchlist
                UNION ALL
                SELECT movie_id FROM suggested
            )
    ),
    because AS MATERIALIZED (
        SELECT
            loved.n, loved.movie_id AS about_movie_id, loved.half_stars, near.movie_id, near.reason,
            near.score, near.source, near.place
        FROM (
            SELECT
                once.*,
                row_number() OVER (PARTITION BY once.n ORDER BY once.rank, once.movie_id) AS place
            FROM (
                -- in one row alone: where it stands further in front
                SELECT DISTINCT ON (every.movie_id)
                    every.n, every.rank, every.movie_id, every.reason, every.score, every.source
                FROM (
                    SELECT liked.*, 'liked' AS source FROM liked
                    WHERE NOT EXISTS (SELECT FROM alike WHERE alike.n = liked.n)
                    UNION ALL
                    SELECT alike.*, 'similar' FROM alike
                ) AS every
                INNER JOIN core.movie ON movie.movie_id = every.movie_id
                WHERE NOT movie.adult
                ORDER BY every.movie_id, every.rank, every.n
            ) AS once
        ) AS near
        INNER JOIN loved ON loved.n = near.n
        WHERE near.place <= p_per_shelf
    ),
    popular AS MATERIALIZED (
        SELECT
            pick.movie_id, pick.likers, pick.rank AS place,
            'liked by ' || to_char(pick.likers, 'FM999,999,999')
            || ' of ' || to_char(pick.raters, 'FM999,999,999')
            || CASE WHEN pick.critics THEN ' critics' ELSE ' people' END AS reason
        FROM (
            SELECT COALESCE(array_agg(every.movie_id), '{}') AS movies
            FROM (
                SELECT movie_id FROM seen
                UNION ALL
                SELECT movie_id FROM header
                UNION ALL
                SELECT movie_id FROM watchlist
                UNION ALL
                SELECT movie_id FROM suggested
                UNION ALL
                SELECT movie_id FROM because
            ) AS every
        ) AS gone
        CROSS JOIN LATERAL api._popular(gone.movies, p_per_shelf, 0, 'any', 0) AS pick
        -- else the suggestions are just these
        WHERE EXISTS (SELECT FROM suggested WHERE suggested.model <> 'popular')
    ),
    gone AS MATERIALIZED (
        SELECT movie_id FROM seen
        UNION ALL
        SELECT movie_id FROM header
        UNION ALL
        SELECT movie_id FROM watchlist
        UNION ALL
        SELECT movie_id FROM suggested
        UNION ALL
        SELECT movie_id FROM because
        UNION ALL
        SELECT movie_id FROM popular
    ),
    -- What everybody sees with this seed, as far as it is not gone; in one row alone, where it
    -- stands further in front.
    drawn AS MATERIALIZED (
        SELECT carousel.shelf, carousel.category_id, carousel.slug, carousel.category,
            carousel.place, carousel.movie_id
        FROM api.home_shelves(p_seed, p_shelves, p_per_shelf) AS carousel
    ),
    first_ones AS MATERIALIZED (
        SELECT DISTINCT ON (drawn.movie_id) drawn.shelf, drawn.place, drawn.movie_id
        FROM drawn
        WHERE drawn.movie_id NOT IN (SELECT movie_id FROM gone)
        ORDER BY drawn.movie_id, drawn.place, drawn.shelf
    ),
    -- Behind them others, three for each that the emptiest row lacks: some of those are gone, too.
    carousel AS MATERIALIZED (
        SELECT
            known.slug, known.category, once.shelf, once.movie_id,
            row_number() OVER (PARTITION BY once.shelf ORDER BY once.place, once.movie_id) AS place
        FROM (
            SELECT first_ones.shelf, first_ones.place, first_ones.movie_id FROM first_ones
            UNION ALL
            SELECT spare.shelf, spare.place, spare.movie_id
            FROM (
                SELECT DISTINCT ON (more.movie_id)
                    drawn.shelf, p_per_shelf + more.place AS place, more.movie_id
                FROM (
                    SELECT 3 * (p_per_shelf - COALESCE(min(filled.films), 0))::integer AS wanted
                    FROM (
                        SELECT count(first_ones.movie_id) AS films
                        FROM drawn
                        LEFT JOIN first_ones
                            ON first_ones.movie_id = drawn.movie_id
                            AND first_ones.shelf = drawn.shelf
                        GROUP BY drawn.shelf
                    ) AS filled
                ) AS lack
                CROSS JOIN LATERAL api.home_shelves(
                    hashint8extended(p_seed, 1), NULL, lack.wanted
                ) AS more
                INNER JOIN drawn ON drawn.category_id = more.category_id AND drawn.place = 1
                WHERE more.movie_id NOT IN (SELECT movie_id FROM gone)
                    AND more.movie_id NOT IN (SELECT movie_id FROM first_ones)
                ORDER BY more.movie_id, more.place, drawn.shelf
            ) AS spare
        ) AS once
        INNER JOIN drawn AS known ON known.shelf = once.shelf AND known.place = 1
    ),
    told AS MATERIALIZED (
        SELECT said.movie_id, said.reason
        -- handed over as a column: with a sub-select in its place the planner would not see through
        FROM (SELECT array_agg(suggested.movie_id) AS movies FROM suggested) AS picked
        CROSS JOIN LATERAL api._reasons(p_user_id, picked.movies) AS said
    ),
    card AS (
        SELECT
            1 AS section, 0::bigint AS n, 'suggestions' AS kind,
            CASE suggested.model
                WHEN 'popular' THEN 'Popular, to begin with' ELSE 'Suggestions for you'
            END AS heading,
            NULL::text AS slug, NULL::integer AS about_movie_id, NULL::text AS about_title,
            NULL::numeric AS about_stars, suggested.place,
            suggested.movie_id, told.reason, suggested.score, suggested.predicted_stars,
            suggested.model, stored.movie_id IS NOT NULL AS is_stored, stored.shown_at
        FROM suggested
        INNER JOIN told ON told.movie_id = suggested.movie_id
        LEFT JOIN core.suggestion AS stored
            ON stored.user_id = p_user_id AND stored.movie_id = suggested.movie_id
        UNION ALL
        SELECT
            2, because.n, because.source,
            'Because you gave ' || about.title || ' ' || CASE because.half_stars
                WHEN 10 THEN 'five' ELSE round(because.half_stars / 2.0, 1)::text
            END || ' stars',
            NULL, because.about_movie_id, about.title, round(because.half_stars / 2.0, 1),
            because.place, because.movie_id, because.reason,
            because.score, NULL, NULL, NULL, NULL
        FROM because
        INNER JOIN core.movie AS about ON about.movie_id = because.about_movie_id
        UNION ALL
        SELECT
            3, 0, 'watchlist', 'Your watchlist', NULL, NULL, NULL, NULL, watchlist.place,
            watchlist.movie_id, watchlist.reason, NULL, NULL, NULL, NULL, NULL
        FROM watchlist
        UNION ALL
        SELECT
            4, 0, 'popular', 'Popular, and new to you', NULL, NULL, NULL, NULL, popular.place,
            popular.movie_id, popular.reason, popular.likers, NULL, NULL, NULL, NULL
        FROM popular
        UNION ALL
        SELECT
            5, carousel.shelf, 'category', carousel.category, carousel.slug, NULL, NULL, NULL,
            carousel.place, carousel.movie_id, NULL, NULL, NULL, NULL, NULL, NULL
        FROM carousel
        WHERE carousel.place <= p_per_shelf
    )
    SELECT
        0 AS shelf, 'header' AS kind, 'Tonight, by chance' AS heading, NULL AS slug,
        NULL AS about_movie_id, 1 AS place, page.movie_id, page.title, page.year, page.poster_path,
        page.raters, page.mean_stars, NULL AS reason, NULL AS score, NULL AS predicted_stars,
        NULL AS model, NULL AS is_stored, NULL AS shown_at,
        (SELECT count(*) FROM rated)::integer AS ratings,
        page.original_title, page.release_date, page.runtime, page.overview, page.genres,
        page.keywords, page.backdrop_path, page.original_language, NULL AS about_title,
        NULL AS about_stars
    FROM api.movie_page AS page
    WHERE page.movie_id = (SELECT header.movie_id FROM header)
    UNION ALL
    SELECT
        (dense_rank() OVER (ORDER BY card.section, card.n))::integer,
        card.kind, card.heading, card.slug, card.about_movie_id, card.place::integer,
        movie.movie_id, movie.title, movie.year::integer, movie.poster_path,
        COALESCE(stats.raters, 0), api._mean_stars(stats.half_stars, stats.raters),
        card.reason, card.score, card.predicted_stars, card.model, card.is_stored, card.shown_at,
        (SELECT count(*) FROM rated)::integer,
        movie.original_title, NULL, NULL, NULL, NULL, NULL, NULL, movie.original_language,
        card.about_title, card.about_stars
    FROM card
    INNER JOIN core.movie ON movie.movie_id = card.movie_id
    LEFT JOIN derived.movie_stats AS stats ON stats.movie_id = card.movie_id
    ORDER BY shelf, place;
END;
COMMENT ON FUNCTION api.home_rows(integer, bigint, integer, integer, integer, integer) IS
'The page of one seed for p_user_id, whole: the same seed and data give the same page. No movie is
on it twice, and none that was rated or is hidden; the rows of categories are filled up with others.
kind  header: shelf 0, the one of api.home_header unless it was seen
      suggestions: api.suggestions; model is popular where nothing better is known
      liked, similar: what api.also_liked or, with few fans or more than p_live_fans that no list is
      stored for, api.similar_movies has for about_movie_id, one of the best rated
      watchlist: the latest of api.my_marks
      popular: what most people liked; not there where the suggestions are just that
      category: api.home_shelves; slug is the name of the category in addresses
reason: in a few words; api.explain_recommendation, api.explain_also_liked and
api.explain_similar_movies tell all of it, and add up to score.
predicted_stars: 0.5 to 5.0. is_stored, shown_at: of suggestions, whether and when last noted
(api.note_shown). ratings: how many the user has given. about_title, about_stars: of about_movie_id,
for those who word the heading themselves. release_date to backdrop_path: for the header alone.
Who has rated nothing gets what is popular. Errors: 2201W negative numbers of rows.';
