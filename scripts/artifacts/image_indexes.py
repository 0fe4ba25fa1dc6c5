"""Pairs of indexes, compared platform by platform."""

import image
from images import FILES, LATER, SECOND, built, edited
from layout import OCI_CONFIG, OCI_INDEX, OCI_MANIFEST, compact


def make(images):
    def index(*platforms, attested=None):
        """An index of (architecture, image maker); `attested` adds BuildKit's attestation of the first with that text."""

        def store(layout):
            listed = [
                {**make(layout), "platform": {"architecture": architecture, "os": "linux"}}
                for architecture, make in platforms
            ]
            if attested:
                statement = layout.blob(
                    compact({"_type": "https://in-toto.io/Statement/v0.1", "run": attested}),
                    "application/vnd.in-toto+json",
                )
                config = layout.blob(
                    compact(
                        {
                            "architecture": "unknown",
                            "os": "unknown",
                            "config": {},
                            "rootfs": {"type": "layers", "diff_ids": [statement["digest"]]},
                        }
                    ),
                    OCI_CONFIG,
                )
                proof = layout.manifest(
                    {"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": config, "layers": [statement]},
                    listed=False,
                )
                listed.append(
                    {
                        **proof,
                        "annotations": {
                            "vnd.docker.reference.digest": listed[0]["digest"],
                            "vnd.docker.reference.type": "attestation-manifest",
                        },
                        "platform": {"architecture": "unknown", "os": "unknown"},
                    }
                )
            return layout.manifest({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": listed}, OCI_INDEX)

        return store

    quiet = dict(listed=False)
    amd64, arm64 = built(**quiet), built(architecture="arm64", **quiet)
    again = built([image.layer(FILES, LATER)], SECOND, architecture="arm64", **quiet)
    other = built(
        [image.layer(edited(**{"etc/horn.conf": "every = 20s\n"}), LATER)], SECOND, architecture="arm64", **quiet
    )
    both, pair = index(("amd64", amd64), ("arm64", arm64)), images.pair
    pair(
        "index-attestation",
        "repackaged",
        "Only BuildKit's attestation differs.",
        index(("amd64", amd64), attested="1"),
        index(("amd64", amd64), attested="2"),
        ["index.attestation"],
        ["index.platform-changed", "index.platform-added"],
    )
    pair(
        "index-platform-added",
        ["changed", "repackaged"],
        "A platform more.",
        index(("amd64", amd64)),
        both,
        ["index.platform-added"],
        ["index.platform-changed"],
    )
    pair(
        "index-platform-removed",
        ["changed", "breaking"],
        "A platform less.",
        both,
        index(("amd64", amd64)),
        ["index.platform-removed"],
        ["index.platform-changed"],
    )
    pair(
        "index-platform-changed",
        "changed",
        "One platform carries another file.",
        both,
        index(("amd64", amd64), ("arm64", other)),
        ["index.platform-changed"],
        ["index.platform-added"],
    )
    pair(
        "index-platform-repackaged",
        "repackaged",
        "One platform was built again from the same files.",
        both,
        index(("amd64", amd64), ("arm64", again)),
        ["index.platform-repackaged"],
        ["index.platform-changed", "file.bytes"],
    )
    pair(
        "index-order",
        "repackaged",
        "The same platforms in another order.",
        both,
        index(("arm64", arm64), ("amd64", amd64)),
        exclude=["index.platform-changed", "index.platform-added"],
    )
    pair(
        "index-wrap",
        ["repackaged", "changed"],
        "The image itself, then an index with only this image.",
        built(),
        index(("amd64", amd64)),
        ["manifest.media-type"],
        ["file.bytes"],
    )
