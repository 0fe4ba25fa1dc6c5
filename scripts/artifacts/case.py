"""A fixture: `<name>/layout`, an OCI layout with the tags `left` and `right`, and `<name>/expect.json`."""

import contextlib
import json
import pathlib
import shutil

from layout import Layout

NO = {"identical", "repackaged", "cosmetic"}


class Family:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        shutil.rmtree(self.folder, ignore_errors=True)
        self.names = []

    @contextlib.contextmanager
    def case(self, name, level, why, include=(), exclude=()):
        """`level` is what a right verdict may be: one level, or several where more than one can be argued."""
        here = self.folder / name
        layout = Layout(here / "layout")
        yield layout
        layout.close()
        levels = [level] if isinstance(level, str) else list(level)
        expect = {"level": levels, "mustInclude": list(include), "mustNotInclude": list(exclude), "why": why}
        (here / "expect.json").write_text(json.dumps(expect, indent=1) + "\n")
        self.names.append(name)
