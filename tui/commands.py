"""The one table of everything a person can do: keys, footer, palette, help and docs come from it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from textual.binding import Binding, BindingType

Place = Literal["app", "prompt", "options", "history", "preview", "jobs", "grid", "zoom", "compare"]

PLACE_TITLES: Final[dict[Place, str]] = {
    "app": "Everywhere",
    "prompt": "Prompt",
    "history": "History",
    "preview": "Preview",
    "jobs": "Jobs",
    "options": "Options",
    "grid": "Grid",
    "zoom": "Zoom",
    "compare": "Compare",
}


COVERING: Final[frozenset[Place]] = frozenset(("grid", "zoom", "compare"))
"""Places that cover the panes: their commands work, and are found in the palette, only while they do."""


@dataclass(frozen=True, slots=True)
class Command:
    """Something a person can do.

    ``keys`` are Textual key names, the first is the one shown; without any it is found by its name. ``place`` is
    where they work, ``action`` what that place runs. ``label`` is the word in a pane's footer, empty where it is
    not shown there. ``in_turn``: it waits for what was typed before it in the prompt, so that an Enter just before
    it sends what was set then.
    """

    id: str
    name: str
    help: str
    keys: tuple[str, ...]
    place: Place
    action: str
    label: str = ""
    in_palette: bool = True
    in_turn: bool = False

    @property
    def key_text(self) -> str:
        """The first key as a person reads it: ``Ctrl+J``, ``F2``, ``k``."""
        return key_text(self.keys[0]) if self.keys else ""


_KEY_WORDS: Final = {
    "ctrl": "Ctrl",
    "shift": "Shift",
    "alt": "Alt",
    "enter": "Enter",
    "escape": "Esc",
    "tab": "Tab",
    "space": "Space",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "slash": "/",
    "plus": "+",
    "equals_sign": "=",
    "minus": "-",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "home": "Home",
    "end": "End",
    "delete": "Del",
    "backspace": "Backspace",
    "question_mark": "?",
    "number_sign": "#",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
}


def _rates(place: Place) -> tuple[Command, ...]:
    """A key for each rating, and one that takes it back; one word in the footer for all of them."""
    return tuple(
        Command(
            f"{place}_rate_{rating}",
            f"Rate {rating} of 5" if rating else "No rating",
            f"{rating} of 5 stars" if rating else "Take its rating back",
            (str(rating),),
            place,
            f"rate({rating})",
            "to 5 rate" if rating == 1 else "",
            place != "grid",
        )
        for rating in (1, 2, 3, 4, 5, 0)
    )


def key_text(key: str) -> str:
    """A Textual key name as a person reads it."""
    *modifiers, last = key.split("+")
    words = [_KEY_WORDS.get(part, part) for part in modifiers]
    if last in _KEY_WORDS:
        words.append(_KEY_WORDS[last])
    elif last[:1] == "f" and last[1:].isdecimal():
        words.append(last.upper())
    else:
        words.append(last.upper() if modifiers else last)
    return "+".join(words)


# Terminals without the Kitty keyboard protocol send Shift+F2 … Shift+F5 as F14 … F17.
COMMANDS: Final[tuple[Command, ...]] = (
    Command("help", "Help", "Every key, and what it does", ("f1",), "app", "help", "help"),
    Command("palette", "Palette", "Find a command by name", ("ctrl+p",), "app", "command_palette", "", False),
    Command("quit", "Quit", "Leave; asks once while jobs are running", ("ctrl+q",), "app", "request_quit"),
    Command("next_model", "Next model", "Choose the next model", ("f2",), "app", "next_model(1)", in_turn=True),
    Command(
        "previous_model",
        "Previous model",
        "Choose the previous model",
        ("shift+f2", "f14"),
        "app",
        "next_model(-1)",
        in_turn=True,
    ),
    Command("next_ratio", "Next aspect ratio", "Choose the next shape", ("f3",), "app", "next_ratio(1)", in_turn=True),
    Command(
        "previous_ratio",
        "Previous aspect ratio",
        "Choose the previous shape",
        ("shift+f3", "f15"),
        "app",
        "next_ratio(-1)",
        in_turn=True,
    ),
    Command("next_size", "Next image size", "Choose the next size", ("f4",), "app", "next_size(1)", in_turn=True),
    Command(
        "previous_size",
        "Previous image size",
        "Choose the previous size",
        ("shift+f4", "f16"),
        "app",
        "next_size(-1)",
        in_turn=True,
    ),
    Command("more", "One more picture", "Raise the count", ("f5",), "app", "change_count(1)", in_turn=True),
    Command(
        "fewer", "One fewer picture", "Lower the count", ("shift+f5", "f17"), "app", "change_count(-1)", in_turn=True
    ),
    Command(
        "references",
        "References",
        "Pictures to start from: add and remove",
        ("f6",),
        "app",
        "references",
    ),
    Command(
        "nearest_model",
        "Nearest model",
        "Take the served model that is nearest",
        ("ctrl+n",),
        "app",
        "nearest_model",
        in_turn=True,
    ),
    Command("accounts", "Accounts", "Who is logged in behind the proxy", ("f7",), "app", "accounts"),
    Command("sandbox", "Sandbox", "Paint pictures with no account", ("f8",), "app", "sandbox"),
    Command(
        "folder",
        "Library folder",
        "Keep pictures in another folder",
        ("f9",),
        "app",
        "choose_folder",
    ),
    Command("debug", "Debug line", "Bytes sent, link, caches, in one line", ("f12",), "app", "debug"),
    Command("next_pane", "Next pane", "To the next pane", ("tab",), "app", "complete_or_next", "", False),
    Command("previous_pane", "Previous pane", "To the pane before", ("shift+tab",), "app", "focus_previous", "", False),
    Command("reload", "Reload", "Read the library again", ("ctrl+r",), "app", "reload"),
    Command(
        "focus_prompt",
        "To the prompt",
        "Go to the prompt from a pane",
        ("escape",),
        "app",
        "focus_prompt",
        "",
        False,
    ),
    Command("generate", "Generate", "Send the prompt", ("enter",), "prompt", "generate", "generate"),
    Command(
        "new_line",
        "New line",
        "Begin a new line in the prompt",
        ("ctrl+j", "shift+enter", "alt+enter"),
        "prompt",
        "new_line",
        "new line",
        False,
    ),
    Command("clear", "Clear the prompt", "Empty it; Ctrl+Z brings it back", ("ctrl+l",), "prompt", "clear"),
    Command("recall", "Recall", "Take back prompt and options", ("enter",), "history", "recall", "recall"),
    Command("search", "Search", "Words, 16:9, star:, on:week, -not …", ("slash",), "history", "search", "search"),
    Command("star", "Star", "Mark a favourite, or unmark it", ("f",), "history", "star", "star"),
    Command("trash", "Trash", "Move it, or all marked, to the trash", ("d",), "history", "trash", "trash"),
    Command("restore", "Undo", "Take back the last trash, star, tag …", ("u",), "history", "restore", "undo"),
    Command("edit", "Edit from this", "Start from this picture", ("e",), "history", "edit", "edit"),
    Command("zoom", "Zoom", "Fill the screen with the picture", ("z",), "history", "zoom", "zoom"),
    Command("grid", "Grid", "Small pictures filling the screen", ("v",), "history", "grid", "grid"),
    Command("compare", "Compare", "Two pictures side by side", ("c",), "history", "compare", "compare"),
    Command("mark", "Mark", "Mark for comparing or the trash", ("space",), "history", "mark", "mark"),
    Command("copy", "Copy prompt", "Put the prompt on the clipboard", ("y",), "history", "copy", "copy"),
    Command("open", "Open outside", "Open the picture in its viewer", ("o",), "history", "open", "open"),
    Command("words", "Read the words", "All that was said about it", ("t",), "history", "words", "words"),
    *_rates("history"),
    Command("tags", "Tags", "Give it, or all marked, tags", ("number_sign",), "history", "tags", "tags"),
    Command("note", "Note", "Write a note about it", ("n",), "history", "note", "note"),
    Command("sort", "Sort", "By time, rating, model, size …", ("s",), "history", "pick('sort')", "sort"),
    Command("boards", "Boards", "Saved searches; keep this one", ("b",), "history", "pick('board')", "boards"),
    Command("rows", "Rows", "One line each, two, with pictures", ("l",), "history", "rows('next')"),
    Command("jump", "Jump to a date", "Today, this week, a month", ("D",), "history", "pick('date')"),
    Command("next_day", "Day before", "To the rows of the next day", ("right_square_bracket",), "history", "day(1)"),
    Command("previous_day", "Day after", "Back to a later day", ("left_square_bracket",), "history", "day(-1)"),
    Command("trash_view", "The trash", "See it, bring back, empty it", ("T",), "history", "trash_view"),
    Command("mark_range", "Mark up to here", "All from the last mark to here", ("M",), "history", "mark_range"),
    Command("mark_all", "Mark all shown", "Again: unmark all", ("A",), "history", "mark_all"),
    Command("down", "Down", "Next row", ("j", "down"), "history", "move(1)", "", False),
    Command("up", "Up", "Previous row", ("k", "up"), "history", "move(-1)", "", False),
    Command("first", "First", "Newest row", ("g", "home"), "history", "first", "", False),
    Command("last", "Last", "Oldest row", ("G", "end"), "history", "last", "", False),
    Command("page_down", "Page down", "A page down", ("pagedown",), "history", "page(1)", "", False),
    Command("page_up", "Page up", "A page up", ("pageup",), "history", "page(-1)", "", False),
    Command("preview_next", "Older picture", "Show the next row's picture", ("j", "down"), "preview", "step(1)"),
    Command("preview_previous", "Newer picture", "Show the row before", ("k", "up"), "preview", "step(-1)"),
    Command("preview_zoom", "Zoom", "Fill the screen", ("z", "enter"), "preview", "zoom", "zoom", False),
    Command("preview_grid", "Grid", "Small pictures", ("v",), "preview", "grid", "grid", False),
    Command("preview_star", "Star", "Mark a favourite", ("f",), "preview", "star", "star", False),
    Command("preview_edit", "Edit from this", "Start from it", ("e",), "preview", "edit", "edit", False),
    Command("preview_open", "Open outside", "Open in its viewer", ("o",), "preview", "open", "open", False),
    Command("preview_words", "Read the words", "All that was said", ("t",), "preview", "words", "words", False),
    Command("story", "The whole story", "What happened, and what to do", ("enter",), "jobs", "story", "story"),
    Command("cancel", "Cancel", "Stop the job; its socket closes", ("x",), "jobs", "cancel", "cancel"),
    Command("retry", "Retry", "Run the same request again", ("r",), "jobs", "retry", "retry"),
    Command("job_clear", "Clear finished", "Take the finished ones off", ("C",), "jobs", "clear", "clear"),
    Command("job_down", "Down", "Next job", ("j", "down"), "jobs", "move(1)", "", False),
    Command("job_up", "Up", "Previous job", ("k", "up"), "jobs", "move(-1)", "", False),
    Command("job_first", "First", "First job", ("g", "home"), "jobs", "first", "", False),
    Command("job_last", "Last", "Last job", ("G", "end"), "jobs", "last", "", False),
    Command("grid_open", "Open", "See it large", ("enter", "z"), "grid", "open", "open", False),
    Command("grid_left", "Left", "The picture before", ("left", "h"), "grid", "move(-1)", "", False),
    Command("grid_right", "Right", "The next picture", ("right", "l"), "grid", "move(1)", "", False),
    Command("grid_up", "Up", "A row up", ("up", "k"), "grid", "row(-1)", "", False),
    Command("grid_down", "Down", "A row down", ("down", "j"), "grid", "row(1)", "", False),
    Command("grid_first", "First", "Newest picture", ("g", "home"), "grid", "first", "", False),
    Command("grid_last", "Last", "Oldest picture", ("G", "end"), "grid", "last", "", False),
    Command("grid_page_down", "Page down", "A page down", ("pagedown",), "grid", "page(1)", "", False),
    Command("grid_page_up", "Page up", "A page up", ("pageup",), "grid", "page(-1)", "", False),
    Command("grid_mark", "Mark", "Mark for comparing or the trash", ("space",), "grid", "mark", "mark", False),
    Command("grid_star", "Star", "Mark a favourite", ("f",), "grid", "history('star')", "star", False),
    *_rates("grid"),
    Command("grid_compare", "Compare", "The marked two", ("c",), "grid", "history('compare')", "compare", False),
    Command("grid_trash", "Trash", "It, or all marked", ("d",), "grid", "history('trash')", "trash", False),
    Command("grid_restore", "Undo", "Bring back", ("u",), "grid", "history('restore')", "undo", False),
    Command("grid_larger", "Larger", "Larger pictures", ("plus", "equals_sign"), "grid", "larger(1)", "size", False),
    Command("grid_smaller", "Smaller", "Smaller pictures", ("minus",), "grid", "larger(-1)", "", False),
    Command("grid_edit", "Edit from this", "Start from it", ("e",), "grid", "leave_for('edit')", "edit", False),
    Command("grid_recall", "Recall", "Its prompt and options", ("r",), "grid", "leave_for('recall')", "", False),
    Command("grid_copy", "Copy prompt", "To the clipboard", ("y",), "grid", "history('copy')", "", False),
    Command("grid_outside", "Open outside", "Open in its viewer", ("o",), "grid", "history('open')", "", False),
    Command("grid_words", "Read the words", "All that was said", ("t",), "grid", "history('words')", "", False),
    Command("grid_leave", "Leave", "Back to the panes", ("escape", "v", "q"), "grid", "leave", "back", False),
    Command(
        "zoom_in", "Closer", "Closer by a step; the mouse wheel too", ("plus", "equals_sign"), "zoom", "step(1)", "in"
    ),
    Command("zoom_out", "Further away", "Further away by a step", ("minus",), "zoom", "step(-1)", "out"),
    Command("zoom_exact", "One to one", "A pixel on a pixel; again: all of it", ("space",), "zoom", "exact", "1:1"),
    Command("zoom_fit", "Fit", "All of it, as large as it can be", ("w",), "zoom", "fit", "fit"),
    Command(
        "zoom_next", "Older picture", "The next picture, as close", ("n", "J", "pagedown"), "zoom", "go(1)", "next"
    ),
    Command("zoom_previous", "Newer picture", "The picture before", ("p", "K", "pageup"), "zoom", "go(-1)", "previous"),
    Command("zoom_facts", "Facts", "All about the picture, beside it", ("i",), "zoom", "facts", "facts"),
    Command("zoom_star", "Star", "Mark a favourite", ("f",), "zoom", "star", "star"),
    *_rates("zoom"),
    Command("zoom_trash", "Trash", "To the trash, and on to the next", ("d",), "zoom", "trash", "trash"),
    Command("zoom_restore", "Undo", "Bring back the last trashed", ("u",), "zoom", "restore", "undo"),
    Command("zoom_play", "Play", "Play what is animated; again: stop", ("a",), "zoom", "play"),
    Command("zoom_edit", "Edit from this", "Start from this picture", ("e",), "zoom", "edit", "edit"),
    Command("zoom_compare", "Compare", "With the one it was made from", ("c",), "zoom", "compare"),
    Command("zoom_words", "Read the words", "All that was said about it", ("t",), "zoom", "words"),
    Command("zoom_left", "Left", "To the left; at fit the newer one", ("left", "h"), "zoom", "pan(-1, 0)", "", False),
    Command("zoom_right", "Right", "To the right; at fit the older", ("right", "l"), "zoom", "pan(1, 0)", "", False),
    Command("zoom_up", "Up", "Up; at fit the newer picture", ("up", "k"), "zoom", "pan(0, -1)", "", False),
    Command("zoom_down", "Down", "Down; at fit the older picture", ("down", "j"), "zoom", "pan(0, 1)", "", False),
    Command("zoom_leave", "Leave", "Back to the panes", ("escape", "z", "q", "enter"), "zoom", "leave", "back", False),
    Command("compare_blink", "Blink", "One over the other; again: change", ("b",), "compare", "blink", "blink"),
    Command("compare_beat", "Blink by itself", "Change by itself; again: stop", ("B",), "compare", "beat", "by itself"),
    Command("compare_pixels", "Differing pixels", "What differs, and how much", ("p",), "compare", "pixels", "pixels"),
    Command("compare_swap", "Swap", "Left becomes right", ("x",), "compare", "swap", "swap"),
    Command("compare_in", "Closer", "Both closer by a step", ("plus", "equals_sign"), "compare", "step(1)", "in"),
    Command("compare_out", "Further away", "Both further away", ("minus",), "compare", "step(-1)", "out"),
    Command("compare_exact", "One to one", "A pixel on a pixel, or all", ("space",), "compare", "exact", "1:1"),
    Command("compare_fit", "Fit", "All of both", ("w",), "compare", "fit", "fit"),
    Command("compare_left", "Left", "Both to the left", ("left", "h"), "compare", "pan(-1, 0)", "", False),
    Command("compare_right", "Right", "Both to the right", ("right", "l"), "compare", "pan(1, 0)", "", False),
    Command("compare_up", "Up", "Both up", ("up", "k"), "compare", "pan(0, -1)", "", False),
    Command("compare_down", "Down", "Both down", ("down", "j"), "compare", "pan(0, 1)", "", False),
    Command("compare_leave", "Leave", "Back", ("escape", "c", "q"), "compare", "leave", "back", False),
    Command("option_left", "Option left", "The option before", ("left", "h"), "options", "field(-1)", "", False),
    Command("option_right", "Option right", "The next option", ("right", "l"), "options", "field(1)", "option", False),
    Command("option_up", "Value up", "Its next value", ("up", "k"), "options", "change(1)", "value", False),
    Command("option_down", "Value down", "Its previous value", ("down", "j"), "options", "change(-1)", "", False),
    Command("option_pick", "Pick", "All its values as a list", ("enter", "space"), "options", "pick", "pick", False),
    Command("pictures_auto", "Pictures: as the terminal can", "Draw them the best way", (), "app", "pictures('auto')"),
    Command("pictures_kitty", "Pictures: Kitty", "Exact, kept by the terminal", (), "app", "pictures('kitty')"),
    Command("pictures_sixel", "Pictures: Sixel", "Many colours, pixel by pixel", (), "app", "pictures('sixel')"),
    Command("pictures_half", "Pictures: half blocks", "Two colours a cell", (), "app", "pictures('half')"),
    Command("pictures_symbols", "Pictures: symbols", "Shapes in two colours", (), "app", "pictures('symbols')"),
    Command("pictures_none", "Pictures: none", "What is known of them, in words", (), "app", "pictures('none')"),
    Command("rows_one", "Rows: one line", "Most rows on the screen", (), "history", "rows('one')"),
    Command("rows_two", "Rows: two lines", "More of each prompt", (), "history", "rows('two')"),
    Command("rows_pictures", "Rows: with pictures", "A small picture in each", (), "history", "rows('pictures')"),
    Command("link_auto", "Link: by measure", "Pictures as freely as it is fast", (), "app", "link('auto')"),
    Command("link_full", "Link: full", "The best look at once", (), "app", "link('full')"),
    Command("link_economy", "Link: economy", "Small first, sharp when idle", (), "app", "link('economy')"),
    Command("link_off", "Link: off", "No pictures over it, only words", (), "app", "link('off')"),
)


def commands_of(place: Place) -> tuple[Command, ...]:
    """The commands that work in ``place``, in the table's order."""
    return tuple(command for command in COMMANDS if command.place == place)


def bindings_of(place: Place, *, priority: bool = False) -> list[BindingType]:
    """Textual bindings for ``place``; each carries its command's id, so that a keymap can change it."""
    return [
        Binding(
            ",".join(command.keys),
            command.action,
            command.name,
            show=False,
            tooltip=command.help,
            id=command.id,
            priority=priority and not command.in_turn and command.id != "focus_prompt",
        )
        for command in commands_of(place)
        if command.keys
    ]


def footer(place: Place, width: int, *, without: tuple[str, ...] = ()) -> str:
    """The keys of ``place`` as one line of at most ``width`` cells, but for the commands ``without``.

    What does not fit is left to help.
    """
    shown = [command for command in commands_of(place) if command.label and command.id not in without]
    return fitting((f"{command.key_text} {command.label}" for command in shown), width)


def labels_of(place: Place) -> list[str]:
    """The keys of ``place`` that are shown, each with its word."""
    return [f"{command.key_text} {command.label}" for command in commands_of(place) if command.label]


def footer_behind(place: Place, shown: int, width: int) -> str:
    """The way back to the prompt and the keys of ``place`` that its own frame of ``shown`` cells had no room for."""
    here = footer(place, shown)
    return fitting(["Esc prompt", *(label for label in labels_of(place) if label not in here.split(" · "))], width)


def fitting(parts: Iterable[str], width: int) -> str:
    """As many of ``parts`` as fit in ``width`` characters, joined by a dot."""
    line = ""
    for part in parts:
        longer = f"{line} · {part}" if line else part
        if len(longer) > width:
            break
        line = longer
    return line


def fitting_or_help(parts: Iterable[str], width: int) -> str:
    """``parts`` as ``fitting`` joins them; where not all of them fit, the key that tells all is the last one."""
    listed = [*parts]
    line = fitting(listed, width)
    if line == " · ".join(listed):
        return line
    more = "F1 help"
    return " · ".join(part for part in (fitting(listed, width - len(more) - 3), more) if part)
