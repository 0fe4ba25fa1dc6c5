"""Pairs of charts: real Helm (3.14, 3.17, 4.0) and GNU tar over edits of one small chart, charts/buoy."""

import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time

import helm
from case import NO
from source import CHARTS, edited

SOURCE = CHARTS / "buoy"
CONTENT = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
STAMP = 1_746_620_820  # 7 May 2025, 12:27 UTC


class Charts:
    def __init__(self, family, registry, work):
        self.family, self.registry, self.work = family, registry, work

    def source(self, *edits):
        """A copy of the chart with edits, as source.edited takes them."""
        return edited(self.work, "buoy", *edits)

    def packed(self, source, series="3.17", key=None):
        return helm.package(helm.program(series), source, tempfile.mkdtemp(dir=self.work), key)

    def pushed(self, layout, side, archive, series="3.17", stamp=STAMP, zone="UTC"):
        """`helm push`. From 3.15 on, `created` is the archive's own time, written in the zone of the machine."""
        os.utime(archive, (stamp, stamp))
        digest = helm.push(helm.program(series), archive, self.registry, "charts", zone)
        entry = self.registry.pull("charts/buoy", digest, layout)
        layout.tag(side, entry)
        return entry

    def pair(self, name, level, why, right, left=(), include=(), exclude=(), series=("3.17", "3.17")):
        """Two sources, packed and pushed by Helm."""
        sources = self.source(*left), self.source(*right)
        self.judge(name, level, sources)
        with self.family.case(name, level, why, include, exclude) as layout:
            for side, source, version in zip(("left", "right"), sources, series):
                if side == "right" and series[0] != series[1]:
                    # Helm 3 stamps entries with the time of packing, in seconds.
                    time.sleep(1.1)
                self.pushed(layout, side, self.packed(source, version), version)

    def judge(self, name, level, sources):
        """Helm is the judge: where the verdict is to be a "no", both sides render the same."""
        if not ({level} if isinstance(level, str) else set(level)) <= NO:
            return
        program = helm.program("3.17")
        rendered = [
            re.sub(r"(?m)^# Source:.*\n", "", helm.run(program, "template", "x", source, "--skip-tests"))
            for source in sources
        ]
        if rendered[0] != rendered[1]:
            sys.exit(f"{name}: Helm renders both sides differently, so this is a real change")

    @contextlib.contextmanager
    def archives(self, name, level, why, include=(), exclude=()):
        """Two archives (bytes) in one and the same manifest, so that only the archive differs."""
        with self.family.case(name, level, why, include, exclude) as layout:

            def put(left, right):
                first = self.registry.pull("charts/buoy", self.reference(), layout)
                shape = json.loads(layout.path(first["digest"]).read_bytes())
                layout.entries.remove(first)
                for part in shape["layers"]:
                    layout.path(part["digest"]).unlink()
                layout.path(first["digest"]).unlink()
                for side, data in (("left", left), ("right", right)):
                    layout.tag(side, layout.manifest({**shape, "layers": [layout.blob(data, CONTENT)]}))

            yield put

    def reference(self):
        """A push of the unchanged chart, whose config and annotations the hand-made manifests share."""
        if not hasattr(self, "pushed_once"):
            archive = self.packed(self.source())
            os.utime(archive, (STAMP, STAMP))
            self.pushed_once = helm.push(helm.program("3.17"), archive, self.registry, "charts")
        return self.pushed_once

    def gnu_tar(self, *options, edits=(), names=("buoy",), directories=False):
        """The chart as GNU tar packs it."""
        source = self.source(*edits)
        for path in [source, *source.rglob("*")]:
            path.chmod(0o755 if path.is_dir() else 0o644)
        if not directories:
            names = sorted(
                str(path.relative_to(source.parent))
                for path in source.rglob("*")
                if not path.is_dir() or path.is_symlink()
            )
        defaults = ["--format=ustar", f"--mtime=@{STAMP}", "--owner=0", "--group=0", "--numeric-owner", "--sort=name"]
        return subprocess.run(
            ["tar", "--create", "--directory", source.parent, *defaults, *options, *names],
            check=True,
            capture_output=True,
        ).stdout
