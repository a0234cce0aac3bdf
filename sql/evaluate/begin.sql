-- Step:  begin
-- Does:  makes room for an evaluation: a schema that its transaction takes away again
-- Reads: nothing
CREATE SCHEMA evaluating;

-- What lists are asked for, one row a list.
CREATE UNLOGGED TABLE evaluating.asked (
    query_id integer PRIMARY KEY,
    fold smallint NOT NULL DEFAULT 0,
    -- the movie that a list is asked for; null where it is asked for the user's train ratings
    anchor_id integer,
    -- for whom: a user, or in the split collection a movie; means are taken over these
    asker_id integer NOT NULL
);
CREATE INDEX asked_asker_id_idx ON evaluating.asked (asker_id);
-- What all lists for somebody ought to hold; no list is asked to hold its own anchor.
CREATE UNLOGGED TABLE evaluating.hit (
    asker_id integer NOT NULL,
    movie_id integer NOT NULL,
    PRIMARY KEY (asker_id, movie_id)
);
-- What a list must not hold, since it is known already.
CREATE UNLOGGED TABLE evaluating.seen (
    query_id integer NOT NULL,
    movie_id integer NOT NULL,
    PRIMARY KEY (query_id, movie_id)
);
-- What models may learn from, and what is kept from them; empty where nothing is trained.
CREATE UNLOGGED TABLE evaluating.train (
    user_id integer NOT NULL,
    movie_id integer NOT NULL,
    half_stars smallint NOT NULL,
    PRIMARY KEY (user_id, movie_id)
);
CREATE UNLOGGED TABLE evaluating.held (
    user_id integer NOT NULL,
    movie_id integer NOT NULL,
    half_stars smallint NOT NULL,
    PRIMARY KEY (user_id, movie_id)
);
-- What a list may hold, with how it was rated by those who may be asked in this fold.
CREATE UNLOGGED TABLE evaluating.candidate (
    fold smallint NOT NULL,
    movie_id integer NOT NULL,
    raters integer NOT NULL,
    half_stars bigint NOT NULL,
    likes integer NOT NULL,
    PRIMARY KEY (fold, movie_id)
);
CREATE UNLOGGED TABLE evaluating.fold (
    fold smallint PRIMARY KEY,
    users integer NOT NULL
);
-- The lists of one model at a time, and what it predicts.
CREATE UNLOGGED TABLE evaluating.list (
    query_id integer NOT NULL,
    rank integer NOT NULL,
    movie_id integer NOT NULL,
    PRIMARY KEY (query_id, rank)
);
CREATE UNLOGGED TABLE evaluating.predicted (
    user_id integer NOT NULL,
    movie_id integer NOT NULL,
    stars double precision NOT NULL,
    PRIMARY KEY (user_id, movie_id)
);
CREATE UNLOGGED TABLE evaluating.measured (
    metric text NOT NULL,
    k integer NOT NULL,
    value double precision NOT NULL,
    error double precision,
    n integer NOT NULL,
    PRIMARY KEY (metric, k)
);
-- Ratings by people alone: critics and generated users are never in an evaluation. A copy, so
-- that all steps see the same ones.
CREATE UNLOGGED TABLE evaluating.rating AS
SELECT
    user_id,
    movie_id,
    half_stars,
    rated_at,
    -- the lot that this rating draws: the same for the same seed
    hashint8extended(
        user_id::bigint << 32 | movie_id, current_setting('recsql.seed')::bigint
    ) AS lot
FROM core.rating
WHERE user_id > 0;
