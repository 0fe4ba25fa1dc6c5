"""A real registry (Debian's `docker-registry`) on a free loopback port, and reading from it."""

import contextlib
import json
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

from layout import OCI_INDEX, OCI_MANIFEST, sha256

CONFIG = """\
version: 0.1
log: {{level: error, accesslog: {{disabled: true}}}}
storage: {{filesystem: {{rootdirectory: {root}}}}}
http: {{addr: 127.0.0.1:{port}}}
"""


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Registry:
    def __init__(self, port):
        self.host = f"127.0.0.1:{port}"

    def get(self, path, accept=f"{OCI_MANIFEST}, {OCI_INDEX}"):
        request = urllib.request.Request(f"http://{self.host}/v2/{path}", headers={"Accept": accept})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.read(), answer.headers.get("Content-Type")

    def pull(self, repository, reference, layout):
        """Copies a manifest with all it names into a layout; every byte is checked against its digest."""
        raw, media_type = self.get(f"{repository}/manifests/{reference}")
        manifest = json.loads(raw)
        for part in [manifest["config"], *manifest["layers"]]:
            data, _ = self.get(f"{repository}/blobs/{part['digest']}")
            if sha256(data) != part["digest"]:
                sys.exit(f"{repository}: the registry's blob is not {part['digest']}")
            layout.blob(data, part["mediaType"])
        return layout.manifest(None, media_type, raw=raw)


@contextlib.contextmanager
def running():
    program = shutil.which("docker-registry")
    if not program:
        sys.exit("docker-registry is missing: apt-get install docker-registry")
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        config = pathlib.Path(folder) / "config.yml"
        config.write_text(CONFIG.format(root=f"{folder}/storage", port=port))
        server = subprocess.Popen([program, "serve", config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            registry = Registry(port)
            for attempt in range(200):
                try:
                    registry.get("")
                    break
                except OSError:
                    if server.poll() is not None or attempt == 199:
                        sys.exit("docker-registry did not start")
                    time.sleep(0.05)
            yield registry
        finally:
            server.terminate()
            server.wait()
