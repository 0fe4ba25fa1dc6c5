"""Charts packed, signed and pushed by real Helm, in the versions whose bytes differ."""

import os
import pathlib
import re
import shutil
import subprocess
import sys

TOOLS = pathlib.Path(os.environ.get("TAGDRIFT_TOOLS", pathlib.Path.home() / ".cache/tagdrift/tools"))


def run(*command, **options):
    """Runs a program to its good end; answers what it said, line ends as they are."""
    done = subprocess.run([str(part) for part in command], capture_output=True, **options)
    said = (done.stdout + done.stderr).decode()
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}: {said.strip()}")
    return said


def program(series):
    """The Helm of a series such as `3.17`: from the tools folder, else the one on PATH if it is of that series."""
    for found in sorted(TOOLS.glob(f"helm-{series}.*/helm")):
        return found
    found = shutil.which("helm")
    if found and f"v{series}." in run(found, "version", "--short"):
        return found
    sys.exit(f"Helm {series} is missing: run scripts/install-helm.sh {series}")


def signing_key(folder, name):
    """A throwaway OpenPGP key, as the secret keyring that Helm reads."""
    home = pathlib.Path(folder) / "gnupg"
    home.mkdir(mode=0o700)
    environment = {**os.environ, "GNUPGHOME": str(home)}
    run(
        "gpg",
        "--batch",
        "--passphrase",
        "",
        "--quick-generate-key",
        f"{name} <{name}@example.org>",
        "rsa2048",
        "sign",
        "never",
        env=environment,
    )
    keyring = pathlib.Path(folder) / "secring.gpg"
    keyring.write_bytes(
        subprocess.run(
            ["gpg", "--batch", "--export-secret-keys"], env=environment, capture_output=True, check=True
        ).stdout
    )
    subprocess.run(["gpgconf", "--kill", "all"], env=environment, check=False, capture_output=True)
    return name, keyring


def package(helm, source, folder, key=None):
    """`helm package`; answers the archive's path. With a key, its `.prov` lies beside it."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    sign = ["--sign", "--key", key[0], "--keyring", key[1]] if key else []
    said = run(helm, "package", source, "--destination", folder, *sign)
    return pathlib.Path(re.search(r"saved it to: (.+)", said).group(1))


def push(helm, archive, registry, project, zone="UTC"):
    """`helm push`, provenance included where it lies beside the archive; answers the manifest's digest."""
    # From 3.15 on Helm writes `created` in the local zone.
    said = run(
        helm, "push", archive, f"oci://{registry.host}/{project}", "--plain-http", env={**os.environ, "TZ": zone}
    )
    return re.search(r"Digest: (sha256:[0-9a-f]{64})", said).group(1)
