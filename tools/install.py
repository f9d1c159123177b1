"""Install Python packages into this environment: with uv, or with pip where uv cannot.

Takes the arguments both understand, for example ``--require-hashes -r requirements/run.txt``.
Standard library only, since it runs before anything is installed.
"""

import subprocess
import sys
from pathlib import Path


def install(*arguments: str) -> None:
    """Install into the environment of the running Python.

    uv reads no pip.conf, so a machine that must use a mirror arrives at pip by itself.
    Raises: CalledProcessError when neither could.
    """
    python = sys.executable
    uv = Path(sys.prefix) / "bin" / "uv"
    if uv.exists():
        with_uv = [str(uv), "pip", "install", "--quiet", "--python", python, *arguments]
        if subprocess.run(with_uv, check=False).returncode == 0:
            return
        print("uv could not; trying pip ...", flush=True)
    with_pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*with_pip, *arguments], check=True)


if __name__ == "__main__":
    try:
        install(*sys.argv[1:])
    except subprocess.CalledProcessError as error:
        sys.exit(error.returncode)
