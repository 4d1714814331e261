"""What a cloud's folder remembers.

    none ──start──▶ starting (processes) ──deployed──▶ up (processes, cloud) ──down──▶ none
                        └── died on the way: stale ────────── died ──┘

While it starts these are its processes, and once it is up the cloud too.
"""

from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from infrastructure.local_cloud.cloud import Access, LocalCloud
from infrastructure.local_cloud.home import Home
from infrastructure.local_cloud.processes import Process


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The processes of a cloud, the port of ministack, and the cloud, unless it is still being deployed.

    `proxy` is the address by which the functions call, where that is another than ministack's.
    """

    token: str
    port: int
    processes: tuple[Process, ...]
    cloud: LocalCloud | None = None
    proxy: str | None = None

    @property
    def access(self) -> Access:
        return Access(endpoint=f"http://127.0.0.1:{self.port}")


_json = TypeAdapter(State)


def read(home: Home) -> State | None:
    """Read the state; none when nothing was started, or when the file is not one that this version writes."""
    try:
        return _json.validate_json(home.state.read_bytes())
    except (FileNotFoundError, ValidationError):
        return None


def write(home: Home, state: State) -> None:
    """Replace the state at once, readable for its owner only: it holds the password of the local user."""
    part = home.state.with_suffix(".part")
    part.touch(mode=0o600)
    part.write_bytes(_json.dump_json(state, indent=2))
    part.replace(home.state)
