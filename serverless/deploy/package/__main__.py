"""``python -m serverless.deploy.package``: the same as ``python -m serverless.deploy package``."""

import sys

from serverless.deploy.__main__ import main

if __name__ == "__main__":
    sys.exit(main(["package", *sys.argv[1:]]))
