"""An OCI image layout on disk (image-spec, "Image Layout"), written blob by blob.

`index.json` lists each manifest once; the one a tag points to now carries
`org.opencontainers.image.ref.name`, older ones stand without a name.
"""

import hashlib
import json
import pathlib
import shutil

OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
OCI_LAYER_GZIP = "application/vnd.oci.image.layer.v1.tar+gzip"
OCI_LAYER_ZSTD = "application/vnd.oci.image.layer.v1.tar+zstd"
REF_NAME = "org.opencontainers.image.ref.name"


def sha256(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def compact(value):
    """JSON as registries' tools write it: no white space, keys in the order given."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


class Layout:
    def __init__(self, folder):
        self.root = pathlib.Path(folder)
        shutil.rmtree(self.root, ignore_errors=True)
        (self.root / "blobs" / "sha256").mkdir(parents=True)
        self.entries = []
        self.tags = {}

    def path(self, digest):
        return self.root / "blobs" / digest.replace(":", "/")

    def blob(self, data, media_type, **more):
        """Stores bytes and answers their descriptor; `more` are further descriptor fields."""
        digest = sha256(data)
        self.path(digest).write_bytes(data)
        return {"mediaType": media_type, "digest": digest, "size": len(data), **more}

    def manifest(self, value, media_type=OCI_MANIFEST, raw=None, listed=True):
        """Stores a manifest or index; `raw` are its bytes where their form matters. What only an index names is not listed."""
        entry = self.blob(compact(value) if raw is None else raw, media_type)
        if listed and entry not in self.entries:
            self.entries.append(entry)
        return entry

    def tag(self, name, descriptor):
        self.tags[name] = descriptor["digest"]

    def close(self):
        """Writes `oci-layout` and `index.json`."""
        listed = []
        for entry in self.entries:
            entry = {key: entry[key] for key in ("mediaType", "digest", "size")}
            names = sorted(tag for tag, digest in self.tags.items() if digest == entry["digest"])
            listed += [{**entry, "annotations": {REF_NAME: name}} for name in names] or [entry]
        index = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": listed}
        (self.root / "oci-layout").write_bytes(compact({"imageLayoutVersion": "1.0.0"}) + b"\n")
        (self.root / "index.json").write_text(json.dumps(index, indent=1) + "\n")
