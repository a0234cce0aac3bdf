"""Stored candidates of similar movies, and which movies have changed since."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE derived.similar_movies (
            movie_id integer PRIMARY KEY REFERENCES core.movie ON DELETE CASCADE,
            depth integer NOT NULL,
            refreshed_at timestamptz NOT NULL DEFAULT now(),
            features integer[] NOT NULL,
            rarities integer[] NOT NULL,
            others integer[] NOT NULL,
            bar_shared integer NOT NULL,
            bar_rarity bigint NOT NULL,
            bar_rarity_alone bigint NOT NULL,
            CHECK (cardinality(features) = cardinality(rarities))
        );
        COMMENT ON TABLE derived.similar_movies IS
            'Which movies the most similar ones of a movie are among, one row a movie. They'
            ' are counted again whenever somebody asks, so a list is never out of date; the bars'
            ' prove that no other movie belongs before them. Written by recsql refresh.';
        COMMENT ON COLUMN derived.similar_movies.depth IS
            'about so many by each method: all that stand above the bars';
        COMMENT ON COLUMN derived.similar_movies.features IS
            'of the movie itself when the list was made, ascending: with others the list is void';
        COMMENT ON COLUMN derived.similar_movies.rarities IS
            'what its features were worth then, in step with features';
        COMMENT ON COLUMN derived.similar_movies.others IS 'movie ids, ascending';
        COMMENT ON COLUMN derived.similar_movies.bar_shared IS
            'no movie outside shared more features than this; 0: there is none outside';
        COMMENT ON COLUMN derived.similar_movies.bar_rarity IS
            'and none that shared so many had more rarity than this, in millionths';
        COMMENT ON COLUMN derived.similar_movies.bar_rarity_alone IS
            'no movie outside had more rarity than this, whatever it shared';

        CREATE TABLE derived.similar_change (
            movie_id integer PRIMARY KEY,
            is_seen boolean NOT NULL DEFAULT false
        );
        COMMENT ON TABLE derived.similar_change IS
            'Movies whose features have changed since the stored lists were made: each is a'
            ' candidate of every list. Kept by triggers on core.movie_feature.';
        COMMENT ON COLUMN derived.similar_change.is_seen IS
            'changed before the running refresh of all lists began, which takes it away at its end';
        -- what is here already was there before any list
        INSERT INTO derived.similar_change (movie_id)
        SELECT DISTINCT movie_id FROM core.movie_feature;
        """
    )
