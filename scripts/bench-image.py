#!/usr/bin/env python3
"""Writes an OCI layout with two images, `left` and `right`: the same files in two layers, every time new, one byte of
the last file changed.

    scripts/bench-image.py FOLDER [MEBIBYTES A LAYER]

Two fifths of the content do not compress, the rest does well, as in real layers.
"""
import gzip
import hashlib
import io
import json
import os
import random
import sys
import tarfile

OUT = sys.argv[1]
LAYER = int(sys.argv[2] if len(sys.argv) > 2 else 512) << 20
BLOBS = os.path.join(OUT, "blobs", "sha256")
os.makedirs(BLOBS, exist_ok=True)


class Hashing:
    """Writes on, counting and hashing."""

    def __init__(self, to):
        self.to, self.hash, self.count = to, hashlib.sha256(), 0

    def write(self, data):
        self.hash.update(data)
        self.count += len(data)
        self.to.write(data)
        return len(data)

    def flush(self):
        pass

    def described(self, media_type):
        return {"mediaType": media_type, "digest": "sha256:" + self.hash.hexdigest(), "size": self.count}


def put(value, media_type):
    data = json.dumps(value).encode()
    blob = Hashing(io.BytesIO())
    blob.write(data)
    with open(os.path.join(BLOBS, blob.hash.hexdigest()), "wb") as file:
        file.write(data)
    return blob.described(media_type)


dice = random.Random(7)
WORDS = [b"%x " % dice.getrandbits(dice.choice([12, 24, 40])) for _ in range(4096)]
TEXT = b"".join(dice.choices(WORDS, k=1 << 20))[: 4 << 20]
NOISE = dice.randbytes(4 << 20)


def layer(number, time, change):
    """One layer: its descriptor and its diffID."""
    unfinished = os.path.join(OUT, "unfinished")
    with open(unfinished, "wb") as file:
        outer = Hashing(file)
        packed = gzip.GzipFile(fileobj=outer, mode="wb", compresslevel=6, mtime=time, filename="")
        inner = Hashing(packed)
        archive = tarfile.open(fileobj=inner, mode="w|", format=tarfile.PAX_FORMAT, bufsize=1 << 20)
        own, left, index = random.Random(number), LAYER, 0
        while left > 0:
            size = own.choice([4, 20, 100, 400, 2000]) << 10
            source = NOISE if own.random() < 0.4 else TEXT
            start = own.randrange(len(source) - size)
            content = source[start : start + size]
            left -= size + 512
            if change and left <= 0:
                content = content[:-1] + bytes([content[-1] ^ 1])
            member = tarfile.TarInfo(f"usr/lib/part{number}/f{index:06}")
            member.size, member.mtime = size, time + index % 7
            archive.addfile(member, io.BytesIO(content))
            index += 1
        archive.close()
        packed.close()
    os.rename(unfinished, os.path.join(BLOBS, outer.hash.hexdigest()))
    return outer.described("application/vnd.oci.image.layer.v1.tar+gzip"), "sha256:" + inner.hash.hexdigest()


manifests = []
for tag, time in (("left", 1_700_000_000), ("right", 1_710_000_000)):
    layers = [layer(0, time, False), layer(1, time, tag == "right")]
    config = {
        "architecture": "amd64",
        "os": "linux",
        "created": "2023-11-14T22:13:20Z" if tag == "left" else "2024-03-09T16:00:00Z",
        "config": {"Env": ["PATH=/bin"]},
        "rootfs": {"type": "layers", "diff_ids": [diff_id for _, diff_id in layers]},
    }
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": put(config, "application/vnd.oci.image.config.v1+json"),
        "layers": [descriptor for descriptor, _ in layers],
    }
    named = put(manifest, manifest["mediaType"])
    manifests.append({**named, "annotations": {"org.opencontainers.image.ref.name": tag}})
for name, value in (("index.json", {"schemaVersion": 2, "manifests": manifests}), ("oci-layout", {"imageLayoutVersion": "1.0.0"})):
    with open(os.path.join(OUT, name), "w") as file:
        json.dump(value, file)
