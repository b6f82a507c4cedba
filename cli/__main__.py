"""Run the command line as ``python -m taoxi.cli``."""

import sys

from taoxi.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
