"""Signatures as cosign stores them: an image tagged `sha256-<hex>.sig` whose layer names the signed digest.

The tag stays where it is when the signed tag moves on, so it tells of every digest that ever existed.
"""

import base64
import pathlib
import subprocess

from layout import OCI_CONFIG, OCI_MANIFEST, compact

SIMPLE_SIGNING = "application/vnd.dev.cosign.simplesigning.v1+json"
NEVER = "0001-01-01T00:00:00Z"


def new_key(folder):
    path = pathlib.Path(folder) / "cosign.pem"
    subprocess.run(
        ["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", path],
        check=True,
        capture_output=True,
    )
    return path


def sign(layout, subject, reference, key):
    """Adds the signature of a manifest to its layout."""
    payload = compact(
        {
            "critical": {
                "identity": {"docker-reference": reference},
                "image": {"docker-manifest-digest": subject["digest"]},
                "type": "cosign container image signature",
            },
            "optional": None,
        }
    )
    signature = subprocess.run(
        ["openssl", "dgst", "-sha256", "-sign", key], input=payload, check=True, capture_output=True
    ).stdout
    layer = layout.blob(
        payload,
        SIMPLE_SIGNING,
        annotations={"dev.cosignproject.cosign/signature": base64.b64encode(signature).decode()},
    )
    config = layout.blob(
        compact(
            {
                "architecture": "",
                "created": NEVER,
                "history": [{"created": NEVER}],
                "os": "",
                "rootfs": {"type": "layers", "diff_ids": [layer["digest"]]},
                "config": {},
            }
        ),
        OCI_CONFIG,
    )
    entry = layout.manifest({"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": config, "layers": [layer]})
    layout.tag(subject["digest"].replace(":", "-") + ".sig", entry)
