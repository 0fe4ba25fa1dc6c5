"""Pairs of charts in which nothing but manifest, config, provenance or the packing Helm differs."""

import json
import tempfile
import time

import helm
from layout import OCI_MANIFEST, compact


def make(charts):
    archive = charts.packed(charts.source(), "3.14")
    with charts.family.case("same-digest", "identical", "Both tags point to the same manifest.") as layout:
        layout.tag("right", charts.pushed(layout, "left", archive))
    with charts.family.case(
        "pushed-twice",
        "repackaged",
        "One archive pushed twice by Helm 3.14, which stamps the time of the push.",
        ["annotation.created"],
        ["tar.mtime", "file.bytes", "annotation.created-zone"],
    ) as layout:
        charts.pushed(layout, "left", archive, "3.14")
        time.sleep(1.1)
        charts.pushed(layout, "right", archive, "3.14")
    with charts.family.case(
        "created-in-another-zone",
        "repackaged",
        "The same instant, written by Helm 3.17 in two zones.",
        ["annotation.created-zone"],
        ["annotation.created", "file.bytes"],
    ) as layout:
        charts.pushed(layout, "left", archive)
        charts.pushed(layout, "right", archive, zone="Asia/Tokyo")
    for old, new in (("3.14", "3.17"), ("3.17", "4.0"), ("3.14", "4.0")):
        charts.pair(
            f"helm-{old}-against-{new}",
            "repackaged",
            f"The same source, packed and pushed by Helm {old} and by Helm {new}.",
            [],
            include=["tar.mtime"],
            exclude=["file.bytes", "template.text", "chart.metadata"],
            series=(old, new),
        )

    key = helm.signing_key(tempfile.mkdtemp(dir=charts.work), "keeper")
    signed, plain = charts.packed(charts.source(), "4.0", key), charts.packed(charts.source(), "4.0")
    with charts.family.case(
        "layers-in-another-order",
        "repackaged",
        "Archive and provenance swap places in the manifest.",
        ["layer.order"],
        ["provenance.changed"],
    ) as layout:
        entry = charts.pushed(layout, "left", signed, "4.0")
        shape = json.loads(layout.path(entry["digest"]).read_bytes())
        layout.tag("right", layout.manifest({**shape, "layers": shape["layers"][::-1]}))
    with charts.family.case(
        "manifest-indented",
        "repackaged",
        "The same manifest with white space.",
        ["manifest.formatting"],
        ["annotation.value", "config.value"],
    ) as layout:
        entry = charts.pushed(layout, "left", plain)
        shape = json.loads(layout.path(entry["digest"]).read_bytes())
        layout.tag("right", layout.manifest(None, OCI_MANIFEST, raw=json.dumps(shape, indent=2).encode()))
    with charts.family.case(
        "config-against-chart",
        ["changed", "breaking"],
        "The config blob names another version than Chart.yaml in the archive.",
        ["config.value"],
    ) as layout:
        entry = charts.pushed(layout, "left", plain)
        shape = json.loads(layout.path(entry["digest"]).read_bytes())
        config = json.loads(layout.path(shape["config"]["digest"]).read_bytes())
        forged = layout.blob(compact({**config, "version": "1.2.1"}), shape["config"]["mediaType"])
        layout.tag("right", layout.manifest({**shape, "config": forged}))
    with charts.family.case(
        "config-reordered",
        "repackaged",
        "The config blob's keys in another order.",
        ["config.formatting"],
        ["config.value"],
    ) as layout:
        entry = charts.pushed(layout, "left", plain)
        shape = json.loads(layout.path(entry["digest"]).read_bytes())
        config = json.loads(layout.path(shape["config"]["digest"]).read_bytes())
        layout.tag(
            "right",
            layout.manifest(
                {**shape, "config": layout.blob(compact(dict(reversed(config.items()))), shape["config"]["mediaType"])}
            ),
        )
    with charts.family.case(
        "another-layer",
        ["changed", "breaking", "unknown"],
        "A second layer of an unknown type; a consumer without a selector may take it.",
        ["layer.added"],
    ) as layout:
        entry = charts.pushed(layout, "left", plain)
        shape = json.loads(layout.path(entry["digest"]).read_bytes())
        layout.tag(
            "right",
            layout.manifest(
                {**shape, "layers": [*shape["layers"], layout.blob(b"what is this?\n", "application/octet-stream")]}
            ),
        )
