"""The prompt is under the hands, and never loses a letter."""

from hypothesis import given, settings
from hypothesis import strategies as st
from support.app import Home
from textual.widgets.text_area import Selection

from tui.state import AppState


async def test_the_prompt_has_the_focus_at_the_start(home: Home) -> None:
    async with home.open() as person:
        assert person.app.focused is person.app.prompt.editor
        await person.write("a red fox")
        assert person.prompt == "a red fox"


async def test_enter_generates_and_text_cursor_and_selection_stay(home: Home) -> None:
    async with home.open() as person:
        await person.write("a red fox in snow")
        editor = person.app.prompt.editor
        editor.selection = Selection((0, 2), (0, 5))
        await person.press("enter")
        await person.until(lambda: person.jobs)
        assert person.jobs[0].request.prompt == "a red fox in snow"
        assert (person.prompt, editor.selection) == ("a red fox in snow", Selection((0, 2), (0, 5)))
        await person.idle()
        assert person.states == ["done"]
        assert (person.prompt, editor.selection) == ("a red fox in snow", Selection((0, 2), (0, 5)))


async def test_letters_typed_right_before_enter_are_in_the_request(home: Home) -> None:
    words = "sandbox:refused " + "the quick brown fox jumps over the lazy dog. " * 3
    async with home.open() as person:
        await person.burst(*words, "enter", *"more", "enter")
        await person.until(lambda: len(person.jobs) == 2)
        assert [job.request.prompt for job in person.jobs] == [words + "more", words]
        assert person.prompt == words + "more"


async def test_letters_after_a_large_paste_and_before_enter_are_in_the_request(home: Home) -> None:
    pasted = "sandbox:refused " + "snow on the hills\n" * 1000
    async with home.open() as person:
        await person.paste(pasted)
        await person.burst(*"and a fox", "enter")
        await person.until(lambda: person.jobs)
        assert person.jobs[0].request.prompt == pasted + "and a fox"


async def test_letters_typed_while_jobs_run_and_end_are_kept(home: Home) -> None:
    typed = "sandbox:refused"
    async with home.open() as person:
        await person.write(typed)
        for letter in "abcdefghij":
            await person.burst("enter", letter)
            typed += letter
        await person.until(lambda: len(person.jobs) == 10)
        await person.idle()
        assert person.prompt == typed
        lengths = [len(job.request.prompt) for job in reversed(person.jobs)]
        assert lengths == list(range(len("sandbox:refused"), len("sandbox:refused") + 10))


async def test_new_line_keys_begin_a_new_line_and_send_nothing(home: Home) -> None:
    async with home.open() as person:
        await person.burst(*"one", "ctrl+j", *"two", "shift+enter", *"three", "alt+enter", *"four")
        assert person.prompt == "one\ntwo\nthree\nfour"
        assert person.jobs == []


async def test_pasted_new_lines_are_text(home: Home) -> None:
    async with home.open() as person:
        await person.paste("a fox\n\nin snow\n")
        assert person.prompt == "a fox\n\nin snow\n"
        assert person.jobs == []


async def test_typing_and_clearing_are_undone_and_redone(home: Home) -> None:
    async with home.open() as person:
        await person.paste("a red fox")
        await person.press("ctrl+l")
        assert person.prompt == ""
        await person.press("ctrl+z")
        assert person.prompt == "a red fox"
        await person.press("ctrl+y")
        assert person.prompt == ""


async def test_a_blank_prompt_says_what_to_do_and_sends_nothing(home: Home) -> None:
    async with home.open() as person:
        for blank in ("", "  ", "\n\t"):
            await person.press("ctrl+l")
            await person.paste(blank)
            await person.press("enter")
            await person.sees("The prompt is empty", "Say in a few words what the picture shows")
        assert person.jobs == []
        await person.write("x")
        assert "empty" not in person.foot


async def test_a_click_into_the_prompt_comes_back_from_any_pane(home: Home) -> None:
    async with home.open() as person:
        await person.go_to("history")
        await person.click("#editor")
        await person.write("fox")
        assert person.prompt == "fox"


async def test_escape_comes_back_to_the_prompt_from_any_pane(home: Home) -> None:
    async with home.open() as person:
        for pane in ("history", "jobs", "preview", "options"):
            await person.go_to(pane)
            await person.press("escape")
            assert person.app.focused is person.app.prompt.editor, pane


TYPED = st.lists(
    st.one_of(
        st.sampled_from(["enter", "ctrl+j", "backspace", "f2", "f3", "f4", "shift+f2", "left", "space"]),
        st.characters(min_codepoint=33, max_codepoint=0x2FF, exclude_categories=("Cc", "Cf", "Zs")),
    ),
    max_size=40,
)


def expected(text: str, keys: list[str], sent: list[str]) -> str:
    """What a plain editor with ``text`` holds after ``keys``; ``sent`` takes what it held at each Enter."""
    cursor = len(text)
    for key in keys:
        if key == "enter" and text.strip():
            sent.append(text)
        elif key == "backspace" and cursor:
            text, cursor = text[: cursor - 1] + text[cursor:], cursor - 1
        elif key == "left":
            cursor = max(0, cursor - 1)
        elif key in ("ctrl+j", "space") or len(key) == 1:
            char = {"ctrl+j": "\n", "space": " "}.get(key, key)
            text, cursor = text[:cursor] + char + text[cursor:], cursor + 1
    return text


@settings(max_examples=6)
@given(keys=TYPED)
async def test_any_burst_of_keys_arrives_in_the_order_it_was_typed(home: Home, keys: list[str]) -> None:
    sent: list[str] = []
    begun = "sandbox:refused a prompt of some length that no backspace of this test reaches the begin of "
    text = expected(begun, keys, sent)
    async with home.open((80, 24), state=AppState(draft=begun)) as person:
        await person.burst(*keys)
        await person.until(lambda: len(person.jobs) == len(sent))
        assert person.prompt == text
        assert [job.request.prompt for job in reversed(person.jobs)] == sent


async def test_joiners_that_a_keyboard_sends_are_text(home: Home) -> None:
    typed = "می\u200cخواهم 👩\u200d🚀"
    async with home.open() as person:
        await person.write(typed)
        assert person.prompt == typed


async def test_an_empty_prompt_without_any_room_is_drawn_as_nothing(home: Home) -> None:
    async with home.open() as person:
        editor = person.app.prompt.editor
        editor.styles.max_width = 0
        await person.until(lambda: editor.content_size.width == 0)
        assert editor.render_line(0).cell_length == 0
        editor.styles.max_width = None
        await person.sees("Say what the picture shows")
