"""What the checks share: the files of the tree, and running many small jobs on all cores."""

import concurrent.futures
import os
import pathlib
import subprocess

CODE = (".cpp", ".hpp", ".h", ".c", ".def")


class Tree:
    """The project's files: what git knows or would add, or in a plain folder everything."""

    def __init__(self, root, build=None):
        self.root = pathlib.Path(root)
        self.build = pathlib.Path(build) if build else None

    def files(self):
        # The owner may be another than who runs this, under sudo for one.
        listing = ["git", "-c", "safe.directory=*", "-C", self.root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        if (self.root / ".git").exists():
            names = subprocess.run(listing, check=True, capture_output=True, text=True).stdout.split("\0")
        else:
            names = [str(path.relative_to(self.root)) for path in self.root.rglob("*") if not path.relative_to(self.root).parts[0].startswith("build")]
        return sorted(name for name in set(names) if name and (self.root / name).is_file())

    def text(self, path):
        return (self.root / path).read_text(encoding="utf-8", errors="replace")

    def exists(self, path):
        return (self.root / path).is_file()


def in_parallel(job, items):
    """The findings of job(item) for every item, in order."""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return [finding for findings in pool.map(job, items) for finding in findings]
