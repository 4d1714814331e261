"""What the simulation is about: something that must never be."""


class BrokenPromise(BaseException):
    """Something that must never be has been seen; nobody may handle that."""


def promise(holds: object, told: str) -> None:
    if not holds:
        raise BrokenPromise(told)
