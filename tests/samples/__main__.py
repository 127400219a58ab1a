import sys

from tests.samples import CACHE, fetch

if reason := fetch():
    sys.exit(f"The sample photographs are incomplete: {reason}.")
print(f"The sample photographs are in {CACHE}.")
