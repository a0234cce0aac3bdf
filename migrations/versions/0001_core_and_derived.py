"""The tables: core (rows that were given to us) and derived (rows that can be rebuilt)."""

from alembic import op

revision = "0001"
down_revision = None

FOLD = (
    "lower(trim(regexp_replace(regexp_replace(regexp_replace(normalize({0}, NFKD),"
    " '\\m([a-z]|qu)[''’ʼ]', '\\1 ', 'gi'),"
    " '[\\u0300-\\u036f''’ʼ]', '', 'g'),"
    " '[\\u0001-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u00bf"
    "\\u2000-\\u206f\\u3000-\\u303f]+',"
    " ' ', 'g')))"
)


def upgrade() -> None:
    op.execute(
        """
        COMMENT ON SCHEMA core IS
            'Rows that were given to us: the catalogue, the raters and their ratings.';
        CREATE SCHEMA derived;
        COMMENT ON SCHEMA derived IS
            'Rows that we reckoned out of core, and can rebuild at any time.';

        CREATE TABLE core.code_name (
            kind text NOT NULL CHECK (kind IN ('language', 'country')),
            code text NOT NULL,
            name text NOT NULL,
            PRIMARY KEY (kind, code)
        );
        COMMENT ON TABLE core.code_name IS
            'English names of ISO 639-1 languages and ISO 3166-1 countries.';

        CREATE TABLE core.collection (
            collection_id integer PRIMARY KEY,
            name text NOT NULL,
            poster_path text,
            backdrop_path text
        );
        COMMENT ON TABLE core.collection IS
            'A series of films. The key is its TMDB id, or from 1,000,000,000 up without one.';

        CREATE TABLE core.movie (
            movie_id integer PRIMARY KEY CHECK (movie_id > 0),
            title text NOT NULL CHECK (title <> ''),
            original_title text,
            tagline text,
            overview text,
            release_date date,
            year smallint,
            runtime integer CHECK (runtime > 0),
            status text,
            original_language text,
            budget bigint CHECK (budget > 0),
            revenue bigint CHECK (revenue > 0),
            popularity real,
            homepage text,
            poster_path text,
            backdrop_path text,
            collection_id integer REFERENCES core.collection,
            adult boolean NOT NULL DEFAULT false,
            source text NOT NULL,
            -- What a movie is searched by, folded as api._fold folds what is typed: NFKD parts a
            -- letter from its marks, which go, like apostrophes; other punctuation parts words.
            title_key text GENERATED ALWAYS AS ({fold_title}) STORED,
            original_key text GENERATED ALWAYS AS (
                CASE WHEN original_title <> title THEN {fold_original} END
            ) STORED,
            CHECK (release_date IS NULL OR year = EXTRACT(year FROM release_date))
        );
        CREATE INDEX movie_search_idx ON core.movie USING gin (to_tsvector(
            'simple',
            title_key || ' ' || COALESCE(original_key, '') || ' ' || COALESCE(year::text, '')
        ));
        CREATE INDEX movie_collection_id_idx ON core.movie (collection_id)
            WHERE collection_id IS NOT NULL;
        COMMENT ON TABLE core.movie IS
            'One film. The key is its TMDB id, or from 1,000,000,000 up where it has none.';
        COMMENT ON COLUMN core.movie.runtime IS 'minutes; null where unknown';
        COMMENT ON COLUMN core.movie.budget IS 'US dollars; null where unknown';
        COMMENT ON COLUMN core.movie.revenue IS 'US dollars; null where unknown';
        COMMENT ON COLUMN core.movie.year IS 'of release; may be known where the date is not';
        COMMENT ON COLUMN core.movie.source IS
            'which load brought it first: kaggle, movielens, demo';

        CREATE SEQUENCE core.local_id AS integer START 1000000000 MINVALUE 1000000000;
        COMMENT ON SEQUENCE core.local_id IS
            'Keys of movies and collections that have no TMDB id.';

        CREATE TABLE core.movie_key (
            source text NOT NULL,
            key text NOT NULL,
            movie_id integer NOT NULL REFERENCES core.movie ON DELETE CASCADE,
            PRIMARY KEY (source, key)
        );
        CREATE INDEX movie_key_movie_id_idx ON core.movie_key (movie_id);
        COMMENT ON TABLE core.movie_key IS
            'What other id spaces call a movie. MovieLens ids reach a movie only through here.';
        COMMENT ON COLUMN core.movie_key.source IS
            'tmdb, imdb (with its tt), movielens, movielens-100k (ids of its own), demo';

        CREATE TABLE core.movielens_link (
            movielens_id integer PRIMARY KEY,
            imdb_id text,
            tmdb_id integer
        );
        CREATE INDEX movielens_link_tmdb_id_idx ON core.movielens_link (tmdb_id);
        COMMENT ON TABLE core.movielens_link IS
            'links.csv as given: kept whole, so that a movie that comes later is still found.';

        CREATE TABLE core.feature (
            feature_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            kind text NOT NULL
                CHECK (kind IN ('genre', 'keyword', 'company', 'country', 'language')),
            code text NOT NULL CHECK (code <> ''),
            name text NOT NULL CHECK (name <> ''),
            UNIQUE (kind, code)
        );
        COMMENT ON TABLE core.feature IS 'Something that movies can share.';
        COMMENT ON COLUMN core.feature.code IS
            'what makes it one: the ISO code, else the name in lower case';

        CREATE TABLE core.movie_feature (
            movie_id integer NOT NULL REFERENCES core.movie ON DELETE CASCADE,
            feature_id integer NOT NULL REFERENCES core.feature,
            PRIMARY KEY (movie_id, feature_id)
        );
        -- From a feature to its movies by the index alone: the way of similar_movies.
        CREATE INDEX movie_feature_feature_id_movie_id_idx
            ON core.movie_feature (feature_id, movie_id);
        COMMENT ON TABLE core.movie_feature IS
            'The features of a movie; the language is the original one.';

        CREATE TABLE core.person (
            person_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            tmdb_id integer UNIQUE,
            name text NOT NULL CHECK (name <> '')
        );
        CREATE INDEX person_name_idx ON core.person (name);
        COMMENT ON TABLE core.person IS 'Somebody who made a film or plays in it.';

        CREATE TABLE core.credit (
            movie_id integer NOT NULL REFERENCES core.movie ON DELETE CASCADE,
            role text NOT NULL CHECK (role IN ('cast', 'crew')),
            place smallint NOT NULL,
            person_id integer NOT NULL REFERENCES core.person,
            job text NOT NULL,
            PRIMARY KEY (movie_id, role, place)
        );
        CREATE INDEX credit_person_id_idx ON core.credit (person_id);
        COMMENT ON TABLE core.credit IS 'Who did what in a movie, in billing order.';
        COMMENT ON COLUMN core.credit.job IS
            'of the cast the character played (may be empty), of the crew the job (Director …)';

        -- Real people have keys above zero, and pseudo-users below: so "never count a critic or
        -- a generated user as a fan" is a condition on the key, which an index can hold.
        CREATE SEQUENCE core.person_rater_id AS integer;
        CREATE SEQUENCE core.pseudo_rater_id AS integer
            INCREMENT -1 MINVALUE -2147483648 MAXVALUE -1 START -1;
        COMMENT ON SEQUENCE core.person_rater_id IS 'Keys of people who rate.';
        COMMENT ON SEQUENCE core.pseudo_rater_id IS 'Keys of critics and generated users.';
        CREATE TABLE core.rater (
            user_id integer PRIMARY KEY,
            kind text NOT NULL CHECK (kind IN ('imported', 'account', 'critic', 'fake')),
            source text NOT NULL,
            source_key text NOT NULL,
            UNIQUE (source, source_key),
            CHECK ((kind IN ('critic', 'fake')) = (user_id < 0))
        );
        COMMENT ON TABLE core.rater IS
            'Everybody who rates. Keys below zero are critics and generated users: never fans.';
        COMMENT ON COLUMN core.rater.source_key IS 'what the source calls this rater';

        -- Widest first: no byte of a row is lost to padding.
        CREATE TABLE core.rating (
            rated_at timestamptz,
            user_id integer NOT NULL,
            movie_id integer NOT NULL,
            half_stars smallint NOT NULL,
            CONSTRAINT rating_pkey PRIMARY KEY (user_id, movie_id) INCLUDE (half_stars),
            CONSTRAINT rating_half_stars_check CHECK (half_stars BETWEEN 1 AND 10),
            CONSTRAINT rating_user_id_fkey
                FOREIGN KEY (user_id) REFERENCES core.rater ON DELETE CASCADE
        );
        -- The fans of a movie by the index alone.
        CREATE INDEX rating_fans_idx ON core.rating (movie_id, user_id)
            WHERE half_stars = 10 AND user_id > 0;
        COMMENT ON TABLE core.rating IS
            'One rating: 1 to 10 half-stars, shown to people as 0.5 to 5.0 stars.';
        COMMENT ON COLUMN core.rating.rated_at IS 'null where unknown';
        COMMENT ON COLUMN core.rating.movie_id IS
            'guarded through derived.movie_stats, which every write reaches: a foreign key here'
            ' would need a second index over all ratings';

        CREATE TABLE core.load_run (
            run_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            source text NOT NULL,
            loaded_at timestamptz NOT NULL DEFAULT now(),
            report jsonb NOT NULL
        );
        COMMENT ON TABLE core.load_run IS 'What each load read, kept and turned away.';

        CREATE TABLE core.load_reject (
            run_id integer NOT NULL REFERENCES core.load_run ON DELETE CASCADE,
            file text NOT NULL,
            line bigint NOT NULL,
            reason text NOT NULL,
            record text
        );
        CREATE INDEX load_reject_run_id_idx ON core.load_reject (run_id, file, line);
        COMMENT ON TABLE core.load_reject IS
            'Rows of the last load of each source that did not land, with file, line and reason.';

        CREATE TABLE derived.movie_stats (
            movie_id integer PRIMARY KEY REFERENCES core.movie,
            stars_05 integer NOT NULL DEFAULT 0,
            stars_10 integer NOT NULL DEFAULT 0,
            stars_15 integer NOT NULL DEFAULT 0,
            stars_20 integer NOT NULL DEFAULT 0,
            stars_25 integer NOT NULL DEFAULT 0,
            stars_30 integer NOT NULL DEFAULT 0,
            stars_35 integer NOT NULL DEFAULT 0,
            stars_40 integer NOT NULL DEFAULT 0,
            stars_45 integer NOT NULL DEFAULT 0,
            stars_50 integer NOT NULL DEFAULT 0,
            raters integer GENERATED ALWAYS AS (
                stars_05 + stars_10 + stars_15 + stars_20 + stars_25
                + stars_30 + stars_35 + stars_40 + stars_45 + stars_50
            ) STORED,
            half_stars bigint GENERATED ALWAYS AS (
                stars_05 + 2::bigint * stars_10 + 3::bigint * stars_15 + 4::bigint * stars_20
                + 5::bigint * stars_25 + 6::bigint * stars_30 + 7::bigint * stars_35
                + 8::bigint * stars_40 + 9::bigint * stars_45 + 10::bigint * stars_50
            ) STORED
        );
        COMMENT ON TABLE derived.movie_stats IS
            'How many people gave a movie each number of stars. Kept exact by triggers on'
            ' core.rating; critics and generated users are not counted.';
        COMMENT ON COLUMN derived.movie_stats.stars_50 IS 'its fans: raters who gave exactly 5.0';
        COMMENT ON COLUMN derived.movie_stats.half_stars IS 'the sum over all raters';

        CREATE TABLE derived.feature_stats (
            feature_id integer PRIMARY KEY REFERENCES core.feature ON DELETE CASCADE,
            movies integer NOT NULL
        );
        COMMENT ON TABLE derived.feature_stats IS
            'The document frequency of a feature: how many movies have it. Kept by triggers.';

        CREATE TABLE derived.catalogue (
            only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
            movies integer NOT NULL
        );
        INSERT INTO derived.catalogue (movies) VALUES (0);
        COMMENT ON TABLE derived.catalogue IS 'How many movies there are. Kept by triggers.';

        CREATE TABLE derived.shelf (
            category_id integer NOT NULL,
            place integer NOT NULL,
            movie_id integer NOT NULL REFERENCES core.movie ON DELETE CASCADE,
            PRIMARY KEY (category_id, place)
        );
        CREATE INDEX shelf_movie_id_idx ON derived.shelf (movie_id);
        COMMENT ON TABLE derived.shelf IS
            'The movies of a category that are fit to be shown, numbered from 1 without a gap in'
            ' an order of no meaning: a random movie is a random number.';
        COMMENT ON COLUMN derived.shelf.category_id IS
            'the feature_id of a genre; 0 holds the candidates for the header of the home page';
        """.replace("{fold_title}", FOLD.format("title")).replace(
            "{fold_original}", FOLD.format("original_title")
        )
    )
