"""Pairs of images: one small image and its variations."""

import io
import json
import tarfile

import image
from layout import OCI_LAYER_ZSTD
from tarball import entries, written

DAY, LATER = 1_746_441_000, 1_746_527_400
FIRST, SECOND = "2025-05-05T10:30:00Z", "2025-05-06T10:30:00Z"
FILES = {
    "bin/horn": ("#!/bin/sh\necho fog\n", 0o755),
    "etc/horn.conf": "every = 30s\n",
    "share/doc.txt": "Sounds in fog.\n",
}
ZSTD = dict(compress=image.by_zstd, layer_type=OCI_LAYER_ZSTD)
RUN = {"Env": ["PATH=/bin"], "Entrypoint": ["/bin/horn"], "User": "65532", "WorkingDir": "/"}


def single(name, kind, content=b"", mode=0o644, **fields):
    """One tar entry, by Python's tarfile in the PAX format; `fields` are TarInfo's."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        info = tarfile.TarInfo(name)
        info.type, info.size, info.mode, info.mtime = kind, len(content), mode, DAY
        for key, value in fields.items():
            setattr(info, key, value)
        archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def with_entries(tar, *singles):
    """A tar with further entries behind its own."""
    parts = [part for _, part in entries(tar)]
    return written([*parts, *(more[: len(more.rstrip(b"\0")) + 511 & ~511] for more in singles)])


class Images:
    def __init__(self, family):
        self.family = family

    def pair(self, name, level, why, left, right, include=(), exclude=()):
        """`left` and `right` store an image into the layout given and answer its descriptor."""
        with self.family.case(name, level, why, include, exclude) as layout:
            layout.tag("left", left(layout))
            layout.tag("right", right(layout))


def built(layers=None, created=FIRST, **how):
    layers = layers or [image.layer(FILES, DAY)]
    return lambda layout: image.image(layout, layers, created, **{"run": RUN, **how})


def remade(change):
    """The image with another manifest: `change` makes JSON or bytes out of its JSON."""

    def store(layout):
        entry = built(listed=False)(layout)
        shape = json.loads(layout.path(entry["digest"]).read_bytes())
        if entry not in layout.entries:
            layout.path(entry["digest"]).unlink()
        result = change(shape, layout)
        if isinstance(result, bytes):
            return layout.manifest(None, raw=result)
        return layout.manifest(result, result["mediaType"])

    return store


def edited(**files):
    """FILES with paths (dots and slashes as they are) replaced or, with None, removed."""
    changed = {**FILES, **files}
    return {path: content for path, content in changed.items() if content is not None}
