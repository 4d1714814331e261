"""A view of details that check themselves does not check them again."""


class Checked:
    """What is shown of a thing was checked when the thing was made."""

    def __post_init__(self) -> None:
        """Check nothing."""
