"""Accounts, their sessions, and what they keep."""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE core.account (
            user_id integer PRIMARY KEY REFERENCES core.rater ON DELETE CASCADE,
            name text NOT NULL,
            -- Nobody may pose as somebody by another spelling of the same letters.
            name_key text NOT NULL UNIQUE GENERATED ALWAYS AS (lower(normalize(name, NFKC))) STORED,
            password_hash text NOT NULL CHECK (password_hash LIKE '$argon2id$%'),
            created_at timestamptz NOT NULL DEFAULT now(),
            password_set_at timestamptz NOT NULL DEFAULT now()
        );
        COMMENT ON TABLE core.account IS 'A rater who can sign in.';
        COMMENT ON COLUMN core.account.name IS 'as chosen; case and width do not tell names apart';
        COMMENT ON COLUMN core.account.password_hash IS 'argon2id, in its own notation';

        CREATE TABLE core.session (
            token_hash bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
            user_id integer NOT NULL REFERENCES core.account ON DELETE CASCADE,
            started_at timestamptz NOT NULL,
            renewed_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL
        );
        CREATE INDEX session_user_id_idx ON core.session (user_id);
        COMMENT ON TABLE core.session IS 'Who is signed in. Deleting a row signs that browser out.';
        COMMENT ON COLUMN core.session.token_hash IS
            'sha256 of what the browser holds: whoever reads this table can sign in as nobody';
        COMMENT ON COLUMN core.session.started_at IS 'when the password was given';
        COMMENT ON COLUMN core.session.renewed_at IS 'when the browser got its present token';

        CREATE TABLE core.attempt (
            what text NOT NULL,
            subject text NOT NULL,
            tried_at timestamptz[] NOT NULL,
            last_at timestamptz NOT NULL,
            PRIMARY KEY (what, subject)
        );
        CREATE INDEX attempt_last_at_idx ON core.attempt (last_at);
        COMMENT ON TABLE core.attempt IS
            'The latest tries at something that may be tried only so often. Rows of yesterday go.';
        COMMENT ON COLUMN core.attempt.subject IS
            'an address (of IPv6 its /64), or the sha256 of the name of an account';

        CREATE TABLE core.mark (
            user_id integer NOT NULL REFERENCES core.rater ON DELETE CASCADE,
            movie_id integer NOT NULL REFERENCES core.movie ON DELETE CASCADE,
            kind text NOT NULL CHECK (kind IN ('watch', 'hide')),
            marked_at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (user_id, movie_id)
        );
        CREATE INDEX mark_movie_id_idx ON core.mark (movie_id);
        COMMENT ON TABLE core.mark IS
            'A movie that somebody wants to watch, or never to see in a list. Never both.';
        COMMENT ON COLUMN core.mark.kind IS 'watch: on the watchlist; hide: not interested';

        CREATE TABLE core.secret (
            name text PRIMARY KEY,
            value text NOT NULL
        );
        -- Two random uuids hold 244 bits of the server's own strong randomness.
        INSERT INTO core.secret (name, value)
        VALUES ('forms', replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''));
        COMMENT ON TABLE core.secret IS
            'Keys that all processes of the site share. forms: signs the tokens in forms.';

        CREATE TABLE derived.also_liked_leaver (
            movie_id integer NOT NULL REFERENCES derived.also_liked ON DELETE CASCADE,
            user_id integer NOT NULL,
            left_by xid8 NOT NULL DEFAULT pg_current_xact_id(),
            PRIMARY KEY (movie_id, user_id)
        );
        CREATE INDEX also_liked_leaver_user_id_idx ON derived.also_liked_leaver (user_id);
        COMMENT ON TABLE derived.also_liked_leaver IS
            'Whom a stored list still counts as a fan, although the 5.0 stars are taken back. If'
            ' that rater is deleted, the list has to go.';
        COMMENT ON COLUMN derived.also_liked_leaver.left_by IS
            'the transaction: a refresh takes away the leavers that its snapshot saw';
        """
    )
