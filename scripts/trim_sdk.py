"""Takes out of a function's package what botocore knows of services that no function asks.

    python scripts/trim_sdk.py <directory of the package>

botocore describes some 430 services in 28 MB; to make one client it lists them all, and reads all their
endpoints.
"""  # noqa: INP001 - a script, no package

import json
import shutil
import sys
from pathlib import Path

SERVICES = ("dynamodb", "lambda", "s3", "ses", "sns", "sqs")
"""What functions make clients of, as `infrastructure.aws.client` names them."""

_NAMED_IN_ENDPOINTS = {"ses": "email"}
_NOT_OURS = ("sts",)  # the SDK's own: credentials of a role that is assumed


def trim(data: Path) -> None:
    """Leave the descriptions and the endpoints of `SERVICES` in botocore's *data*."""
    kept = {*SERVICES, *_NOT_OURS}
    for service in data.iterdir():
        if service.is_dir() and service.name not in kept:
            shutil.rmtree(service)
    named = {_NAMED_IN_ENDPOINTS.get(service, service) for service in kept}
    path = data / "endpoints.json"
    endpoints = json.loads(path.read_text())
    for partition in endpoints["partitions"]:
        of_all = partition["services"]
        partition["services"] = {name: of_all[name] for name in sorted(named & of_all.keys())}
    path.write_text(json.dumps(endpoints, separators=(",", ":")))


if __name__ == "__main__":
    data = Path(sys.argv[1]) / "botocore" / "data"
    if data.is_dir():  # the authorizer ships no SDK
        trim(data)
