"""Lets an engine start the runner by its folder, without an installation: `python -I runner --dir DIR …`."""

import sys

from ziggurat_runner.__main__ import main

sys.exit(main())
