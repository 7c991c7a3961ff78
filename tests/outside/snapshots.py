"""Snapshots and captures, read by their formats' own tools: wacz validate, warcio check.

    snapshots.py FILE...      .wacz or .warc.gz; says how many it found good
"""

import io
import sys
import zipfile

from wacz.main import main as wacz
from warcio.archiveiterator import ArchiveIterator


def check_records(stream, name):
    """What `warcio check` does: every block and payload against its digest."""
    records = 0
    for record in ArchiveIterator(stream, check_digests=True):
        record.content_stream().read()
        assert record.digest_checker.passed is not False, (name, record.digest_checker.problems)
        records += 1
    assert records > 0, name


for name in sys.argv[1:]:
    if name.endswith(".wacz"):
        assert wacz(["validate", "-f", name]) == 0, name
        with zipfile.ZipFile(name) as archive:
            check_records(io.BytesIO(archive.read("archive/data.warc.gz")), name)
    else:
        with open(name, "rb") as stream:
            check_records(stream, name)
print(len(sys.argv) - 1, "good")
