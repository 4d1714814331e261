"""Counts all work, invoices and payments of a table anew, and compares the sums with the counters.

    python scripts/recount.py --table invoicely-local [--account acc_…]

It reads the table with plain boto3 and shares no code with what it checks. Counters follow the work within a
second or so: a difference means something only where nothing is under way. Prints JSON; exit code 1 where
there is a difference.
"""  # noqa: INP001 - a script, no package

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any

import boto3

FIELDS = (
    "entries",
    "minutes",
    "billable",
    "unbilled",
    "invoices",
    "issued",
    "paid",
    "outstanding",
    "credited",
)
DIGITS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG"), 0),
    **dict.fromkeys(("RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}
"""Of the minor unit (ISO 4217), where it has not two."""

Item = dict[str, Any]


def read(table: str, account: str | None) -> Iterator[Item]:
    """Everything that counts and everything that was counted."""
    pages = boto3.client("dynamodb").get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    for page in pages:
        for attributes in page["Items"]:
            item = {name: plain(value) for name, value in attributes.items()}
            if item["type"] in {"WORK", "INVOICE", "PAYMENT", "COUNTER"} and account in {
                None,
                item["account_id"],
            }:
                yield item


def plain(attribute: Item) -> Any:  # noqa: ANN401 - whatever it holds
    """What an attribute of DynamoDB holds; numbers stay text."""
    [(kind, value)] = attribute.items()
    match kind:
        case "L":
            return [plain(each) for each in value]
        case "M":
            return {name: plain(each) for name, each in value.items()}
    return value


def recounted(items: Iterable[Item]) -> Counter[str]:
    """What the work, the invoices and the payments add up to, by "account client month field"."""
    counts: Counter[str] = Counter()
    for item in items:
        day, found = counted(item)
        for field, number in found.items():
            counts[f"{item['account_id']} {item['client_id']} {day[:7]} {field}"] += number
    return counts


def counted(item: Item) -> tuple[str, dict[str, int]]:
    """The day of a thing, and what it counts for."""
    if item["type"] == "WORK" and not item["removed"]:
        amount = price(item) if item["billable"] else 0
        unbilled = 0 if "invoiced_on" in item else amount
        minutes = int(item.get("minutes", 0))
        return item["date"], {"entries": 1, "minutes": minutes, "billable": amount, "unbilled": unbilled}
    if item["type"] == "INVOICE" and item["state"] == "issued":
        totals = item["totals"]
        gross = sum(int(part["net"]) + int(part["tax_amount"]) for part in totals["subtotals"])
        payable = gross - int(totals["prepaid"]) + int(totals["rounding"])
        owed = payable - int(item.get("credited", 0)) + int(item.get("given_back", 0))
        return item["issued_on"], {"invoices": 1, "issued": gross, "outstanding": owed}
    if item["type"] == "CREDITNOTE" and item["state"] == "issued":
        parts = item["totals"]["subtotals"]
        return item["issued_on"], {
            "credited": sum(int(part["net"]) + int(part["tax_amount"]) for part in parts)
        }
    if item["type"] == "PAYMENT":  # whatever the invoice says of it, which is how the two are compared
        return item["invoice_issued_on"], {"paid": int(item["amount"]), "outstanding": -int(item["amount"])}
    return "", {}


def price(item: Item) -> int:
    """Minor units: the hours to four places, or the quantity, times the price; each rounded half up."""
    hours = Fraction(half_up(Fraction(int(item.get("minutes", 0)), 60) * 10_000), 10_000)
    quantity = Fraction(item["quantity"]) if "quantity" in item else hours
    one = Fraction(item["rate"] if "rate" in item else item["hourly_rate"])
    minor = 10 ** DIGITS.get(item["currency"], 2)
    base = half_up(quantity * one * minor)
    return base + sum(adjusted(base, each, minor) for each in item.get("adjustments", ()))


def adjusted(base: int, adjustment: Item, minor: int) -> int:
    """What an allowance or a charge on one piece of work adds."""
    part = base * Fraction(adjustment["percent"]) / 100 if "percent" in adjustment else None
    amount = half_up(Fraction(adjustment["amount"]) * minor if part is None else part)
    return amount if adjustment["is_charge"] else -amount


def half_up(number: Fraction) -> int:
    """The nearest whole number; no work and no price is below zero."""
    return int(number + Fraction(1, 2))


def kept(items: Iterable[Item]) -> Counter[str]:
    """What the counters say."""
    counts: Counter[str] = Counter()
    for item in items:
        for name, number in item.items():
            field, _, month = name.partition("#")
            if item["type"] == "COUNTER" and field in FIELDS:
                counts[f"{item['account_id']} {item['client_id']} {month} {field}"] += int(number)
    return counts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--table", required=True)
    parser.add_argument("--account", help="only this one")
    arguments = parser.parse_args()
    items = list(read(arguments.table, arguments.account))
    right, stored = recounted(items), kept(items)
    differences = {
        place: {"recounted": right[place], "counter": stored[place]}
        for place in sorted(right.keys() | stored.keys())
        if right[place] != stored[place]
    }
    answer = {"items": len(items), "sums": len(right), "differences": differences}
    sys.stdout.write(json.dumps(answer, indent=2) + "\n")
    sys.exit(bool(differences))


if __name__ == "__main__":
    main()
