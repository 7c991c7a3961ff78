"""What a packet holds for other programs, read by them and held against their schemas.

    exchange.py DOCS POSTINGS FOLDER...      DOCS: docs/exchange; POSTINGS: how many each has, or -
"""

import csv
import json
import os
import sys

import jsonschema
import pymisp
from pymisp import MISPEvent

docs, postings, *folders = sys.argv[1:]
schema = lambda name: jsonschema.Draft202012Validator(json.load(open(os.path.join(docs, name))))
extension, row = schema("stix-extension.schema.json"), schema("htcds.schema.json")
lax = json.load(open(os.path.join(os.path.dirname(pymisp.__file__), "data", "schema-lax.json")))
types = pymisp.abstract.describe_types["category_type_mappings"]
known = pymisp.MISPObject("microblog", strict=True)._definition


def check(attribute):
    assert attribute.type in types[attribute.category], (attribute.category, attribute.type)
    assert attribute.to_ids is False


for folder in folders:
    extended = 0
    for thing in json.load(open(folder + "/stix.json"))["objects"]:
        for value in thing.get("extensions", {}).values():
            if "tlp_2_0" not in value:
                extension.validate(value)
                extended += 1
    assert extended >= 2, extended

    rows = list(csv.DictReader(open(folder + "/htcds.csv", encoding="utf-8", newline="")))
    assert postings in ("-", str(len(rows))), (postings, rows)
    for one in rows:
        row.validate(one)
    assert not row.is_valid(dict(rows[0], MethodsOfControlThreats="perhaps"))

    event = MISPEvent()
    event.load_file(folder + "/misp-event.json")
    jsonschema.validate(json.load(open(folder + "/misp-event.json")), lax)
    for attribute in event.attributes:
        check(attribute)
    assert len(event.objects) == len(rows), (len(event.objects), len(rows))
    for thing in event.objects:
        assert thing.template_uuid == known["uuid"]
        assert str(thing.template_version) == str(known["version"])
        for attribute in thing.attributes:
            check(attribute)
            wanted = known["attributes"][attribute.object_relation]["misp-attribute"]
            assert attribute.type == wanted, (attribute.object_relation, attribute.type, wanted)
    assert any(tag.name.startswith("tlp:") for tag in event.tags)
    again = MISPEvent()
    again.from_json(event.to_json())
    assert again.uuid == event.uuid
