"""Pairs of one chart that are signed in other ways: by real cosign beside them, by Helm in their provenance files."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import helm

PACKAGING = ["file.bytes", "layer.added", "layer.removed"]
WORKFLOW = "https://forge.example/sea/buoy/.github/workflows/release.yml"


def program():
    for found in sorted(helm.TOOLS.glob("cosign-*/cosign")):
        return found
    return shutil.which("cosign") or sys.exit("cosign is missing: run scripts/install-helm.sh cosign")


class Signer:
    """A key as cosign keeps it, with a certificate that names a subject and, as Fulcio does, who vouched for it."""

    def __init__(self, work, subject=None, issuer="https://issuer.example"):
        self.folder = pathlib.Path(tempfile.mkdtemp(dir=work))
        self.environment = {**os.environ, "COSIGN_PASSWORD": "", "HOME": str(self.folder)}
        key = self.folder / "plain.pem"
        helm.run("openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key)
        self.cosign("import-key-pair", "--key", key, "--output-key-prefix", self.folder / "signer")
        self.certificate = []
        if subject:
            config, pem = self.folder / "certificate.cnf", self.folder / "certificate.pem"
            config.write_text(
                f"[req]\ndistinguished_name=dn\n[dn]\n[leaf]\nbasicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n"
                f"extendedKeyUsage=codeSigning\nsubjectAltName=critical,URI:{subject}\n1.3.6.1.4.1.57264.1.8=ASN1:UTF8String:{issuer}\n"
            )
            helm.run(
                *("openssl", "req", "-x509", "-new", "-key", key, "-days", "3650", "-subj", "/O=sea"),
                *("-config", config, "-extensions", "leaf", "-out", pem),
            )
            self.certificate = ["--certificate", pem]

    def cosign(self, *arguments):
        helm.run(program(), *arguments, cwd=self.folder, env=self.environment)

    def sign(self, registry, repository, digest):
        """Signs at the registry, without a transparency log; answers the tag of the signature."""
        self.cosign(
            *("sign", "--yes", "--tlog-upload=false", "--allow-http-registry", "--key", self.folder / "signer.key"),
            *(*self.certificate, f"{registry.host}/{repository}@{digest}"),
        )
        return digest.replace(":", "-") + ".sig"


def make(charts):
    tagged, moved = (Signer(charts.work, f"{WORKFLOW}@refs/{ref}") for ref in ("tags/1.2.0", "heads/main"))
    stranger, key = Signer(charts.work, "https://forge.example/else/.github/workflows/x.yml@refs/heads/main"), Signer(charts.work)
    for name, signers, include, exclude, why in (
        ("signature-lost", (tagged, None), ["signature.lost"], ["signature.identity"], "The second push was not signed."),
        ("signature-added", (None, tagged), [], ["signature.lost", "signature.identity"], "Only the second push was signed."),
        ("signature-same", (tagged, tagged), [], ["signature.lost", "signature.identity"], "One certificate signed both."),
        ("signature-identity", (tagged, stranger), ["signature.identity"], ["signature.lost"], "Another workflow signed the second push."),
        ("signature-other-ref", (tagged, moved), ["signature.identity"], ["signature.lost"], "The same workflow signed from another ref."),
        ("signature-key", (tagged, key), ["signature.identity"], ["signature.lost"], "A bare key signed the second push."),
    ):
        archive = charts.packed(charts.source(), "3.14")
        with charts.family.case(name, "repackaged", why, include, [*exclude, *PACKAGING]) as layout:
            for side, signer in zip(("left", "right"), signers):
                entry = charts.pushed(layout, side, archive, "3.14")
                if signer:
                    tag = signer.sign(charts.registry, "charts/buoy", entry["digest"])
                    layout.tag(tag, charts.registry.pull("charts/buoy", tag, layout))
                # Helm 3.14 stamps the push in seconds: the second one gets another digest.
                time.sleep(1.1)

    keys = [helm.signing_key(tempfile.mkdtemp(dir=charts.work), name) for name in ("keeper", "stranger")]
    plain, signed, other = (charts.packed(charts.source(), "4.0", key) for key in (None, *keys))
    time.sleep(1.1)
    again = charts.packed(charts.source(), "4.0", keys[0])
    if len({archive.read_bytes() for archive in [plain, signed, other, again]}) != 1:
        sys.exit("Helm 4.0 is expected to pack the same source into the same bytes")
    for name, left, right, include, exclude, why in (
        ("provenance-added", plain, signed, ["provenance.added"], ["signature.identity"], "The second push is signed."),
        ("provenance-removed", signed, plain, ["provenance.removed"], ["signature.identity"], "The second push is no longer signed."),
        ("provenance-changed", signed, again, ["provenance.changed"], ["signature.identity"], "The same archive, signed again by the same key."),
        ("provenance-another-key", signed, other, ["provenance.changed", "signature.identity"], [], "The same archive, signed by another key."),
    ):
        with charts.family.case(name, "repackaged", why, include, [*exclude, *PACKAGING]) as layout:
            for side, archive in (("left", left), ("right", right)):
                charts.pushed(layout, side, archive, "4.0")
