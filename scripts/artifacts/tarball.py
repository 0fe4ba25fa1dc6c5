"""Surgery on plain ustar archives, entry by entry, and gzip around them."""

import subprocess


def zipped(tar, *options):
    return subprocess.run(
        ["gzip", "--no-name", *(options or ["-6"])], input=tar, check=True, capture_output=True
    ).stdout


def entries(tar):
    """[(name, header and content)] of a plain ustar archive without links of its own."""
    found, at = [], 0
    while tar[at : at + 1] not in (b"", b"\0"):
        size = int(tar[at + 124 : at + 135], 8)
        end = at + 512 + (size + 511) // 512 * 512
        found.append((tar[at : at + 100].rstrip(b"\0").decode(), tar[at:end]))
        at = end
    return found


def written(parts):
    tar = b"".join(parts) + bytes(1024)
    return tar + bytes(-len(tar) % 10240)


def entry(tar, name):
    return written(part for found, part in entries(tar) if found == name)


def joined(*tars):
    return written(part for tar in tars for _, part in entries(tar))


def reversed_entries(tar, without=None):
    return written(part for name, part in reversed(entries(tar)) if name != without)
