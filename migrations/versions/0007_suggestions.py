"""Suggestions stored for each user, and a short way to the critics."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.execute(
        """
        -- A handful among hundreds of thousands of raters.
        CREATE INDEX rater_critics_idx ON core.rater (user_id) WHERE kind = 'critic';
        """
    )
