"""Pairs of images of which one side cannot be read."""

import image
from images import DAY, FILES, ZSTD, built, edited, remade


def make(images):
    base = image.layer(FILES, DAY)
    changed = image.layer(edited(**{"etc/horn.conf": "every = 20s\n"}), DAY)
    packed = image.compressed(changed)

    def after(name, act):
        for path in (images.family.folder / name / "layout" / "blobs" / "sha256").iterdir():
            if path.read_bytes() == packed:
                act(path)

    images.pair(
        "layer-missing",
        "unknown",
        "The right side's layer is gone.",
        built([base]),
        built([changed]),
        ["unreadable"],
        ["file.bytes"],
    )
    after("layer-missing", lambda path: path.unlink())
    images.pair(
        "layer-forged",
        "unknown",
        "The right side's layer does not match its digest: it is refused.",
        built([base]),
        built([changed]),
        ["unreadable"],
        ["file.bytes"],
    )
    after("layer-forged", lambda path: path.write_bytes(packed[:-1] + b"\1"))
    images.pair(
        "layer-cut",
        "unknown",
        "The right side's layer ends in the middle of its gzip stream.",
        built([base]),
        built([changed], compress=lambda tar: image.compressed(tar)[:-40]),
        ["unreadable"],
    )
    zeros = image.layer(edited(**{"var/zeros": "\0" * (32 << 20)}), DAY)
    images.pair(
        "layer-bomb",
        "unknown",
        "Far more comes out of the right side's zstd layer than an honest one could hold: it is not read to its end.",
        built([base]),
        built([zeros], **ZSTD),
        ["limit.reached"],
        ["unreadable"],
    )
    images.pair(
        "manifest-both",
        "unknown",
        "The right side has layers and manifests at once: an ambiguous document is refused.",
        built([base]),
        remade(lambda shape, _: {**shape, "manifests": []}),
        ["unreadable"],
    )
