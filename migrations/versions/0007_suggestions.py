"""Suggestions stored for each user, and a short way to the critics."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.execute(
        """
        -- A handful among hundreds of thousands of raters.
        CREATE INDEX rater_critics_idx ON core.rater (user_id) WHERE kind = 'critic';

        CREATE TABLE core.suggestion_list (
            user_id integer PRIMARY KEY REFERENCES core.rater ON DELETE CASCADE,
            run_id integer,
            covered int4multirange NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now()
        );
        COMMENT ON TABLE core.suggestion_list IS
            'For whom suggestions are stored, and how far they reach. Written by recsql suggest.';
        COMMENT ON COLUMN core.suggestion_list.run_id IS
            'the derived.model_run that scored them; null where they are what is popular';
        COMMENT ON COLUMN core.suggestion_list.covered IS
            'which places of the movies by popularity were looked at, from 0';

        -- Widest first: no byte of a row is lost to padding.
        CREATE TABLE core.suggestion (
            points bigint NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            shown_at timestamptz,
            user_id integer NOT NULL,
            movie_id integer NOT NULL,
            run_id integer,
            rank integer NOT NULL CHECK (rank > 0),
            predicted_stars real NOT NULL CHECK (predicted_stars BETWEEN 0.5 AND 5),
            PRIMARY KEY (user_id, movie_id),
            CONSTRAINT suggestion_user_id_fkey
                FOREIGN KEY (user_id) REFERENCES core.rater ON DELETE CASCADE
        );
        COMMENT ON TABLE core.suggestion IS
            'A movie for a user, who had not rated it then. Written by recsql suggest.';
        COMMENT ON COLUMN core.suggestion.points IS 'the score in millionths';
        COMMENT ON COLUMN core.suggestion.shown_at IS
            'when it was last shown to the user; null where it never was';
        COMMENT ON COLUMN core.suggestion.movie_id IS
            'not tied to core.movie: one that is deleted is left out by who reads';
        COMMENT ON COLUMN core.suggestion.run_id IS
            'the derived.model_run that scored it, which may be gone since; null where it is there'
            ' for being popular';
        COMMENT ON COLUMN core.suggestion.rank IS 'place among those of the user, from 1';
        """
    )
