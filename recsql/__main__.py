"""`python -m recsql` is the same as `recsql`."""

from recsql.cli import main

main()
