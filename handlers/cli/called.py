"""How this program was called, so that a command it prints can be run as it stands."""

import os
import shlex
import shutil
import sys
from pathlib import Path

_NAME = "invoicely"


def program() -> str:
    """`invoicely` where the PATH leads to this one, else where it lies: `.venv/bin/invoicely`."""
    script = Path(sys.argv[0])
    on_path = shutil.which(_NAME)
    if script.name != _NAME or not script.exists() or (on_path and script.samefile(on_path)):
        return _NAME
    relative = os.path.relpath(script)
    here = relative if os.sep in relative else f"./{relative}"
    return shlex.quote(min(here, str(script.absolute()), key=len))
