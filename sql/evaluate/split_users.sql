-- Step:  split_users
-- Does:  after ratings were held back: who is asked for, and what their lists may hold
-- Reads: evaluating.train, evaluating.held; settings recsql.seed, recsql.users
ANALYZE evaluating.train, evaluating.held;

-- So many users at most, those who draw the lowest lots.
INSERT INTO evaluating.asked (query_id, asker_id)
SELECT user_id, user_id
FROM evaluating.held
WHERE half_stars >= 8
GROUP BY user_id
ORDER BY hashint8extended(user_id, current_setting('recsql.seed')::bigint), user_id
LIMIT current_setting('recsql.users')::bigint;

INSERT INTO evaluating.hit (asker_id, movie_id)
SELECT held.user_id, held.movie_id
FROM evaluating.held
INNER JOIN evaluating.asked ON asked.query_id = held.user_id
WHERE held.half_stars >= 8;

INSERT INTO evaluating.seen (query_id, movie_id)
SELECT train.user_id, train.movie_id
FROM evaluating.train
INNER JOIN evaluating.asked ON asked.query_id = train.user_id;

INSERT INTO evaluating.candidate (fold, movie_id, raters, half_stars, likes)
SELECT 0, movie_id, count(*), sum(half_stars), count(*) FILTER (WHERE half_stars >= 8)
FROM evaluating.train
GROUP BY movie_id;

INSERT INTO evaluating.fold (fold, users)
SELECT 0, count(DISTINCT user_id) FROM evaluating.train HAVING count(*) > 0;
ANALYZE evaluating.asked, evaluating.hit, evaluating.seen, evaluating.candidate;
