-- Step:  split_user_disjoint
-- Does:  deals users into folds: lists for a movie that one of them loves, out of the other folds
-- Reads: evaluating.rating; settings recsql.seed, recsql.folds, recsql.users, recsql.min_fans,
--        recsql.anchors
CREATE UNIQUE INDEX rating_user_id_movie_id_idx
    ON evaluating.rating (user_id, movie_id) INCLUDE (half_stars);
CREATE INDEX rating_fans_idx ON evaluating.rating (movie_id, user_id) WHERE half_stars = 10;
ANALYZE evaluating.rating;

CREATE UNLOGGED TABLE evaluating.dealt AS
SELECT
    user_id,
    -- dealt out in the order of their lots, so that folds are of one size
    ((row_number() OVER (ORDER BY lot, user_id) - 1) % current_setting('recsql.folds')::integer)
    ::smallint AS fold
FROM (
    SELECT
        user_id,
        hashint8extended(user_id, current_setting('recsql.seed')::bigint) AS lot
    FROM evaluating.rating
    GROUP BY user_id
) AS rater;
CREATE UNIQUE INDEX dealt_user_id_idx ON evaluating.dealt (user_id) INCLUDE (fold);
ANALYZE evaluating.dealt;

-- How many in the other folds love a movie.
CREATE UNLOGGED TABLE evaluating.fans AS
SELECT
    fold.fold,
    loved.movie_id,
    count(*) FILTER (WHERE dealt.fold <> fold.fold) AS fans
FROM evaluating.rating AS loved
INNER JOIN evaluating.dealt ON dealt.user_id = loved.user_id
CROSS JOIN (SELECT DISTINCT fold FROM evaluating.dealt) AS fold
WHERE loved.half_stars = 10
GROUP BY fold.fold, loved.movie_id;
ANALYZE evaluating.fans;

-- So many users at most, those who draw the lowest lots, of all who gave a movie exactly 5.0 that
-- so many others gave it too. Of these movies the users' own lots draw the first few; the others
-- that they gave 4.0 or more ought to be found.
INSERT INTO evaluating.asked (query_id, fold, anchor_id, asker_id)
SELECT
    row_number() OVER (ORDER BY turn, place), fold, movie_id, user_id
FROM (
    SELECT
        loved.user_id,
        loved.movie_id,
        dealt.fold,
        row_number() OVER (PARTITION BY loved.user_id ORDER BY loved.lot, loved.movie_id) AS place,
        dense_rank() OVER (ORDER BY asker.lot, loved.user_id) AS turn
    FROM evaluating.rating AS loved
    INNER JOIN evaluating.dealt ON dealt.user_id = loved.user_id
    INNER JOIN evaluating.fans ON fans.movie_id = loved.movie_id AND fans.fold = dealt.fold
    INNER JOIN (
        SELECT
            user_id,
            hashint8extended(user_id, current_setting('recsql.seed')::bigint) AS lot
        FROM evaluating.rating
        WHERE half_stars >= 8
        GROUP BY user_id
        -- the anchor itself is one of them
        HAVING count(*) > 1
    ) AS asker ON asker.user_id = loved.user_id
    WHERE loved.half_stars = 10 AND fans.fans >= current_setting('recsql.min_fans')::bigint
) AS anchor
WHERE place <= current_setting('recsql.anchors')::bigint
    AND turn <= current_setting('recsql.users')::bigint;

INSERT INTO evaluating.hit (asker_id, movie_id)
SELECT asker.user_id, rating.movie_id
FROM (SELECT DISTINCT asker_id AS user_id FROM evaluating.asked) AS asker
INNER JOIN evaluating.rating ON rating.user_id = asker.user_id
WHERE rating.half_stars >= 8;

INSERT INTO evaluating.seen (query_id, movie_id) SELECT query_id, anchor_id FROM evaluating.asked;

-- Of each fold what all others say.
INSERT INTO evaluating.fold (fold, users)
SELECT fold.fold, (SELECT count(*) FROM evaluating.dealt WHERE dealt.fold <> fold.fold)
FROM (SELECT DISTINCT fold FROM evaluating.dealt) AS fold;

INSERT INTO evaluating.candidate (fold, movie_id, raters, half_stars, likes)
SELECT fold.fold, given.movie_id, sum(given.raters), sum(given.half_stars), sum(given.likes)
FROM evaluating.fold
INNER JOIN (
    SELECT
        dealt.fold,
        rating.movie_id,
        count(*) AS raters,
        sum(rating.half_stars) AS half_stars,
        count(*) FILTER (WHERE rating.half_stars >= 8) AS likes
    FROM evaluating.rating
    INNER JOIN evaluating.dealt ON dealt.user_id = rating.user_id
    GROUP BY dealt.fold, rating.movie_id
) AS given ON given.fold <> fold.fold
GROUP BY fold.fold, given.movie_id;
ANALYZE evaluating.asked, evaluating.hit, evaluating.candidate;

-- What the fans of each movie that is asked for starred, the held-out fold's own left out:
-- api._starred_by_fans for all of them at once.
CREATE UNLOGGED TABLE evaluating.pair AS
SELECT DISTINCT asked.fold, asked.anchor_id, fans.fans
FROM evaluating.asked
INNER JOIN evaluating.fans ON fans.fold = asked.fold AND fans.movie_id = asked.anchor_id;
ANALYZE evaluating.pair;

CREATE UNLOGGED TABLE evaluating.starred AS
SELECT pair.fold, pair.anchor_id, pair.fans, given.*
FROM evaluating.pair
CROSS JOIN LATERAL (
    SELECT
        theirs.movie_id,
        count(*) AS raters,
        sum(theirs.half_stars) AS half_stars,
        count(*) FILTER (WHERE theirs.half_stars >= 8) AS likes
    FROM evaluating.rating AS fan
    INNER JOIN evaluating.dealt ON dealt.user_id = fan.user_id
    INNER JOIN evaluating.rating AS theirs ON theirs.user_id = fan.user_id
    WHERE fan.movie_id = pair.anchor_id
        AND fan.half_stars = 10
        AND dealt.fold <> pair.fold
        AND theirs.movie_id <> pair.anchor_id
    GROUP BY theirs.movie_id
) AS given;
ANALYZE evaluating.starred;
