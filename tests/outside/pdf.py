"""Reports, held against PDF/A-2u and PDF/UA-1 by an independent validator (PyPI: page-validation).

    pdf.py FILE...      says of each file how many rules it keeps; ends with 1 if one is broken
"""

import re
import sys

import page


def lengths_agree(name):
    """Whether each stream ends where it says. The validator (0.11) takes a last byte 0D, with the line's
    end behind it, for a part of that."""
    data = open(name, "rb").read()
    streams = re.finditer(rb"/Length (\d+)\b(?:(?!endobj).)*?stream(\r\n|\n)", data, re.S)
    ends = [stream.end() + int(stream[1]) for stream in streams]
    return all(re.match(rb"\r?\nendstream", data[end : end + 11]) for end in ends)


broken = 0
for name in sys.argv[1:]:
    for profile in ("2u", "ua1"):
        report = page.validate_pdf(name, profile=profile)
        print(name, profile, report.rules.passed, "of", report.rules.total)
        for failure in report.failures:
            if failure.rule_id.endswith("-STREAM-LENGTH-001") and lengths_agree(name):
                continue
            print(" ", failure.rule_id, failure.message)
            broken += 1
sys.exit(broken > 0)
