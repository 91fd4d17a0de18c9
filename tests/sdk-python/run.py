"""The scenario with the official Python SDK: one environment, and a folder in it for each
release of the SDK, both made here.

Nothing is skipped: a Python that is too old, a package that cannot be installed and a
missing binary are failures that say what to do. `run.py dahlia` runs one release.
"""

import os
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).parent
ENVIRONMENT = HERE / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
# Stripe's breaking releases, oldest first, each with the SDK's last version for it.
RELEASES = {"acacia": "11.6.1", "basil": "12.5.2", "clover": "14.4.2", "dahlia": "15.6.2", "endive": "16.1.0"}


def install(*what):
    """Installs exactly this: everything that is needed is named with its version."""
    command = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", *what]
    subprocess.run(command, check=True)


def environment():
    """What every release of the SDK needs."""
    if not PYTHON.exists():
        try:
            venv.create(ENVIRONMENT, with_pip=True)
        except subprocess.CalledProcessError:
            sys.exit("this Python cannot make an environment with pip; install its venv module (python3-venv)")
    install("-r", HERE / "requirements.txt")


def sdk(release):
    """The folder with a release of the SDK."""
    version = RELEASES[release]
    folder = ENVIRONMENT / "stripe" / version
    if not (folder / f"stripe-{version}.dist-info" / "RECORD").exists():
        install("--target", folder, f"stripe=={version}")
    return folder


def tell(release):
    """Runs the scenario with a release of the SDK; gives whether it holds."""
    variables = {**os.environ, "PYTHONPATH": str(sdk(release))}
    return subprocess.run([PYTHON, "-m", "scenario", release], cwd=HERE, env=variables).returncode == 0


def main(releases):
    if sys.version_info < (3, 9):
        sys.exit(f"this needs Python 3.9 or newer, not {sys.version.split()[0]}")
    unknown = [release for release in releases if release not in RELEASES]
    if unknown:
        sys.exit(f"there is no release {unknown[0]}; there are {', '.join(RELEASES)}")
    environment()
    failed = [release for release in releases or RELEASES if not tell(release)]
    if failed:
        sys.exit(f"the scenario does not hold for {', '.join(failed)}")


if __name__ == "__main__":
    main(sys.argv[1:])
