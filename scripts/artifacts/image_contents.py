"""Pairs of images whose root file systems differ, or seem to."""

import tarfile

import image
from images import DAY, FILES, LATER, SECOND, built, edited, single, with_entries
from tarball import entries, written


def make(images):
    base, pair = image.layer(FILES, DAY), images.pair
    pair(
        "built-again",
        "repackaged",
        "Other times in the layer, the config and its history; nothing else.",
        built(),
        built([image.layer(FILES, LATER)], SECOND),
        ["config.created", "tar.mtime"],
        ["file.bytes", "config.value"],
    )
    pair(
        "file-bytes",
        "changed",
        "A configuration file says something else.",
        built(),
        built([image.layer(edited(**{"etc/horn.conf": "every = 20s\n"}), DAY)]),
        ["file.bytes"],
    )
    pair(
        "file-added",
        "changed",
        "A file more.",
        built(),
        built([image.layer(edited(**{"bin/bell": ("ding\n", 0o755)}), DAY)]),
        ["file.added"],
        ["file.removed"],
    )
    pair(
        "file-removed",
        "changed",
        "A file less.",
        built(),
        built([image.layer(edited(**{"etc/horn.conf": None}), DAY)]),
        ["file.removed"],
        ["file.added"],
    )
    pair(
        "file-renamed",
        "changed",
        "A program under another name.",
        built(),
        built([image.layer(edited(**{"bin/horn": None, "bin/foghorn": FILES["bin/horn"]}), DAY)]),
        ["file.renamed"],
    )
    pair(
        "file-mode",
        "changed",
        "A program may no longer be run by others.",
        built(),
        built([image.layer(edited(**{"bin/horn": (FILES["bin/horn"][0], 0o700)}), DAY)]),
        ["tar.mode"],
        ["file.bytes"],
    )
    pair(
        "setuid",
        "breaking",
        "A program runs as its owner.",
        built(),
        built([image.layer(edited(**{"bin/horn": (FILES["bin/horn"][0], 0o4755)}), DAY)]),
        ["tar.mode"],
    )
    for name, kind, left, right, code, level in (
        ("owner", tarfile.REGTYPE, {"uid": 0}, {"uid": 1000}, "tar.owner", "changed"),
        (
            "link-target",
            tarfile.SYMTYPE,
            {"linkname": "/bin/horn"},
            {"linkname": "/bin/sh"},
            "tar.link",
            ["changed", "breaking"],
        ),
        (
            "capability",
            tarfile.REGTYPE,
            {},
            {"pax_headers": {"SCHILY.xattr.security.capability": "\x01\x00\x00\x02\x00\x04"}},
            "tar.xattr",
            ["changed", "breaking"],
        ),
    ):
        pair(
            name,
            level,
            f"One entry's {name} changed.",
            *(built([with_entries(base, single("bin/extra", kind, **fields))]) for fields in (left, right)),
            [code],
        )
    gone = image.layer({"etc/.wh.horn.conf": ""}, DAY)
    pair(
        "whiteout",
        "changed",
        "A second layer takes a file away.",
        built([base, image.layer({"share/more.txt": "more\n"}, DAY)]),
        built([base, gone]),
        ["file.removed"],
    )
    pair(
        "added-and-taken-away",
        "repackaged",
        "One layer adds a file and the next takes it away: the same root file system.",
        built([base]),
        built([base, image.layer({"tmp/cache": "x\n"}, DAY), image.layer({".wh.tmp": ""}, DAY)]),
        ["layer.added"],
        ["file.added", "file.bytes"],
    )
    pair(
        "layer-split",
        ["repackaged", "changed"],
        "The same files in two layers instead of one.",
        built([base]),
        built(
            [
                image.layer(edited(**{"share/doc.txt": None}), DAY),
                image.layer({"share/doc.txt": FILES["share/doc.txt"]}, DAY),
            ]
        ),
        exclude=["file.added", "file.bytes"],
    )
    pair(
        "layer-removed",
        "changed",
        "A layer less, and its file with it.",
        built([base, image.layer({"opt/bell": "ding\n"}, DAY)]),
        built([base]),
        ["layer.removed", "file.removed"],
    )
    one, two = image.layer({"opt/tone": "low\n"}, DAY), image.layer({"opt/tone": "high\n"}, DAY)
    pair(
        "layers-in-another-order",
        "changed",
        "Two layers write one file: the last wins, and they swapped places.",
        built([one, two]),
        built([two, one]),
        ["layer.order"],
    )
    pair(
        "tar-order",
        "repackaged",
        "The same entries in another order.",
        built([base]),
        built([written(part for _, part in reversed(entries(base)))]),
        ["tar.order"],
        ["file.bytes"],
    )
