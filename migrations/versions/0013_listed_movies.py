"""What lists of movies are filtered and sorted by, in one narrow table."""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.execute(
        """
        -- Room in each page: a new rating changes a row in its place, and no index.
        CREATE TABLE derived.listed_movie (
            movie_id integer PRIMARY KEY REFERENCES core.movie ON DELETE CASCADE,
            raters integer NOT NULL DEFAULT 0,
            half_stars bigint NOT NULL DEFAULT 0,
            came_out date,
            runtime integer,
            year smallint,
            title_begin text COLLATE "C",
            features integer[] NOT NULL DEFAULT '{}'
        ) WITH (fillfactor = 90);
        COMMENT ON TABLE derived.listed_movie IS
            'The movies that lists show, none for adults only, with all that lists are filtered and'
            ' sorted by: 1,000 pages instead of three tables. Kept by triggers of core.movie,'
            ' core.movie_feature and derived.movie_stats.';
        COMMENT ON COLUMN derived.listed_movie.raters IS 'as in derived.movie_stats, or 0';
        COMMENT ON COLUMN derived.listed_movie.half_stars IS 'as in derived.movie_stats, or 0';
        COMMENT ON COLUMN derived.listed_movie.came_out IS
            'the release date; the first day of the year where only that is known';
        COMMENT ON COLUMN derived.listed_movie.runtime IS 'minutes';
        COMMENT ON COLUMN derived.listed_movie.title_begin IS
            'the first 100 letters of core.movie.title_key';
        COMMENT ON COLUMN derived.listed_movie.features IS
            'the genres, countries and languages, in ascending order';
        INSERT INTO derived.listed_movie (
            movie_id, raters, half_stars, came_out, runtime, year, title_begin, features
        )
        SELECT
            movie.movie_id, COALESCE(stats.raters, 0), COALESCE(stats.half_stars, 0),
            COALESCE(movie.release_date, make_date(movie.year::integer, 1, 1)), movie.runtime,
            movie.year, left(movie.title_key, 100), COALESCE(has.features, '{}')
        FROM core.movie
        LEFT JOIN derived.movie_stats AS stats ON stats.movie_id = movie.movie_id
        LEFT JOIN (
            SELECT
                movie_feature.movie_id,
                array_agg(feature.feature_id ORDER BY feature.feature_id) AS features
            FROM core.movie_feature
            INNER JOIN core.feature ON feature.feature_id = movie_feature.feature_id
            WHERE feature.kind IN ('genre', 'country', 'language')
            GROUP BY movie_feature.movie_id
        ) AS has ON has.movie_id = movie.movie_id
        WHERE NOT movie.adult
        ORDER BY movie.movie_id;
        CREATE INDEX listed_movie_year_idx ON derived.listed_movie (year);
        CREATE INDEX listed_movie_title_idx ON derived.listed_movie (title_begin, movie_id);
        ANALYZE derived.listed_movie;

        DROP INDEX core.movie_browse_idx;
        DROP INDEX core.movie_title_order_idx;
        """
    )
