"""What services on the net have answered about movies: TMDB and OMDb."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE core.fetched (
            service text NOT NULL CHECK (service IN ('tmdb', 'omdb')),
            movie_id integer NOT NULL REFERENCES core.movie ON DELETE CASCADE,
            resource text NOT NULL,
            fetched_at timestamptz NOT NULL DEFAULT now(),
            status smallint NOT NULL CHECK (status IN (200, 404)),
            answer jsonb,
            PRIMARY KEY (service, movie_id),
            CHECK ((status = 200) = (answer IS NOT NULL))
        );
        CREATE INDEX fetched_movie_id_idx ON core.fetched (movie_id);
        COMMENT ON TABLE core.fetched IS
            'The last answer of each service about a movie, as far as it is of use.';
        COMMENT ON COLUMN core.fetched.resource IS
            'what was asked for, in the service''s own words; never with a key';
        COMMENT ON COLUMN core.fetched.status IS
            '200 answered, 404 the service knows no such movie: kept as well, for a shorter time';

        CREATE TABLE core.trailer (
            movie_id integer PRIMARY KEY REFERENCES core.movie ON DELETE CASCADE,
            youtube_key text NOT NULL CHECK (youtube_key ~ '^[A-Za-z0-9_-]{6,20}$'),
            name text
        );
        COMMENT ON TABLE core.trailer IS
            'The trailer of a movie at YouTube, as TMDB names it. A page links to it.';

        -- A film found by its IMDb id is looked for among the links as well.
        CREATE INDEX movielens_link_imdb_id_idx ON core.movielens_link (imdb_id);

        COMMENT ON COLUMN core.movie.source IS
            'which load brought it first: kaggle, movielens, demo; omdb: somebody looked it up';
        """
    )
