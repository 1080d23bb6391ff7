"""What the person sees: replies, notes, tables and errors, each as styled lines, all of them safe for the terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from prompt_toolkit.utils import get_cwidth

from chatbot.errors import ChatbotError
from chatbot.home import home
from chatbot.repl.wrapping import wrap
from chatbot.terminal import one_line, visible

Fragments = list[tuple[str, str]]  # (style, text)

YOU, BOT = "you> ", "bot> "
BRIEF = 4  # lines of a text that is only recalled
PRIVATE_YOU = "you (private)> "
WELCOME = (
    "You talk with a small network that learned from films. It knows no facts.\n"
    "Type a line and press Enter; /help lists what else there is.\n"
    "Ctrl-D or /quit leaves."
)
NARROW_WELCOME = "A small network that learned from films.\nType to talk; /help lists the rest.\n"  # fits 40 cells
LEAVING = "Ctrl-D leaves."
AGAIN = "Ctrl-C again leaves; Ctrl-D and /quit do too."
KEPT = " What is said is kept on this machine."
NARROW_KEPT = "What is said is kept. "


class Canvas(Protocol):
    """Where fragments are printed."""

    def columns(self) -> int:
        """Cells in a line."""
        ...

    def write(self, fragments: Fragments) -> None:
        """Print fragments as they are; newlines are among them."""
        ...

    def clear(self) -> None:
        """Erase what is on the screen, where there is one."""
        ...

    def colours(self) -> bool:
        """Whether styles can be told apart by colour."""
        ...

    def copy(self, text: str) -> bool:
        """Ask the terminal to put a text on the clipboard; False where it cannot be asked."""
        ...


class View:
    """Prints on a canvas, wrapped to its width at that moment."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas

    def welcome(self, kept: bool) -> None:
        """On the very first start, three lines: what this is, how to get help, how to leave."""
        if any(home().iterdir()):
            return
        wide = WELCOME + (KEPT if kept else "")
        narrow = NARROW_WELCOME + (NARROW_KEPT if kept else "") + LEAVING
        self.note(wide if max(map(len, wide.split("\n"))) <= self.canvas.columns() else narrow)

    def said(self, text: str, most: int | None = None) -> None:
        """What the person said, shown again; of a long text the first `most` lines."""
        self._labelled("class:you", YOU, visible(text, keep_newlines=True), most=most)

    def reply(self, text: str, complete: bool = True, most: int | None = None) -> None:
        """A reply of the bot; one that was stopped says so; of a long one the first `most` lines."""
        self._labelled("class:bot", BOT, visible(text, keep_newlines=True), most=most)
        if not complete:
            self.note("(stopped)")

    def note(self, text: str, most: int | None = None) -> None:
        """Something the program has to say, quietly; of a long text the first `most` lines."""
        self._labelled("class:note", "", visible(text, keep_newlines=True), "class:note", most)

    def error(self, text: str) -> None:
        """What went wrong, in red, marked for those who see no red."""
        self._labelled("class:error", "! ", one_line(text), "class:error")

    def failure(self, failure: BaseException) -> None:
        """An exception as an error; one that is no message to the person names itself."""
        if isinstance(failure, ChatbotError):
            self.error(str(failure))
        elif isinstance(failure, MemoryError):
            self.error("out of memory")
        elif isinstance(failure, OSError) and failure.strerror:
            self.error(f"{failure.filename}: {failure.strerror}" if failure.filename else failure.strerror)
        else:
            self.error(f"unexpected {type(failure).__name__}: {failure}")

    def table(self, rows: Iterable[Sequence[str]]) -> None:
        """Rows of cells; all columns but the last are as wide as they need, the last one wraps or is cut."""
        cells = [[" " * (len(cell) - len(cell.lstrip(" "))) + one_line(cell) for cell in row] for row in rows]
        widths = [max(get_cwidth(row[i]) for row in cells) for i in range(len(cells[0]) - 1)] if cells else []
        for row in cells:
            start = "  ".join(cell + " " * (width - get_cwidth(cell)) for cell, width in zip(row, widths, strict=False))
            self._labelled("class:name", start + "  ", row[-1])

    def clear(self) -> None:
        """Erase what is on the screen."""
        self.canvas.clear()

    def drawing(self, lines: Iterable[Fragments]) -> None:
        """Lines that already fit and are safe, as they are."""
        self.canvas.write([fragment for line in lines for fragment in (*line, ("", "\n"))])

    @property
    def plain(self) -> bool:
        """Whether lines are read one by one, so that nothing should be drawn."""
        return isinstance(self.canvas, Plain)

    def _labelled(self, label_style: str, label: str, text: str, style: str = "", most: int | None = None) -> None:
        """A label and a text; the text's further lines stand under its first one, where there is room for that."""
        columns = max(self.canvas.columns(), 10)
        indent = get_cwidth(label) if get_cwidth(label) <= columns // 2 else 2
        first = columns - get_cwidth(label)
        lines = (
            wrap(text, first, columns - indent)
            if first > columns // 4
            else ["", *wrap(text, columns - indent, columns - indent)]
        )
        if most and len(lines) > most:
            lines[most:] = ["…"]
        fragments: Fragments = [(label_style, label if lines[0] else label.rstrip()), (style, lines[0] + "\n")]
        fragments += [(style, " " * indent + line + "\n") for line in lines[1:]]
        self.canvas.write(fragments)


class Plain:
    """A canvas of plain text, for terminals without cursor movement."""

    def __init__(self, columns: Callable[[], int], write: Callable[[str], object]) -> None:
        self._columns, self._write = columns, write

    def columns(self) -> int:
        """Cells in a line."""
        return self._columns()

    def write(self, fragments: Fragments) -> None:
        """Print the fragments' texts."""
        self._write("".join(text for _, text in fragments))

    def clear(self) -> None:
        """There is no screen."""

    def colours(self) -> bool:
        """There are none."""
        return False

    def copy(self, text: str) -> bool:
        """No terminal can be asked."""
        return False
