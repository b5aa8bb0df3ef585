"""Finds the browser that the tests drive; as a program, installs it where it may.

    python tests/e2e/chromium.py

Needs nothing but the standard library, for it runs before the tests do.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
PACKAGES = ("chromium", "fonts-dejavu-core")


def find() -> str | None:
    """The path of a Chromium: `CHROMIUM_BINARY`, else the first of NAMES on the path."""
    if named := os.environ.get("CHROMIUM_BINARY"):
        return shutil.which(named)
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def install() -> None:
    """Installs Debian's Chromium; needs root. Raises CalledProcessError."""
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *PACKAGES],
    ):
        subprocess.run(command, check=True, env=quiet, stdout=sys.stderr)


def main() -> int:
    """Exit status 0 when a browser is there in the end."""
    if find():
        return 0
    debian = Path("/etc/debian_version").exists() and shutil.which("apt-get")
    if debian and os.geteuid() == 0:
        print("Installing Chromium for the browser tests …", file=sys.stderr)
        install()
        if find():
            return 0
    command = f"sudo apt-get install {' '.join(PACKAGES)}" if debian else "install Chromium"
    print(f"The browser tests need Chromium. Type: {command}", file=sys.stderr)
    print("Or name one in CHROMIUM_BINARY.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
