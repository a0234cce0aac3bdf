"""Make sure that there is a browser for the tests; `make test` runs this first."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HINT = "install Chromium (Debian: apt-get install chromium; Fedora: dnf install chromium)"


def browser() -> str | None:
    """Return the path of a Chromium that is installed."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def main() -> int:
    """Install Debian's Chromium where that is possible; else say what to do."""
    if browser():
        return 0
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing Chromium for the browser tests …", flush=True)
        quiet = {"DEBIAN_FRONTEND": "noninteractive", **os.environ}
        for words in (["update"], ["install", "--yes", "--no-install-recommends", "chromium"]):
            subprocess.run(["apt-get", "-qq", *words], env=quiet, check=False, stdout=sys.stderr)
        if browser():
            return 0
    print(f"The browser tests need Chromium, which is not here: {HINT}.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
