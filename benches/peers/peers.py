#!/usr/bin/env python3
"""Measures one peer on one thread: peers.py PEER FOLDER; prints CPU seconds, texts with a hit."""

import json
import pathlib
import re
import resource
import sys
import unicodedata

PEER, FOLDER = sys.argv[1], pathlib.Path(sys.argv[2])


def folded(text):
    return unicodedata.normalize("NFKC", text).lower()


LINES = (FOLDER / "corpus.ndjson").read_text(encoding="utf-8").splitlines()
PHRASES = (FOLDER / "phrases.txt").read_text(encoding="utf-8").splitlines()


def pyahocorasick():
    import ahocorasick

    automaton = ahocorasick.Automaton()
    for number, phrase in enumerate(PHRASES):
        automaton.add_word(phrase, number)
    automaton.make_automaton()
    return lambda text: any(True for _ in automaton.iter(text))


def spacy():
    import spacy
    from spacy.matcher import PhraseMatcher

    blank = spacy.blank("xx")
    matcher = PhraseMatcher(blank.vocab, attr="LOWER")
    matcher.add("phrases", [blank.make_doc(phrase) for phrase in PHRASES])
    return lambda text: bool(matcher(blank.make_doc(text)))


def hyperscan():
    import hyperscan

    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    expressions = [re.escape(phrase).encode() for phrase in PHRASES]
    database.compile(
        expressions=expressions,
        ids=list(range(len(expressions))),
        elements=len(expressions),
        flags=[hyperscan.HS_FLAG_UTF8] * len(expressions),
    )

    def has_hit(text):
        hits = []
        database.scan(text.encode(), match_event_handler=lambda *hit: hits.append(hit))
        return bool(hits)

    return has_hit


def yara_x():
    import yara_x

    rules = "\n".join(
        f'rule r{number} {{ strings: $a = "{phrase}" condition: $a }}' for number, phrase in enumerate(PHRASES)
    )
    scanner = yara_x.Scanner(yara_x.compile(rules))
    return lambda text: bool(scanner.scan(text.encode()).matching_rules)


def script_with_hyperscan():
    """What a team's own script would do, JSON and folding inside the clock."""
    has_hit = hyperscan()
    return lambda line: has_hit(folded(json.loads(line)["text"]))


def main():
    has_hit = globals()[PEER]()
    texts = LINES if PEER.startswith("script") else [folded(json.loads(line)["text"]) for line in LINES]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    hits = sum(map(has_hit, texts))
    seconds = resource.getrusage(resource.RUSAGE_SELF).ru_utime - before
    print(f"{seconds:.3f} {hits}")


main()
