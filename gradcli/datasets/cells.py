"""One cell of a table: what a number looks like, and what is wrong with what does not look like one (`complaint`)."""

from __future__ import annotations

import re
import unicodedata

from gradcli.errors import GradcliError

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
MISSING = {"", "na", "n/a", "nan", "null", "none", "?", "-", "."}
LARGEST = 1e150
"""The squares of larger numbers, summed, overflow a double."""


def complaint(where: str, cell: str) -> GradcliError:
    """What is wrong with a cell that holds no usable number, and what to write."""
    text = shown(cell)
    if cell.lower() in MISSING:
        how = f"holds '{text}', a missing value" if cell else "is empty"
        return GradcliError(f"{where} {how}", "fill it in, or leave out the row")
    if NUMBER.fullmatch(cell):
        return GradcliError(f"{where}: {text} is too large, its square overflows", "use a larger unit in this column")
    if cell.lower().lstrip("+-") in ("inf", "infinity"):
        return GradcliError(f"{where}: {text} is not finite", "leave out the row")
    likely = _as_meant(cell)
    hint = f"write {likely}" if likely else "leave out the column (--features names those to use) or the row"
    return GradcliError(f"{where}: '{text}' is not a number", hint)


def shown(cell: str) -> str:
    """What a message can hold of a cell."""
    text = printable(cell)
    return text if len(text) <= 40 else text[:37] + "..."


def printable(cell: str) -> str:
    """The cell, with escapes for what would disturb a terminal."""
    return cell if cell.isprintable() else ascii(cell)[1:-1]


def _as_meant(cell: str) -> str | None:
    """The number probably meant: without the underscore of 1_000, full-width digits, decimal or thousands commas."""
    plain = unicodedata.normalize("NFKC", cell).replace("\u2212", "-").replace("_", "").replace(" ", "")
    if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?", plain):
        together = plain.replace(",", "")
        decimal = plain.replace(",", ".")
        return f"{together}, or {decimal} if the comma is a decimal point" if NUMBER.fullmatch(decimal) else together
    plain = plain.replace(",", ".", 1)
    return plain if NUMBER.fullmatch(plain) else None
