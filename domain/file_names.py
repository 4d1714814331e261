"""What a document is called where somebody stores it."""


def file_name(word: str, number: str, *, ending: str) -> str:
    """A word and the document's number, in which nothing is a folder or a gap."""
    return f"{word}-{number}.{ending}".replace("/", "-").replace(" ", "-")
