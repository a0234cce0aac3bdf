"""What pages need at once: totals that are kept, and ways to the first rows of a search."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE derived.tally (
            slot integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            raters bigint NOT NULL DEFAULT 0,
            ratings bigint NOT NULL DEFAULT 0
        );
        COMMENT ON TABLE derived.tally IS
            'How many people rate and how many ratings they gave, in parts: only the sums have a'
            ' meaning. A writer adds to a part that nobody else holds, so that raters do not wait'
            ' for each other or for a load. Kept by triggers.';
        COMMENT ON COLUMN derived.tally.raters IS 'real people: critics and generated users not';
        COMMENT ON COLUMN derived.tally.ratings IS 'as in derived.movie_stats';
        INSERT INTO derived.tally (raters, ratings)
        SELECT
            (SELECT count(*) FROM core.rater WHERE user_id > 0),
            (SELECT COALESCE(sum(raters), 0) FROM derived.movie_stats);

        -- The most rated movies first: where the search for a short word begins.
        CREATE INDEX movie_stats_raters_idx ON derived.movie_stats (raters, movie_id);

        -- A hash, since a title may be longer than a btree takes.
        CREATE INDEX movie_title_key_idx ON core.movie USING hash (title_key);
        CREATE INDEX movie_original_key_idx ON core.movie USING hash (original_key)
            WHERE original_key IS NOT NULL;

        -- A random card of a category is one look into one table.
        ALTER TABLE derived.shelf
            ADD COLUMN title text, ADD COLUMN year smallint, ADD COLUMN poster_path text;
        UPDATE derived.shelf
        SET title = movie.title, year = movie.year, poster_path = movie.poster_path
        FROM core.movie
        WHERE movie.movie_id = shelf.movie_id;
        ALTER TABLE derived.shelf ALTER COLUMN title SET NOT NULL;
        COMMENT ON COLUMN derived.shelf.title IS
            'title, year and poster_path are as in core.movie, and kept so by a trigger: a home'
            ' page shows 200 of them';
        """
    )
    # The words of a title were reckoned anew for every row looked at. A generated column cannot
    # be made of others, so it repeats how the keys are folded, word for word.
    op.execute(
        """
        DO $$
        BEGIN
            EXECUTE (
                SELECT format(
                    $alter$
                    ALTER TABLE core.movie ADD COLUMN search_words tsvector GENERATED ALWAYS AS (
                        to_tsvector(
                            'simple', (%s) || ' ' || COALESCE((%s), '') || ' '
                            || COALESCE(year::text, '')
                        )
                    ) STORED
                    $alter$,
                    max(folded) FILTER (WHERE attname = 'title_key'),
                    max(folded) FILTER (WHERE attname = 'original_key')
                )
                FROM (
                    SELECT attname, pg_get_expr(adbin, adrelid) AS folded
                    FROM pg_attribute
                    INNER JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
                    WHERE attrelid = 'core.movie'::regclass
                ) AS key
            );
        END
        $$;
        DROP INDEX core.movie_search_idx;
        CREATE INDEX movie_search_idx ON core.movie USING gin (search_words);
        COMMENT ON COLUMN core.movie.search_words IS
            'the words of title_key, original_key and year: what a search looks through';
        """
    )
