-- Load:  staging
-- Does:  makes the tables that files are copied into; the load's own transaction drops them again
-- Reads: nothing
CREATE SCHEMA staging;

-- What did not land, and what was noticed; kept in core.load_reject and core.load_run.
CREATE UNLOGGED TABLE staging.reject (
    file text NOT NULL,
    line bigint NOT NULL,
    reason text NOT NULL,
    record text
);
CREATE UNLOGGED TABLE staging.outcome (
    place integer GENERATED ALWAYS AS IDENTITY,
    file text NOT NULL,
    -- read, landed, rejected, noted
    outcome text NOT NULL,
    reason text,
    rows bigint NOT NULL
);
CREATE UNLOGGED TABLE staging.tally (
    place integer GENERATED ALWAYS AS IDENTITY,
    table_name text NOT NULL,
    inserted bigint NOT NULL,
    updated bigint NOT NULL,
    deleted bigint NOT NULL,
    unchanged bigint NOT NULL
);

-- The films of any source in one shape. line names a film within this load.
CREATE UNLOGGED TABLE staging.film (
    line bigint PRIMARY KEY,
    -- what the source calls it, in its own id space
    key_source text NOT NULL,
    key text NOT NULL,
    tmdb_id integer,
    imdb_id text,
    movie_id integer,
    -- true where this load may write the details: no better source has them
    owned boolean,
    title text NOT NULL,
    original_title text,
    tagline text,
    overview text,
    release_date date,
    year smallint,
    runtime integer,
    status text,
    original_language text,
    budget bigint,
    revenue bigint,
    popularity real,
    homepage text,
    poster_path text,
    backdrop_path text,
    collection_id integer,
    collection text,
    collection_poster_path text,
    collection_backdrop_path text,
    adult boolean NOT NULL DEFAULT false
);
CREATE UNLOGGED TABLE staging.film_feature (
    line bigint NOT NULL,
    kind text NOT NULL,
    code text NOT NULL,
    name text NOT NULL
);
CREATE UNLOGGED TABLE staging.film_credit (
    line bigint NOT NULL,
    role text NOT NULL,
    place smallint NOT NULL,
    job text NOT NULL,
    tmdb_id integer,
    name text NOT NULL
);
CREATE UNLOGGED TABLE staging.link (
    line bigint NOT NULL,
    movielens_id text,
    imdb_id text,
    tmdb_id text
);
-- How to put back what was taken off a table that is filled in bulk.
CREATE UNLOGGED TABLE staging.taken_off (
    place integer GENERATED ALWAYS AS IDENTITY,
    definition text NOT NULL
);

-- Typed by COPY itself: a file that has a bad number in it is read again by the careful reader.
-- Nothing is reckoned while it is copied, not even the number of a line: that took two thirds
-- more. What a file is turned away for is rare, and numbered then (ratings_rejected).
CREATE UNLOGGED TABLE staging.rating (
    rated_at bigint,
    user_key integer,
    movie_key integer,
    stars real,
    -- null where a file was copied as it is: a null takes no room
    line bigint
);

-- What does not land, and where in staging.rating it lies.
CREATE UNLOGGED TABLE staging.turned_away (
    at tid NOT NULL,
    reason text NOT NULL,
    record text NOT NULL
);

-- Those that stand: all, until ratings_superseded says otherwise.
CREATE VIEW staging.standing AS SELECT *, ctid AS at FROM staging.rating;

-- False where anything is wrong with the row itself.
CREATE FUNCTION staging.is_rating(
    p_user_key integer, p_movie_key integer, p_stars real, p_rated_at bigint
) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN COALESCE(
    p_user_key > 0
    AND p_movie_key > 0
    -- NaN is above all numbers here
    AND p_stars BETWEEN 0.5 AND 5
    AND p_stars * 2 = floor(p_stars * 2)
    -- zero stands for unknown; past the year 2100 it is no second of any rating
    AND COALESCE(p_rated_at, 0) BETWEEN 0 AND 4102444800,
    false
);

-- Cells of text, typed with care: what cannot be read is unknown, and never an error.
CREATE FUNCTION staging.as_integer(p_cell text) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN p_cell ~ '^[0-9]{1,9}(\.0+)?$' THEN p_cell::numeric::integer END;

CREATE FUNCTION staging.as_dollars(p_cell text) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
-- zero stands for unknown
RETURN CASE WHEN p_cell ~ '^[0-9]{1,15}(\.0+)?$' THEN NULLIF(p_cell::numeric::bigint, 0) END;

CREATE FUNCTION staging.as_date(p_cell text) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN p_cell ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$'
        AND left(p_cell, 4) > '0000'
        THEN CASE
            -- no 30th of February: the day may not pass the end of its month
            WHEN right(p_cell, 2)::integer <= date_part(
                'day',
                make_date(left(p_cell, 4)::integer, substr(p_cell, 6, 2)::integer, 1)
                + interval '1 month - 1 day'
            ) THEN make_date(
                left(p_cell, 4)::integer, substr(p_cell, 6, 2)::integer, right(p_cell, 2)::integer
            )
        END
END;

CREATE FUNCTION staging.as_text(p_cell text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
-- no-break spaces are spaces
RETURN NULLIF(btrim(replace(p_cell, chr(160), ' '), E' \t\r\n'), '');

CREATE FUNCTION staging.as_name(p_cell text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
-- a name is found by an index, which has no room for a longer one
RETURN CASE WHEN length(staging.as_text(p_cell)) <= 500 THEN staging.as_text(p_cell) END;

CREATE FUNCTION staging.as_list(p_cell text) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
-- the reader has made JSON of the lists, or nothing
RETURN CASE WHEN left(p_cell, 1) = '[' THEN p_cell::jsonb ELSE '[]' END;

CREATE FUNCTION staging.as_imdb_id(p_cell text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN p_cell ~ '^(tt)?[0-9]{1,9}$' AND ltrim(p_cell, 't0') <> ''
        THEN 'tt' || lpad(
            ltrim(p_cell, 't0'), GREATEST(7, length(ltrim(p_cell, 't0'))), '0'
        )
END;
