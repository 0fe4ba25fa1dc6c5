#!/usr/bin/env python3
"""Makes tests/fixtures/charts and tests/fixtures/images: pairs of artifacts with the verdict they must get.

    scripts/make-fixtures.py [NAME...]    all, or only some; needs python3, gpg, openssl, GNU tar,
    gzip, zstd, docker-registry, Helm 3.14, 3.17 and 4.0, cosign (scripts/install-helm.sh builds the last two)

The files are kept in git; nothing that builds or tests needs this. See tests/fixtures/README.md.
"""

import pathlib
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "artifacts"))
import chart_archives  # noqa: E402
import chart_contents  # noqa: E402
import chart_packing  # noqa: E402
import chart_signing  # noqa: E402
import image_broken  # noqa: E402
import image_contents  # noqa: E402
import image_indexes  # noqa: E402
import image_packing  # noqa: E402
import registry as registries  # noqa: E402
from case import Family  # noqa: E402
from charts import Charts  # noqa: E402
from images import Images  # noqa: E402

OUT = HERE.parent / "tests" / "fixtures"


def main():
    families = []
    with tempfile.TemporaryDirectory() as work, registries.running() as registry:
        families.append(Family(OUT / "charts", sys.argv[1:]))
        charts = Charts(families[-1], registry, pathlib.Path(work))
        for group in (chart_packing, chart_archives, chart_contents, chart_signing):
            group.make(charts)
        families.append(Family(OUT / "images", sys.argv[1:]))
        images = Images(families[-1])
        for group in (image_contents, image_packing, image_indexes, image_broken):
            group.make(images)
    for family in families:
        files = [path for path in family.folder.rglob("*") if path.is_file()]
        print(
            f"{len(family.names)} pairs, {len(files)} files, {sum(path.stat().st_size for path in files)} bytes in {family.folder.relative_to(HERE.parent)}"
        )


main()
