#!/usr/bin/env python3
"""Makes a corpus for the benches out of the invented postings: corpus.py FOLDER [TEXTS] [SEED]

corpus.ndjson   {"id", "lang", "text"}: six sentences each, drawn from postings of one language
phrases.txt     1,000 phrases of two to four words, folded: one in ten stands in the postings,
                the others are their words in an order that nobody wrote
"""

import json
import pathlib
import random
import re
import sys
import unicodedata

ROOT = pathlib.Path(__file__).resolve().parents[2]


def sentences_by_language():
    sentences = {}
    for file in sorted(ROOT.glob("fixtures/labelled/*.ndjson")) + sorted(ROOT.glob("fixtures/ordinary/*.ndjson")):
        for line in file.read_text(encoding="utf-8").splitlines():
            posting = json.loads(line)
            found = re.split(r"(?<=[.!?…])\s+|\n+", posting["text"])
            sentences.setdefault(posting["lang"], []).extend(part for part in found if len(part) > 10)
    return sentences


def folded(text):
    return unicodedata.normalize("NFKC", text).lower()


def main():
    folder = pathlib.Path(sys.argv[1])
    texts = int(sys.argv[2]) if len(sys.argv) > 2 else 50_000
    random.seed(int(sys.argv[3]) if len(sys.argv) > 3 else 7)
    folder.mkdir(parents=True, exist_ok=True)
    sentences = sentences_by_language()
    languages = sorted(sentences)
    with open(folder / "corpus.ndjson", "w", encoding="utf-8") as corpus:
        for number in range(texts):
            language = languages[number % len(languages)]
            text = " ".join(random.choices(sentences[language], k=6)) + f" {number}"
            corpus.write(json.dumps({"id": str(number), "lang": language, "text": text}, ensure_ascii=False) + "\n")
    phrases = set()
    while len(phrases) < 1_000:
        words = re.findall(r"[^\W\d_]{3,}", folded(random.choice(sentences[random.choice(languages)])))
        length = random.randint(2, 4)
        if len(words) < length:
            continue
        if len(phrases) % 10:
            phrases.add(" ".join(random.sample(words, length)))
        else:
            start = random.randrange(len(words) - length + 1)
            phrases.add(" ".join(words[start : start + length]))
    (folder / "phrases.txt").write_text("\n".join(sorted(phrases)) + "\n", encoding="utf-8")


main()
