"""Labels in ZPL II, the language of most label printers.

Source: Zebra ZPL II programming guide (^XA ^CI ^PW ^LL ^FO ^A0 ^FB ^FH ^FD ^BQ ^BC ^XZ).
"""

from __future__ import annotations

from clinic.hardware.facts import LabelSize, LabelText

BASE_DPI = 203
"""Places and heights below are dots of the commonest printer; others scale."""

_ESCAPED = frozenset("^~_\\")


def zpl_label(label: LabelText, *, size: LabelSize, dpi: int) -> str:
    """The label of one bottle; the date to take it is the biggest thing on it."""
    page = _Page(size, dpi)
    page.text(20, 14, 26, f"{label.clinic}", width=560)
    page.text(20, 42, 18, f"{label.address}  {label.telephone}", width=560)
    page.text(20, 68, 20, "TAKE ON", width=560)
    page.text(20, 88, 58, label.take_on, width=600)
    page.text(20, 150, 32, f"{label.patient}  {label.patient_code}", width=600)
    page.text(20, 186, 30, label.amount, width=600)
    page.text(20, 220, 22, label.medicine, width=600)
    page.text(20, 246, 22, label.directions, width=600, lines=2)
    page.qr(640, 20, label.code)
    page.text(640, 190, 16, label.code, width=160, lines=2)
    page.text(640, 228, 20, label.bottle, width=160)
    below = 300
    page.text(20, below, 18, f"Dispensed {label.dispensed_on}  {label.prescriber}", width=770)
    page.text(20, below + 24, 18, label.keep_away, width=770)
    page.text(20, below + 46, 15, label.warning, width=770, lines=2)
    return page.finish()


def zpl_test(printer: str, *, size: LabelSize, dpi: int) -> str:
    """A label that shows where the edges are and that a scanner reads what is printed."""
    page = _Page(size, dpi)
    page.text(20, 20, 40, printer, width=600)
    page.text(20, 80, 24, "Test label. The scanner should type CLINIC-TEST.", width=600)
    page.bars(20, 130, 90, "CLINIC-TEST")
    page.qr(640, 20, "CLINIC-TEST")
    return page.finish()


def escaped(text: str) -> str:
    """Text as the data of a field: what would command the printer travels as its code."""
    kept = "".join(" " if ord(sign) < ord(" ") or ord(sign) == 127 else sign for sign in text)  # noqa: PLR2004  # DEL
    return "".join(f"_{ord(sign):02X}" if sign in _ESCAPED else sign for sign in kept)


class _Page:
    def __init__(self, size: LabelSize, dpi: int) -> None:
        self.scale = dpi / BASE_DPI
        width, height = (inches * dpi for inches in size.inches)
        self.commands = ["^XA", "^CI28", f"^PW{width}", f"^LL{height}", "^LH0,0"]

    def _dots(self, at: int) -> int:
        return round(at * self.scale)

    def _at(self, left: int, top: int) -> str:
        return f"^FO{self._dots(left)},{self._dots(top)}"

    def text(
        self, left: int, top: int, height: int, text: str, *, width: int, lines: int = 1
    ) -> None:
        """A line, or a few: what does not fit is made narrower before it is cut."""
        narrowest = round(width * lines / max(len(text), 1) / 0.5)
        letter = min(height, max(narrowest, height // 2))
        self.commands.append(
            f"{self._at(left, top)}^A0N,{self._dots(height)},{self._dots(letter)}"
            f"^FB{self._dots(width)},{lines},0,L^FH_^FD{escaped(text)}^FS"
        )

    def qr(self, left: int, top: int, code: str) -> None:
        magnification = max(1, min(10, round(5 * self.scale)))
        self.commands.append(
            f"{self._at(left, top)}^BQN,2,{magnification}^FH_^FDMA,{escaped(code)}^FS"
        )

    def bars(self, left: int, top: int, height: int, code: str) -> None:
        printed = escaped(code.replace(">", ">0"))
        self.commands.append(
            f"{self._at(left, top)}^BY{max(1, self._dots(2))}"
            f"^BCN,{self._dots(height)},Y,N,N^FH_^FD>:{printed}^FS"
        )

    def finish(self) -> str:
        return "\n".join([*self.commands, "^XZ"]) + "\n"
