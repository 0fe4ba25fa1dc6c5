"""A fixture: `<name>/layout`, an OCI layout with the tags `left` and `right`, and `<name>/expect.json`."""

import contextlib
import json
import pathlib
import shutil
import tempfile

from layout import Layout

NO = {"identical", "repackaged", "cosmetic"}


class Family:
    def __init__(self, folder, only=()):
        """With `only`, fixtures of other names stay as they are."""
        self.folder, self.only = pathlib.Path(folder), only
        if not only:
            shutil.rmtree(self.folder, ignore_errors=True)
        self.names = []

    @contextlib.contextmanager
    def case(self, name, level, why, include=(), exclude=()):
        """`level` is what a right verdict may be: one level, or several where more than one can be argued."""
        wanted = not self.only or name in self.only
        here = self.folder / name if wanted else pathlib.Path(tempfile.mkdtemp())
        layout = Layout(here / "layout")
        yield layout
        layout.close()
        levels = [level] if isinstance(level, str) else list(level)
        expect = {"level": levels, "mustInclude": list(include), "mustNotInclude": list(exclude), "why": why}
        (here / "expect.json").write_text(json.dumps(expect, indent=1) + "\n")
        if wanted:
            self.names.append(name)
        else:
            shutil.rmtree(here)
