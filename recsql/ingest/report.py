"""What a load did: rows by file and outcome, rows by table."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Report:
    """The account of one load, as it is kept in core.load_run and printed."""

    source: str
    path: str
    dry_run: bool
    files: list[dict[str, Any]] = field(default_factory=list)
    tables: list[dict[str, Any]] = field(default_factory=list)
    examples: list[dict[str, Any]] = field(default_factory=list)

    @property
    def rejected(self) -> int:
        """How many records did not land."""
        return sum(row["rows"] for row in self.files if row["outcome"] == "rejected")

    @property
    def changed(self) -> int:
        """How many rows of core were inserted, updated or deleted."""
        return sum(row["inserted"] + row["updated"] + row["deleted"] for row in self.tables)

    def landed(self, file: str) -> int:
        """How many records of a file landed."""
        return sum(
            row["rows"] for row in self.files if row["file"] == file and row["outcome"] == "landed"
        )

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON has it."""
        return {
            "source": self.source,
            "path": self.path,
            "dry_run": self.dry_run,
            "files": self.files,
            "tables": self.tables,
        }

    def lines(self) -> list[str]:
        """The report as people read it."""
        said: list[str] = []
        for file in dict.fromkeys(row["file"] for row in self.files):
            said.append(file)
            for row in self.files:
                if row["file"] == file:
                    what = row["outcome"] if row["reason"] is None else row["reason"]
                    mark = "rejected: " if row["outcome"] == "rejected" else ""
                    said.append(f"  {row['rows']:>12,}  {mark}{what}")
        if self.tables:
            said.append("tables")
        for row in self.tables:
            parts = [
                f"{row[kind]:,} {kind}"
                for kind in ("inserted", "updated", "deleted", "unchanged")
                if row[kind]
            ]
            said.append(f"  {row['table_name']}: {', '.join(parts) or 'nothing to do'}")
        return said
