"""What stored suggestions rest on, and the most liked movies by index."""

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE core.suggestion_list ADD COLUMN basis bigint;
        COMMENT ON COLUMN core.suggestion_list.basis IS
            'a hash of the ratings that the list rests on; null where nobody knows them. Where the'
            ' ratings of the user have another, the list is not served';

        CREATE INDEX movie_stats_likers_idx ON derived.movie_stats
            ((stars_40 + stars_45 + stars_50) DESC, movie_id);
        """
    )
