"""How the history is listed, as a person chooses it: its order, a board, a date to go to."""

from datetime import date, datetime, time, timedelta
from typing import Final

from tui import messages
from tui.adding import Adding
from tui.domain.sorting import SORTS
from tui.panes.board_column import ALL
from tui.panes.history_rows import HistoryModel
from tui.screens.boards import BoardPicker
from tui.screens.picker import Choice, Picker

_READY: Final = (ALL, ("starred", "star:"), ("rated 4 and 5", "rating:>=4"), ("with a note", "has:note"))
"""Boards that are always there, and their searches."""

_TAGS: Final = 40
"""Tags that are offered as boards, the most frequent ones."""

_MONTHS: Final = 36


class Choosing(Adding):
    """Dialogs that change what the history lists."""

    def on_list_pick_requested(self, message: messages.ListPickRequested) -> None:
        """Offer orders, boards or dates."""
        if message.what == "sort":
            orders = tuple(Choice(way.name, way.words) for way in SORTS)
            self.push_screen(Picker("Sort", orders, self.history.model.sort), self._sort)
        elif message.what == "board":
            self._ask(lambda background: background.library.tell_boards())
        else:
            self.push_screen(Picker("Jump to", dates(self.history.model, date.today()), ""), self._jump)

    def _sort(self, name: str | None) -> None:
        for way in SORTS:
            if way.name == name:
                self.history.sort_by(way.name)

    def on_boards_told(self, message: messages.BoardsTold) -> None:
        """Show them beside the history; where they were asked for, offer them, and to keep the search that is shown."""
        self.history.show_boards(message.boards)
        if not message.asked:
            return
        searched = self.history.search_text
        saved = tuple(Choice(query, name, query) for name, query in message.boards)
        ready = tuple(Choice(query, name, query) for name, query in _READY)
        tagged = tuple(tag_choice(tag) for tag in self.history.model.in_use.tags[:_TAGS])
        picker = BoardPicker((*saved, *ready, *tagged), searched, len(saved))
        self.push_screen(picker, self._show_board)

    def _show_board(self, answer: BoardPicker.Answer | None) -> None:
        match answer:
            case BoardPicker.Search(query):
                self.history.search_for(query)
            case BoardPicker.Keep(name):
                query = self.history.search_text
                self._ask(lambda background: background.library.keep_board(name, query))
            case BoardPicker.Drop(name):
                self._ask(lambda background: background.library.drop_board(name))

    def _jump(self, day: str | None) -> None:
        if day is None:
            return
        if not self.history.model.has_days:
            self.say("A date can be gone to where the order is by time: s, newest first.")
            return
        self.history.go_before(datetime.combine(date.fromisoformat(day), time()).astimezone())


def tag_choice(tag: str) -> Choice:
    """A tag as a board."""
    query = f'tag:"{tag}"'
    return Choice(query, f"# {tag}", query)


def dates(model: HistoryModel, today: date) -> tuple[Choice, ...]:
    """Where one can go: each value is the day before which the newest row is the one to stand on."""
    monday, first = today - timedelta(days=today.weekday()), today.replace(day=1)
    near = (
        ("today", today + timedelta(days=1)),
        ("yesterday", today),
        ("before this week", monday),
        ("before this month", first),
    )
    found = [Choice(day.isoformat(), words) for words, day in near if model.made_before(day)]
    month = first
    for _ in range(_MONTHS):
        after, month = month, (month - timedelta(days=1)).replace(day=1)
        count = model.made_before(after) - model.made_before(month)
        if count:
            found.append(Choice(after.isoformat(), f"{month:%B %Y}", f"{count:,}"))
    return tuple(found) or (Choice((today + timedelta(days=1)).isoformat(), "today"),)
