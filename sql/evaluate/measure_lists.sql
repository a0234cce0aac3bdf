-- Step:  measure_lists
-- Does:  how good the lists are, each metric with its standard error
-- Reads: evaluating.asked, evaluating.hit, evaluating.list, evaluating.candidate,
--        evaluating.fold; settings recsql.seed, recsql.k
-- A list that ought to hold R movies, and holds some of them at the places p among its first k:
--   ndcg       sum 1 / log2(p + 1) over p, divided by the same sum over p = 1 .. min(k, R)
--   recall     how many, divided by min(k, R)
--   precision  how many, divided by the length of the list, k at most
--   hit_rate   1 if any, else 0
--   mrr        1 / p of the first, else 0
--   novelty    the mean over the list of log2((1 + U) / (1 + n)): n of U users rated the movie
-- Each is a mean over the lists; its standard error is the deviation between them (n - 1),
-- divided by the root of their number. A list that is missing counts 0, but has no novelty.
-- Where somebody has several lists, their mean stands for them: lists of one user go together.
CREATE UNLOGGED TABLE evaluating.judged AS
SELECT
    asked.asker_id,
    cut.k,
    COALESCE(found.gain, 0) / ideal.gain AS ndcg,
    COALESCE(found.hits, 0) / LEAST(cut.k, wanted.hits)::float8 AS recall,
    COALESCE(found.hits / found.places::float8, 0) AS precision,
    CASE WHEN found.hits > 0 THEN 1.0::float8 ELSE 0 END AS hit_rate,
    COALESCE(1.0::float8 / found.first_hit, 0) AS mrr,
    found.novelty
FROM evaluating.asked
CROSS JOIN unnest(current_setting('recsql.k')::integer[]) AS cut (k)
INNER JOIN (
    SELECT mine.query_id, liked.hits - count(own.movie_id) AS hits
    FROM evaluating.asked AS mine
    INNER JOIN (
        SELECT asker_id, count(*) AS hits FROM evaluating.hit GROUP BY asker_id
    ) AS liked ON liked.asker_id = mine.asker_id
    LEFT JOIN evaluating.hit AS own
        ON own.asker_id = mine.asker_id AND own.movie_id = mine.anchor_id
    GROUP BY mine.query_id, liked.hits
) AS wanted ON wanted.query_id = asked.query_id
INNER JOIN (
    SELECT
        place,
        sum(ln(2.0::float8) / ln(place + 1.0::float8)) OVER (ORDER BY place) AS gain
    FROM generate_series(1, (
        SELECT max(k) FROM unnest(current_setting('recsql.k')::integer[]) AS k
    )) AS place
) AS ideal ON ideal.place = LEAST(cut.k, wanted.hits)
LEFT JOIN (
    SELECT
        list.query_id,
        cut.k,
        count(*) AS places,
        count(hit.movie_id) AS hits,
        min(list.rank) FILTER (WHERE hit.movie_id IS NOT NULL) AS first_hit,
        sum(ln(2.0::float8) / ln(list.rank + 1.0::float8)) FILTER (WHERE hit.movie_id IS NOT NULL)
            AS gain,
        avg(ln((1.0::float8 + fold.users) / (1 + candidate.raters)) / ln(2.0::float8)) AS novelty
    FROM evaluating.list
    INNER JOIN unnest(current_setting('recsql.k')::integer[]) AS cut (k) ON list.rank <= cut.k
    INNER JOIN evaluating.asked ON asked.query_id = list.query_id
    INNER JOIN evaluating.fold ON fold.fold = asked.fold
    LEFT JOIN evaluating.candidate
        ON candidate.fold = asked.fold AND candidate.movie_id = list.movie_id
    LEFT JOIN evaluating.hit
        ON hit.asker_id = asked.asker_id AND hit.movie_id = list.movie_id
    GROUP BY list.query_id, cut.k
) AS found ON found.query_id = asked.query_id AND found.k = cut.k;

INSERT INTO evaluating.measured (metric, k, value, error, n)
SELECT metric, k, avg(value), stddev_samp(value) / sqrt(count(*)), count(*)
FROM (
    SELECT single.metric, judged.k, judged.asker_id, avg(single.value) AS value
    FROM evaluating.judged
    CROSS JOIN LATERAL (
        VALUES
            ('ndcg', ndcg), ('recall', recall), ('precision', precision),
            ('hit_rate', hit_rate), ('mrr', mrr), ('novelty', novelty)
    ) AS single (metric, value)
    WHERE single.value IS NOT NULL
    GROUP BY single.metric, judged.k, judged.asker_id
) AS asker
GROUP BY metric, k;

-- What all lists hold together:
--   coverage  how many different movies
--   gini      of the number of lists that each candidate is in, those in none included:
--             0 where all are in equally many, 1 where one movie is in all
-- They are no means over lists, so their error is the jackknife's: all lists are dealt into 20
-- parts, those of one user into the same, and one part after another is left out.
CREATE UNLOGGED TABLE evaluating.shown AS
SELECT cut.k, list.movie_id, dealt.part, count(*) AS lists
FROM evaluating.list
INNER JOIN unnest(current_setting('recsql.k')::integer[]) AS cut (k) ON list.rank <= cut.k
INNER JOIN evaluating.asked ON asked.query_id = list.query_id
INNER JOIN (
    SELECT asker_id, row_number() OVER (ORDER BY lot, asker_id) % 20 AS part
    FROM (
        SELECT DISTINCT
            asker_id, hashint8extended(asker_id, current_setting('recsql.seed')::bigint) AS lot
        FROM evaluating.asked
    ) AS lots
) AS dealt ON dealt.asker_id = asked.asker_id
GROUP BY cut.k, list.movie_id, dealt.part;

INSERT INTO evaluating.measured (metric, k, value, error, n)
WITH counted AS (
    -- part -1 is left out of nothing
    SELECT shown.k, missing.part, shown.movie_id, sum(shown.lists) AS lists
    FROM evaluating.shown
    INNER JOIN generate_series(-1, 19) AS missing (part) ON missing.part <> shown.part
    GROUP BY shown.k, missing.part, shown.movie_id
),
reckoned AS (
    SELECT
        placed.k,
        placed.part,
        count(*) AS coverage,
        -- Movies in no list stand first, and add nothing but their places.
        2 * sum((catalogue.movies - placed.counted + placed.place) * placed.lists)::float8
        / (catalogue.movies * sum(placed.lists))
        - (catalogue.movies + 1.0::float8) / catalogue.movies AS gini
    FROM (
        SELECT
            k,
            part,
            lists,
            row_number() OVER (PARTITION BY k, part ORDER BY lists, movie_id) AS place,
            count(*) OVER (PARTITION BY k, part) AS counted
        FROM counted
    ) AS placed
    CROSS JOIN (SELECT count(DISTINCT movie_id) AS movies FROM evaluating.candidate) AS catalogue
    GROUP BY placed.k, placed.part, catalogue.movies
),
apart AS (
    SELECT reckoned.k, reckoned.part, single.metric, single.value
    FROM reckoned
    CROSS JOIN LATERAL (
        VALUES ('coverage', coverage::float8), ('gini', gini)
    ) AS single (metric, value)
)
SELECT
    whole.metric,
    whole.k,
    whole.value,
    (
        SELECT sqrt(19 / 20.0::float8 * sum((part.value - middle.value) ^ 2))
        FROM apart AS part
        CROSS JOIN (
            SELECT avg(inner_part.value) AS value
            FROM apart AS inner_part
            WHERE inner_part.part >= 0
                AND inner_part.k = whole.k
                AND inner_part.metric = whole.metric
        ) AS middle
        WHERE part.part >= 0 AND part.k = whole.k AND part.metric = whole.metric
    ),
    (SELECT count(*) FROM evaluating.asked)
FROM apart AS whole
WHERE whole.part = -1;
DROP TABLE evaluating.judged, evaluating.shown;
