"""Charts' sources under charts/, and edited copies of them."""

import pathlib
import shutil
import sys
import tempfile

CHARTS = pathlib.Path(__file__).parent / "charts"


def edited(work, chart, *edits):
    """A copy of a chart with edits: (file, old, new), (file, new text or bytes), (file, None) to remove it.

    An old text must be there once, so that an edit never misses what it means.
    """
    copy = pathlib.Path(tempfile.mkdtemp(dir=work)) / chart
    shutil.copytree(CHARTS / chart, copy)
    for name, *change in edits:
        path = copy / name
        if len(change) == 2:
            text = path.read_text()
            if text.count(change[0]) != 1:
                sys.exit(f"{chart}/{name}: wanted once, found {text.count(change[0])} times: {change[0]!r}")
            path.write_text(text.replace(*change))
        elif change[0] is None:
            path.unlink()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(change[0] if isinstance(change[0], bytes) else change[0].encode())
    return copy
