"""Container images from folders of text: layers by GNU tar and gzip, config and manifest as BuildKit shapes them."""

import hashlib
import os
import pathlib
import subprocess
import tempfile

from layout import OCI_CONFIG, OCI_LAYER_GZIP, OCI_MANIFEST, OCI_INDEX, compact


def layer(files, when):
    """A tar of {path: text or (text, mode)}, every entry stamped with the time `when` (seconds)."""
    with tempfile.TemporaryDirectory() as folder:
        for path, content in files.items():
            text, mode = content if isinstance(content, tuple) else (content, 0o644)
            target = pathlib.Path(folder) / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
            target.chmod(mode)
        for where, _, _ in os.walk(folder):
            os.chmod(where, 0o755)
        return subprocess.run(
            [
                "tar",
                "--create",
                "--format=ustar",
                "--sort=name",
                f"--mtime=@{when}",
                "--owner=0",
                "--group=0",
                "--numeric-owner",
                "--directory",
                folder,
                *sorted(os.listdir(folder)),
            ],
            check=True,
            capture_output=True,
        ).stdout


def compressed(tar):
    return subprocess.run(["gzip", "--no-name", "-9"], input=tar, check=True, capture_output=True).stdout


def by_zstd(tar):
    return subprocess.run(["zstd", "-q", "-19", "--stdout"], input=tar, check=True, capture_output=True).stdout


def image(
    layout,
    layers,
    created,
    architecture="amd64",
    run=None,
    steps=None,
    compress=compressed,
    layer_type=OCI_LAYER_GZIP,
    listed=True,
):
    """Stores an image of uncompressed layers; answers its manifest's descriptor. Unlisted where an index names it."""
    steps = steps or [f"COPY /{number} / # buildkit" for number, _ in enumerate(layers)]
    config = {
        "architecture": architecture,
        "config": run
        or {"Env": ["PATH=/usr/bin:/bin"], "Entrypoint": ["/usr/bin/serve"], "User": "65532", "WorkingDir": "/"},
        "created": created,
        "history": [{"created": created, "created_by": step, "comment": "buildkit.dockerfile.v0"} for step in steps],
        "os": "linux",
        "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(tar).hexdigest() for tar in layers]},
    }
    return layout.manifest(
        {
            "schemaVersion": 2,
            "mediaType": OCI_MANIFEST,
            "config": layout.blob(compact(config), OCI_CONFIG),
            "layers": [layout.blob(compress(tar), layer_type) for tar in layers],
        },
        listed=listed,
    )


def index(layout, images):
    """Stores an index of [(architecture, manifest descriptor)]."""
    entries = [{**entry, "platform": {"architecture": architecture, "os": "linux"}} for architecture, entry in images]
    return layout.manifest({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries}, OCI_INDEX)
