"""What every local cloud has in common."""

from pathlib import Path
from typing import Final

REPOSITORY = Path(__file__).parents[2]
DEFAULT_HOME = REPOSITORY / ".local"

ACCOUNT = "000000000000"
REGION: Final = "eu-west-1"
ENVIRONMENT = "local"
