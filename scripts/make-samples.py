#!/usr/bin/env python3
"""Makes the sample registry, static/demo: OCI layouts, and samples.json which says what each pair shows.

Charts are packed, signed and pushed by real Helm into a real registry, and read back from there. What the tools
stamp (times, signatures) differs at each run, so the files are kept in git; nothing that builds or tests needs this.

    scripts/make-samples.py            needs python3, gpg, openssl, GNU tar, docker-registry, Helm 3.14 and 3.17
    PAUSE=120 scripts/make-samples.py  seconds between two pushes of one tag (default 2)
"""

import contextlib
import json
import os
import pathlib
import shutil
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "artifacts"))
import cosign  # noqa: E402
import helm  # noqa: E402
import image  # noqa: E402
import registry as registries  # noqa: E402
from layout import Layout  # noqa: E402
from source import CHARTS, edited  # noqa: E402

OUT = HERE.parent / "static" / "demo"
PAUSE = float(os.environ.get("PAUSE", "2"))
# The address `tagdrift demo` answers on, as the signatures name it.
HOST = "127.0.0.1:8080"


class Samples:
    def __init__(self):
        self.rows = []

    @contextlib.contextmanager
    def repository(self, name, key):
        layout = Layout(OUT / name)
        layout.sign = lambda entry: cosign.sign(layout, entry, f"{HOST}/{name}", key)
        yield layout
        layout.close()

    def add(self, title, repository, tag, left, right, level, blurb):
        self.rows.append(
            {
                "title": title,
                "repository": repository,
                "tag": tag,
                "from": left["digest"],
                "to": right["digest"],
                "expectedLevel": level,
                "blurb": blurb,
            }
        )


def chart_pushes(work, registry, layout, chart, repository, tag, pushes):
    """Pushes (Helm, source, signing key) one after another under one tag; answers the manifests in that order."""
    entries = []
    for number, (program, source, key) in enumerate(pushes):
        if number:
            time.sleep(PAUSE)
        archive = helm.package(program, source, work / f"{chart}-{number}", key)
        digest = helm.push(program, archive, registry, repository.rpartition("/")[0])
        entry = registry.pull(repository, digest, layout)
        layout.sign(entry)
        entries.append(entry)
    layout.tag(tag, entries[-1])
    return entries


def incident(samples, work, registry, key, helm_key):
    """One tag, three pushes: the same source twice, then one CRD that no longer serves a version."""
    name, tag = "charts/tide-operator", "0.16.2"
    unserved = edited(
        work,
        "tide-operator",
        (
            "templates/crds/tidegauges.yaml",
            "    - name: v1beta1\n      served: true\n",
            "    - name: v1beta1\n      served: false\n      deprecated: true\n",
        ),
    )
    old, new = helm.program("3.14"), helm.program("3.17")
    source = CHARTS / "tide-operator"
    with samples.repository(name, key) as layout:
        first, second, third = chart_pushes(
            work,
            registry,
            layout,
            "tide-operator",
            name,
            tag,
            [(old, source, helm_key), (new, source, helm_key), (new, unserved, helm_key)],
        )
    samples.add(
        "The same chart, packed and pushed again",
        name,
        tag,
        first,
        second,
        "repackaged",
        "A pipeline ran twice. The tag has a new digest, and not one byte of a file differs.",
    )
    samples.add(
        "The same tag, and an API is gone",
        name,
        tag,
        second,
        third,
        "breaking",
        "The third push of that tag: one custom resource no longer serves v1beta1.",
    )


def comments(samples, work, registry, key):
    name, tag = "charts/beacon", "2.4.0"
    reworded = edited(
        work,
        "beacon",
        ("values.yaml", "# Number of pods.", "# How many pods serve the page."),
        ("README.md", "how high the water stands.", "how high the water stands, at a glance."),
    )
    program = helm.program("3.17")
    with samples.repository(name, key) as layout:
        left, right = chart_pushes(
            work, registry, layout, "beacon", name, tag, [(program, CHARTS / "beacon", None), (program, reworded, None)]
        )
    samples.add(
        "Only words changed",
        name,
        tag,
        left,
        right,
        "cosmetic",
        "A comment in values.yaml and a sentence of the README. Nothing that a cluster runs.",
    )


BASE = {
    "etc/passwd": "root:x:0:0:root:/:/bin/false\nserve:x:65532:65532:serve:/:/bin/false\n",
    "etc/ssl/certs.pem": "# The certificates of nobody, for a sample.\n",
}
APP = {
    "usr/bin/serve": ("#!/bin/sh\n# Stands for a program.\nexec lighthouse --config /etc/lighthouse.conf\n", 0o755),
    "etc/lighthouse.conf": "listen = 8080\nflash-every = 5s\ncolour = white\n",
}
MONDAY, TUESDAY = 1_746_441_000, 1_746_527_400  # 5 and 6 May 2025, 10:30 UTC
STAMPS = {MONDAY: "2025-05-05T10:30:00Z", TUESDAY: "2025-05-06T10:30:00Z"}


def images(samples, key):
    base = image.layer(BASE, MONDAY)

    def built(layout, files, when, architecture=None):
        return image.image(
            layout,
            [base, image.layer(files, when)],
            STAMPS[when],
            architecture or "amd64",
            listed=architecture is None,
            steps=["COPY base / # buildkit", "COPY app / # buildkit"],
        )

    def moved(layout, tag, left, right):
        for entry in (left, right):
            layout.sign(entry)
        layout.tag(tag, right)

    with samples.repository("images/stamps", key) as layout:
        left, right = built(layout, APP, MONDAY), built(layout, APP, TUESDAY)
        moved(layout, "1.8.0", left, right)
    samples.add(
        "An image built again",
        "images/stamps",
        "1.8.0",
        left,
        right,
        "repackaged",
        "Built a day later from the same files: other times in the layer and in the config, the same content.",
    )

    changed = {**APP, "etc/lighthouse.conf": "listen = 8080\nflash-every = 3s\ncolour = white\n"}
    with samples.repository("images/file", key) as layout:
        left, right = built(layout, APP, MONDAY), built(layout, changed, TUESDAY)
        moved(layout, "1.8.0", left, right)
    samples.add(
        "An image with one other file",
        "images/file",
        "1.8.0",
        left,
        right,
        "changed",
        "The same kind of rebuild, but a configuration file in it says something else.",
    )

    patched = {**APP, "usr/bin/serve": (APP["usr/bin/serve"][0].replace("--config", "--safe --config"), 0o755)}
    with samples.repository("images/two-platform", key) as layout:
        amd64 = built(layout, APP, MONDAY, "amd64")
        left = image.index(layout, [("amd64", amd64), ("arm64", built(layout, APP, MONDAY, "arm64"))])
        right = image.index(layout, [("amd64", amd64), ("arm64", built(layout, patched, TUESDAY, "arm64"))])
        moved(layout, "1.8.0", left, right)
    samples.add(
        "Two platforms, one rebuilt",
        "images/two-platform",
        "1.8.0",
        left,
        right,
        "changed",
        "linux/amd64 is untouched, linux/arm64 carries another program.",
    )


def main():
    samples = Samples()
    shutil.rmtree(OUT, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder, registries.running() as registry:
        work = pathlib.Path(folder)
        key = cosign.new_key(work)
        incident(samples, work, registry, key, helm.signing_key(work, "tide-operator"))
        comments(samples, work, registry, key)
        images(samples, key)
    (OUT / "samples.json").write_text(
        json.dumps({"schema": "tagdrift/samples/1", "samples": samples.rows}, indent=1) + "\n"
    )
    files = [path for path in OUT.rglob("*") if path.is_file()]
    print(
        f"{len(samples.rows)} samples, {len(files)} files, {sum(path.stat().st_size for path in files)} bytes in {OUT.relative_to(HERE.parent)}"
    )


main()
