"""`invoicely demo`: one month of a self-employed person's life, played through the deployed system.

command ──▶ player: sign-up ─▶ working: clients, import, counters ─▶ billing: ticks, PDFs, mails ─▶ recounting
├── example       the month: who works, for whom, and what was done
├── api, mails    what any program that uses the HTTP API, and any reader of mails, would do
├── weather       fair, or a storm ─▶ operating: what died is replayed ─▶ recovery: what there was of it
├── screen        what one sees meanwhile
└── summary       what one sees in the end
"""

from handlers.cli.demo.command import command

__all__ = ["command"]
