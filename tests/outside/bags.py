"""Bags, held against BagIt 1.0 by its authors' validator (PyPI: bagit).

    bags.py FOLDER...
"""

import sys

import bagit

for folder in sys.argv[1:]:
    bagit.Bag(folder).validate()
