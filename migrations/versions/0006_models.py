"""Trained models: runs, item weights, factors, neighbours."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE derived.model_run (
            run_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            model text NOT NULL CHECK (model <> ''),
            family text NOT NULL CHECK (family IN ('item', 'factor', 'user')),
            state text NOT NULL CHECK (state IN ('current', 'former', 'evaluation')),
            input text NOT NULL CHECK (input IN ('grades', 'residuals')),
            grades integer[] NOT NULL CHECK (cardinality(grades) = 10),
            ranks_by text NOT NULL CHECK (ranks_by IN ('score', 'base', 'stars')),
            neighbours integer NOT NULL DEFAULT 0,
            mean_stars double precision NOT NULL,
            user_damping double precision NOT NULL,
            slope double precision NOT NULL,
            power double precision NOT NULL,
            error_low double precision NOT NULL,
            error_high double precision NOT NULL,
            parameters jsonb NOT NULL,
            seed bigint NOT NULL,
            fingerprint text NOT NULL,
            ratings bigint NOT NULL,
            raters integer NOT NULL,
            movies integer NOT NULL,
            seconds double precision NOT NULL,
            metrics jsonb NOT NULL,
            trained_at timestamptz NOT NULL DEFAULT clock_timestamp()
        );
        CREATE UNIQUE INDEX model_run_current_idx ON derived.model_run (model)
            WHERE state = 'current';
        CREATE UNIQUE INDEX model_run_former_idx ON derived.model_run (model)
            WHERE state = 'former';
        COMMENT ON TABLE derived.model_run IS
            'One training of a model, with all that predicting needs besides the rows of the run.'
            ' Written by recsql train.';
        COMMENT ON COLUMN derived.model_run.family IS
            'item: derived.movie_weight; factor: derived.movie_factor, read with pgvector;'
            ' user: derived.movie_rater and derived.rater_profile';
        COMMENT ON COLUMN derived.model_run.state IS
            'current: what api serves, one a model; former: the one before; evaluation: trained on'
            ' a part of the ratings, to be measured on the rest';
        COMMENT ON COLUMN derived.model_run.input IS
            'what a rating puts in: grades of its stars, or the residual that the baseline leaves';
        COMMENT ON COLUMN derived.model_run.grades IS
            'what 1 to 10 half-stars count as input, in millionths';
        COMMENT ON COLUMN derived.model_run.ranks_by IS
            'score: the evidence alone; base: on top of what the model gives a movie before any'
            ' rating; stars: the predicted stars';
        COMMENT ON COLUMN derived.model_run.neighbours IS
            'family user: how many nearest raters are heard';
        COMMENT ON COLUMN derived.model_run.mean_stars IS
            'of all ratings: the baseline of a movie that the run does not know';
        COMMENT ON COLUMN derived.model_run.user_damping IS
            'how many ratings at the baseline a user''s own offset is damped with';
        COMMENT ON COLUMN derived.model_run.slope IS
            'stars = mean of the movie + offset of the user + slope * evidence / n ^ power, with n'
            ' ratings of the user; both fitted on ratings held out of training';
        COMMENT ON COLUMN derived.model_run.error_low IS
            '2.5% of the held-out ratings lay further below the prediction than this, in stars';
        COMMENT ON COLUMN derived.model_run.error_high IS
            '2.5% of the held-out ratings lay further above the prediction than this, in stars';
        COMMENT ON COLUMN derived.model_run.fingerprint IS
            'of the ratings it was trained on: equal data, equal fingerprint';
        COMMENT ON COLUMN derived.model_run.metrics IS
            'measured on ratings held out of training: rmse and mae in stars, of the baseline too';

        CREATE TABLE derived.model_movie (
            run_id integer NOT NULL REFERENCES derived.model_run ON DELETE CASCADE,
            movie_id integer NOT NULL,
            mean_stars double precision NOT NULL,
            base double precision NOT NULL DEFAULT 0,
            PRIMARY KEY (run_id, movie_id) INCLUDE (mean_stars, base)
        );
        COMMENT ON TABLE derived.model_movie IS
            'The movies that a run knows. Not tied to core.movie: one that is deleted is left out'
            ' by who reads, until the next training.';
        COMMENT ON COLUMN derived.model_movie.mean_stars IS
            'its damped mean among the ratings of the run';
        COMMENT ON COLUMN derived.model_movie.base IS
            'what the model gives it before it hears of any rating; 0 where it has no such thing';

        CREATE TABLE derived.movie_weight (
            run_id integer NOT NULL REFERENCES derived.model_run ON DELETE CASCADE,
            movie_id integer NOT NULL,
            others integer[] NOT NULL,
            weights integer[] NOT NULL,
            PRIMARY KEY (run_id, movie_id),
            CHECK (cardinality(others) = cardinality(weights))
        )
        -- rows of some thousand bytes stay whole: they are read by the hundred
        WITH (toast_tuple_target = 8160);
        COMMENT ON TABLE derived.movie_weight IS
            'How much a rating of a movie says for each other one: the strongest weights alone, one'
            ' row a movie.';
        COMMENT ON COLUMN derived.movie_weight.others IS
            'movie ids, ascending; weights run in step with it';
        COMMENT ON COLUMN derived.movie_weight.weights IS 'in millionths';

        CREATE TABLE derived.movie_factor (
            run_id integer NOT NULL REFERENCES derived.model_run ON DELETE CASCADE,
            movie_id integer NOT NULL,
            taste real[] NOT NULL,
            place real[] NOT NULL,
            PRIMARY KEY (run_id, movie_id),
            CHECK (cardinality(taste) = cardinality(place))
        );
        COMMENT ON TABLE derived.movie_factor IS
            'Two vectors a movie. A user stands where the tastes of what they rated add up to; the'
            ' score of a movie is the inner product with its place.';
        COMMENT ON COLUMN derived.movie_factor.taste IS
            'what a rating of this movie adds to the user: (Q''Q + lambda I)^-1 q, or as fitted';
        COMMENT ON COLUMN derived.movie_factor.place IS 'the factors q of the movie';

        CREATE TABLE derived.rater_factor (
            run_id integer NOT NULL REFERENCES derived.model_run ON DELETE CASCADE,
            user_id integer NOT NULL REFERENCES core.rater ON DELETE CASCADE,
            place real[] NOT NULL,
            PRIMARY KEY (run_id, user_id)
        );
        CREATE INDEX rater_factor_user_id_idx ON derived.rater_factor (user_id);
        COMMENT ON TABLE derived.rater_factor IS
            'Where raters stand in the space of a factor model, to find the nearest ones.';

        CREATE TABLE derived.movie_rater (
            run_id integer NOT NULL REFERENCES derived.model_run ON DELETE CASCADE,
            movie_id integer NOT NULL,
            raters integer[] NOT NULL,
            shares integer[] NOT NULL,
            PRIMARY KEY (run_id, movie_id),
            CHECK (cardinality(raters) = cardinality(shares))
        )
        -- rows of some thousand bytes stay whole: they are read by the hundred
        WITH (toast_tuple_target = 8160);
        COMMENT ON TABLE derived.movie_rater IS
            'Who of the possible neighbours rated a movie, raters ascending, one row a movie.';
        COMMENT ON COLUMN derived.movie_rater.shares IS
            'the grade given, over the length of all the rater''s grades, in millionths; in step'
            ' with raters';

        CREATE TABLE derived.rater_profile (
            run_id integer NOT NULL REFERENCES derived.model_run ON DELETE CASCADE,
            user_id integer NOT NULL REFERENCES core.rater ON DELETE CASCADE,
            movies integer[] NOT NULL,
            grades integer[] NOT NULL,
            PRIMARY KEY (run_id, user_id),
            CHECK (cardinality(movies) = cardinality(grades))
        )
        -- rows of some thousand bytes stay whole: they are read by the hundred
        WITH (toast_tuple_target = 8160);
        CREATE INDEX rater_profile_user_id_idx ON derived.rater_profile (user_id);
        COMMENT ON TABLE derived.rater_profile IS
            'What a possible neighbour rated, movies ascending, one row a rater.';
        COMMENT ON COLUMN derived.rater_profile.grades IS 'in millionths; in step with movies';
        """
    )
