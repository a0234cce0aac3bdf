"""Finding: words of titles and their misspellings, names of people, orders to browse in."""

from alembic import op

revision = "0011"
down_revision = "0010"

# As the keys of core.movie are folded.
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
        CREATE TABLE derived.title_word (
            word text COLLATE "C" PRIMARY KEY,
            movies integer NOT NULL,
            shortened text[] COLLATE "C" NOT NULL
        );
        COMMENT ON TABLE derived.title_word IS
            'The words of titles, with their misspellings: what a search may have meant. Kept by'
            ' triggers of core.movie.';
        COMMENT ON COLUMN derived.title_word.movies IS
            'how many movies have it in title, original title or year; none for adults only'
            ' counts. A word that went has 0';
        COMMENT ON COLUMN derived.title_word.shortened IS
            'the word, and all that is left of it when one letter is missing; {} for very short'
            ' and very long ones';
        INSERT INTO derived.title_word (word, movies, shortened)
        SELECT
            counted.word,
            counted.movies,
            ARRAY(
                SELECT DISTINCT (
                    left(counted.word, place - 1) || substr(counted.word, place + 1)
                ) COLLATE "C" AS word
                FROM generate_series(1, length(counted.word) + 1) AS place
                WHERE length(counted.word) BETWEEN 3 AND 24
                ORDER BY word
            )
        FROM (
            SELECT lexeme COLLATE "C" AS word, count(*) AS movies
            FROM core.movie
            CROSS JOIN LATERAL unnest(tsvector_to_array(movie.search_words)) AS lexeme
            WHERE NOT movie.adult
            GROUP BY lexeme COLLATE "C"
        ) AS counted;
        CREATE INDEX title_word_shortened_idx ON derived.title_word USING gin (shortened);

        -- Filters look at all movies: here, and not at their texts.
        CREATE INDEX movie_browse_idx ON core.movie (year, runtime, movie_id)
            INCLUDE (release_date) WHERE NOT adult;
        -- The orders of a long list, from which its first pages are read.
        CREATE INDEX movie_came_out_idx ON core.movie (
            (COALESCE(release_date, make_date(year::integer, 1, 1))), movie_id
        ) WHERE NOT adult;
        -- Of a title that is too long for a btree the beginning.
        CREATE INDEX movie_title_order_idx ON core.movie (
            (left(title_key, 100) COLLATE "C"), movie_id
        ) WHERE NOT adult;
        """
    )
    op.execute(
        f"""
        ALTER TABLE core.person ADD COLUMN search_words tsvector
            GENERATED ALWAYS AS (to_tsvector('simple', {FOLD.format("name")})) STORED;
        CREATE INDEX person_search_idx ON core.person USING gin (search_words);
        COMMENT ON COLUMN core.person.search_words IS
            'the words of the name, folded as titles are; what a search looks through';
        """
    )
