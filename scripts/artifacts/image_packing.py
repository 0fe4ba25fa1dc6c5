"""Pairs of images in which manifest, config or compression differs."""

import gzip
import json

import image
from images import DAY, FILES, FIRST, RUN, SECOND, ZSTD, built, remade
from layout import OCI_CONFIG, OCI_LAYER_GZIP

DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json"
DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"


def indented_config(shape, layout):
    config = json.loads(layout.path(shape["config"]["digest"]).read_bytes())
    return {**shape, "config": layout.blob(json.dumps(config, indent=2).encode(), OCI_CONFIG)}


def make(images):
    base, pair = image.layer(FILES, DAY), images.pair
    pair(
        "zstd",
        "repackaged",
        "The same layer, by zstd instead of gzip.",
        built(),
        built(**ZSTD),
        ["compression.stream"],
        ["file.bytes", "tar.mtime"],
    )
    pair(
        "uncompressed",
        "repackaged",
        "The same layer, not compressed.",
        built(),
        built(compress=bytes, layer_type=OCI_LAYER_GZIP.removesuffix("+gzip")),
        ["compression.stream"],
        ["file.bytes"],
    )
    pair(
        "gzip-level",
        "repackaged",
        "The same layer, compressed at another level.",
        built(),
        built(compress=lambda tar: gzip.compress(tar, 1, mtime=0)),
        ["compression.stream"],
        ["file.bytes"],
    )
    pair(
        "docker-types",
        "repackaged",
        "Docker's media types instead of OCI's.",
        built(),
        remade(
            lambda shape, _: {
                **shape,
                "mediaType": DOCKER_MANIFEST,
                "config": {**shape["config"], "mediaType": DOCKER_CONFIG},
                "layers": [{**part, "mediaType": DOCKER_LAYER} for part in shape["layers"]],
            }
        ),
        ["manifest.media-type"],
        ["file.bytes", "config.value"],
    )
    pair(
        "manifest-indented",
        "repackaged",
        "The manifest with white space.",
        built(),
        remade(lambda shape, _: json.dumps(shape, indent=1).encode()),
        ["manifest.formatting"],
        ["config.value"],
    )
    pair(
        "layer-type",
        ["changed", "breaking", "unknown"],
        "The same layer under a type that no runtime unpacks.",
        built(),
        remade(
            lambda shape, _: {
                **shape,
                "layers": [{**part, "mediaType": "application/vnd.example.horn"} for part in shape["layers"]],
            }
        ),
        ["layer.media-type"],
    )
    for name, key, left, right, code in (
        ("revision", "org.opencontainers.image.revision", "0d1f4c2", "77b1e09", "annotation.revision"),
        ("annotation", "org.example.run", "41", "42", "annotation.value"),
        ("created", "org.opencontainers.image.created", FIRST, SECOND, "annotation.created"),
    ):
        pair(
            f"annotation-{name}" if name != "annotation" else name,
            "repackaged",
            f"Only the manifest's annotation {key} changed.",
            *(remade(lambda shape, _, value=value: {**shape, "annotations": {key: value}}) for value in (left, right)),
            [code],
            ["file.bytes"],
        )
    pair(
        "config-history",
        "repackaged",
        "The history tells of another build command; the layer is the same.",
        built([base], steps=["COPY a / # buildkit"]),
        built([base], steps=["COPY b / # buildkit"]),
        ["config.history"],
        ["config.value"],
    )
    pair(
        "config-formatting",
        "repackaged",
        "The config with white space.",
        built(),
        remade(indented_config),
        ["config.formatting"],
        ["config.value"],
    )
    for name, level, change in (
        ("env", "changed", {"Env": ["PATH=/bin", "TONE=low"]}),
        ("entrypoint", "changed", {"Entrypoint": ["/bin/horn", "--loud"]}),
        ("user-root", "breaking", {"User": "0"}),
    ):
        pair(
            f"config-{name}",
            level,
            "What runs by default changed.",
            built(),
            built(run={**RUN, **change}),
            ["config.value"],
            ["file.bytes"],
        )
    pair(
        "artifact-type",
        ["repackaged", "changed"],
        "The manifest gains an artifactType.",
        built(),
        remade(lambda shape, _: {**shape, "artifactType": "application/vnd.example.horn"}),
        ["manifest.field"],
        ["file.bytes"],
    )
