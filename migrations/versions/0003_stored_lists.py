"""Stored also-liked lists of the movies that are dear to reckon, and what has changed since."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE derived.also_liked (
            movie_id integer PRIMARY KEY REFERENCES core.movie ON DELETE CASCADE,
            fans integer NOT NULL,
            evidence bigint NOT NULL,
            depth integer NOT NULL,
            refreshed_at timestamptz NOT NULL DEFAULT now(),
            others integer[] NOT NULL,
            raters integer[] NOT NULL,
            half_stars integer[] NOT NULL,
            likes integer[] NOT NULL,
            CHECK (
                cardinality(others) = cardinality(raters)
                AND cardinality(others) = cardinality(half_stars)
                AND cardinality(others) = cardinality(likes)
            )
        );
        COMMENT ON TABLE derived.also_liked IS
            'What the fans of a movie starred besides, for movies with so many fans that it takes'
            ' long to reckon: one row a movie, so a list is replaced whole. Written by'
            ' recsql refresh.';
        COMMENT ON COLUMN derived.also_liked.fans IS 'raters who gave the movie 5.0';
        COMMENT ON COLUMN derived.also_liked.evidence IS
            'how many ratings of other movies the fans gave: what the list rests on';
        COMMENT ON COLUMN derived.also_liked.depth IS
            'the first so many of every method are among the others';
        COMMENT ON COLUMN derived.also_liked.others IS
            'movie ids; the three arrays beside it run in step with it';
        COMMENT ON COLUMN derived.also_liked.raters IS 'how many fans rated the other movie';
        COMMENT ON COLUMN derived.also_liked.half_stars IS 'the sum of what they gave';
        COMMENT ON COLUMN derived.also_liked.likes IS 'how many of them gave 4.0 or more';

        -- Appended to and never updated: writers of ratings do not wait for each other.
        CREATE TABLE derived.also_liked_change (
            movie_id integer NOT NULL,
            evidence integer NOT NULL,
            changed_by xid8 NOT NULL DEFAULT pg_current_xact_id()
        );
        CREATE INDEX also_liked_change_movie_id_idx ON derived.also_liked_change (movie_id);
        COMMENT ON TABLE derived.also_liked_change IS
            'How much of the evidence of a stored list has changed since it was reckoned.';
        COMMENT ON COLUMN derived.also_liked_change.changed_by IS
            'the transaction: a refresh takes away the changes that its snapshot saw';

        CREATE TABLE derived.refresh_run (
            what text PRIMARY KEY,
            started_at timestamptz NOT NULL,
            finished_at timestamptz
        );
        COMMENT ON TABLE derived.refresh_run IS
            'The last refresh of all lists: one that was cut off is taken up where it stopped.';
        """
    )
