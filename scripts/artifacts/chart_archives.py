"""Pairs of charts in one and the same manifest, whose archives GNU tar and gzip packed in different ways."""

import gzip
import os
import pathlib
import subprocess
import tempfile

from charts import SOURCE, STAMP
from tarball import entry, joined, reversed_entries, zipped


def make(charts):
    plain = charts.gnu_tar()
    with charts.archives(
        "gzip-name",
        "repackaged",
        "gzip keeps the file's name and time in its header, or does not.",
        ["gzip.header"],
        ["compression.stream", "tar.mtime"],
    ) as put:
        named = pathlib.Path(tempfile.mkdtemp(dir=charts.work)) / "buoy-1.2.0.tar"
        named.write_bytes(plain)
        os.utime(named, (STAMP, STAMP))
        put(
            zipped(plain),
            subprocess.run(["gzip", "--name", "-6", "--stdout", named], check=True, capture_output=True).stdout,
        )
    with charts.archives(
        "gzip-level", "repackaged", "Compressed at another level.", ["compression.stream"], ["tar.mtime", "file.bytes"]
    ) as put:
        put(zipped(plain, "-9"), zipped(plain, "-1"))
    with charts.archives(
        "gzip-members",
        "repackaged",
        "The same bytes in two gzip members.",
        ["compression.stream"],
        ["archive.trailing-bytes", "file.bytes"],
    ) as put:
        put(zipped(plain), zipped(plain[:3000]) + zipped(plain[3000:]))
    with charts.archives(
        "bytes-after-gzip",
        ["repackaged", "changed", "unknown"],
        "Bytes after the gzip stream's end, which nobody reads normally.",
        ["archive.trailing-bytes"],
        ["file.bytes"],
    ) as put:
        put(zipped(plain), zipped(plain) + b"left over\n")
    with charts.archives(
        "bytes-after-tar",
        ["repackaged", "changed", "unknown"],
        "Bytes after the tar archive's end.",
        ["archive.trailing-bytes"],
        ["file.bytes"],
    ) as put:
        put(zipped(plain), zipped(plain + b"left over".ljust(512, b"\0")))
    for name, options, code in (
        ("tar-gnu", ["--format=gnu"], "tar.format"),
        ("tar-pax", ["--format=posix"], "tar.format"),
        ("tar-time", [f"--mtime=@{STAMP + 60}"], "tar.mtime"),
        ("tar-owner", ["--owner=crew:1000", "--group=crew:1000", "--no-same-owner"], "tar.owner"),
        ("tar-mode", ["--mode=0640"], "tar.mode"),
    ):
        with charts.archives(
            name, "repackaged", f"GNU tar with {options[0]}: Helm reads none of that.", [code], ["file.bytes"]
        ) as put:
            put(zipped(plain), zipped(charts.gnu_tar(*options)))
    with charts.archives(
        "tar-directories",
        "repackaged",
        "Entries for directories, which Helm passes over.",
        ["tar.directory-entries"],
        ["file.bytes", "file.added"],
    ) as put:
        put(zipped(plain), zipped(charts.gnu_tar(directories=True)))
    with charts.archives(
        "tar-order", "repackaged", "The same entries, the last first.", ["tar.order"], ["file.bytes"]
    ) as put:
        put(zipped(plain), zipped(reversed_entries(plain)))
    louder = charts.gnu_tar(edits=[("values.yaml", "replicas: 1", "replicas: 9")])
    with charts.archives(
        "tar-duplicate",
        "changed",
        "A second values.yaml at the end: the last one wins.",
        ["tar.duplicate", "values.value"],
    ) as put:
        put(zipped(plain), zipped(joined(plain, entry(louder, "buoy/values.yaml"))))
    with charts.archives(
        "tar-symlink", ["changed", "breaking", "unknown"], "README.md became a symbolic link.", ["tar.link"]
    ) as put:
        source = charts.source(("README.md", None))
        (source / "README.md").symlink_to("values.yaml")
        put(
            zipped(plain),
            zipped(
                joined(
                    reversed_entries(plain, without="buoy/README.md"),
                    subprocess.run(
                        [
                            "tar",
                            "--create",
                            "--format=ustar",
                            f"--mtime=@{STAMP}",
                            "--owner=0",
                            "--group=0",
                            "--numeric-owner",
                            "--directory",
                            source.parent,
                            "buoy/README.md",
                        ],
                        check=True,
                        capture_output=True,
                    ).stdout,
                )
            ),
        )
    with charts.archives(
        "tar-outside",
        ["changed", "breaking", "unknown"],
        "An entry that climbs out of the archive; Helm refuses such a chart.",
        ["tar.path"],
    ) as put:
        put(
            zipped(plain),
            zipped(
                joined(
                    plain,
                    charts.gnu_tar(
                        "--transform=s,^buoy/README.md$,buoy/../../escape.txt,",
                        "--absolute-names",
                        names=["buoy/README.md"],
                        directories=True,
                    ),
                )
            ),
        )
    with charts.archives(
        "not-gzip", "unknown", "The right side's archive is no archive at all.", ["unreadable"]
    ) as put:
        put(zipped(plain), b"<html>moved</html>\n")
    with charts.archives("gzip-cut", "unknown", "The right side's archive ends in the middle.", ["unreadable"]) as put:
        put(zipped(plain), zipped(plain)[:700])
    rope = [charts.packed(SOURCE / "charts" / "rope", "4.0").read_bytes()]
    rope.append(zipped(gzip.decompress(rope[0])))
    longer = charts.source(("charts/rope/values.yaml", "length: 12", "length: 14"))
    rope.append(charts.packed(longer / "charts" / "rope", "4.0").read_bytes())
    nested = [
        charts.gnu_tar(
            edits=[
                ("charts/rope/Chart.yaml", None),
                ("charts/rope/values.yaml", None),
                ("charts/rope/templates/configmap.yaml", None),
                ("charts/rope-0.3.0.tgz", data),
            ]
        )
        for data in rope
    ]
    with charts.archives(
        "subchart-repacked",
        ["repackaged", "cosmetic"],
        "A subchart's .tgz was compressed anew; its files are equal.",
        exclude=["values.value", "template.text"],
    ) as put:
        put(zipped(nested[0]), zipped(nested[1]))
    with charts.archives("subchart-value", "changed", "A value inside a subchart's .tgz.", ["values.value"]) as put:
        put(zipped(nested[0]), zipped(nested[2]))
    with charts.archives("blob-missing", "unknown", "The right side's archive is gone.", ["unreadable"]) as put:
        put(zipped(plain), zipped(louder))
    gone = charts.family.folder / "blob-missing" / "layout" / "blobs" / "sha256"
    for path in gone.iterdir():
        if path.read_bytes() == zipped(louder):
            path.unlink()
    with charts.archives(
        "blob-forged",
        "unknown",
        "The right side's archive does not match its digest: it is refused.",
        ["unreadable"],
        ["values.value"],
    ) as put:
        put(zipped(plain), zipped(louder))
    forged = charts.family.folder / "blob-forged" / "layout" / "blobs" / "sha256"
    for path in forged.iterdir():
        if path.read_bytes() == zipped(louder):
            path.write_bytes(zipped(plain))
