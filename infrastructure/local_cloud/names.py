"""What every local cloud has in common."""

from pathlib import Path
from typing import Final

REPOSITORY = Path(__file__).parents[2]
DEFAULT_HOME = REPOSITORY / ".local"

ACCOUNT = "000000000000"
SECRET = "test"  # noqa: S105 - which ministack has for root, to check signed URLs by
REGION: Final = "eu-west-1"
ENVIRONMENT = "local"
