"""`python -m core.cli`: the command `ermine` where it is not on the path."""

import sys

from core.cli import main

sys.exit(main())
