"""`invoicely failures`: what could not be processed, and what a person does about it.

choosing    which failures are meant: by id, or by filters
looking     list, show, export
replaying   replay, cancel
mending     discard, edit
telling     how failures look on a screen
"""

from handlers.cli.failures.command import command

__all__ = ["command"]
