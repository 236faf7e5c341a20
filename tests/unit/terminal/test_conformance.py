"""The model terminal against what kitty was seen to do: Kitty pictures sent, kept, freed."""

import base64
import secrets
import zlib
from pathlib import Path

import pytest
from support.kitty_payload import MARK, MEMORY
from support.kitty_script import GREEN, RED, cells, colour_at, graphics, payload, placed, rgb, sent, terminal
from support.terminal_kinds import GHOSTTY, KITTY, KITTY_HERE, TerminalKind

# --- freeing (each row of what was seen)

ONE = (sent(7), placed(7), cells(rgb(7)))


@pytest.mark.parametrize(
    ("command", "kept", "shown"),
    [
        ("", True, True),
        ("a=d,I=7", True, True),
        ("a=d,d=A", True, True),
        ("a=d,d=a", True, True),
        ("a=d,d=i,i=7", True, False),
        ("a=d,d=I,i=7", False, False),
        ("a=d,d=R,x=1,y=9", False, False),
        ("a=d,d=r,x=1,y=9", True, False),
        ("a=d,d=R,x=8,y=9", True, True),
    ],
)
def test_only_a_freeing_delete_by_id_or_range_frees_a_virtual_placement(command: str, kept: bool, shown: bool) -> None:
    at = terminal(KITTY, *ONE, graphics(command + ",q=2") if command else "")
    assert (at.kept == {7}) is kept
    assert (colour_at(at, 0, 0) == RED) is shown
    assert bool(at.dangling()) is not shown
    asked = at.feed(graphics("a=p,U=1,i=7,c=4,r=2"))
    assert asked == (graphics("i=7", "OK") if kept else graphics("i=7", "ENOENT:no such picture"))


@pytest.mark.parametrize("write", ["\x1b[2J", "\x1b[3J", "\x1b[22J", "\x1b[!p", "\x1bc", "\x1b[?1049h\x1b[?1049l"])
def test_no_erasing_resetting_or_leaving_frees_a_picture(write: str) -> None:
    assert terminal(KITTY, *ONE, write).kept == {7}


def test_each_screen_has_a_store_of_its_own() -> None:
    at = terminal(KITTY, "\x1b[?1049h", *ONE)
    assert colour_at(at, 0, 0) == RED
    at.feed("\x1b[?1049l")
    assert not at.store.pictures
    assert at.kept == {7}
    at.feed("\x1b[?1049h" + cells(rgb(7)))
    assert colour_at(at, 0, 0) == RED


def test_one_placement_goes_by_its_number_and_the_others_stay() -> None:
    at = terminal(KITTY, sent(7), placed(7, "p=1,c=4,r=2"), placed(7, "p=2,c=2,r=1"), graphics("a=d,d=I,i=7,p=1"))
    assert [one.number for one in at.store.pictures[7].placements] == [2]
    at.feed(graphics("a=d,d=I,i=7,p=2"))
    assert at.kept == set()


def test_under_a_used_id_comes_another_picture_placed_nowhere() -> None:
    at = terminal(KITTY, *ONE, sent(7, GREEN))
    assert at.dangling()
    at.feed(placed(7))
    assert colour_at(at, 0, 0) == GREEN


def test_over_the_quota_what_is_placed_nowhere_goes_first_then_the_oldest() -> None:
    small = TerminalKind("small", graphics=True, placeholders=True, quota=3 * 40 * 40 * 4)
    at = terminal(small, sent(1), placed(1), sent(2), sent(3), placed(3), sent(4))
    assert at.kept == {1, 3, 4}
    at.feed(placed(4) + sent(5) + placed(5))
    assert at.store.evicted == [2, 1]


# --- sending


def test_chunks_make_one_picture_with_text_queries_and_placements_between_them() -> None:
    data = payload()
    at = terminal(KITTY, sent(1))
    at.feed(graphics("a=t,f=100,i=7,q=2,m=1", data[:8]) + "text" + placed(1) + graphics("m=1,q=2", data[8:12]))
    assert at.feed("\x1b[?2026$p") == "\x1b[?2026;2$y"
    assert at.feed(graphics("m=0", data[12:])) == graphics("i=7", "OK")
    assert at.store.pictures.keys() == {1, 7}
    assert at.problems == []


@pytest.mark.parametrize(("kind", "arrives"), [(KITTY, False), (GHOSTTY, True)])
def test_a_delete_between_chunks_drops_the_picture_in_kitty_though_it_names_another(
    kind: TerminalKind, arrives: bool
) -> None:
    data = payload()
    at = terminal(kind, sent(1), graphics("a=t,f=100,i=7,q=2,m=1", data[:8]), graphics("a=d,d=I,i=1,q=2"))
    at.feed(graphics("m=0,q=2", data[8:]))
    assert (at.kept == {7}) is arrives
    assert (at.problems == []) is arrives


def test_a_delete_of_the_id_ends_its_transmission_and_the_next_one_comes() -> None:
    at = terminal(KITTY, graphics("a=t,f=100,i=7,q=2,m=1", payload()[:8]), graphics("a=d,d=I,i=7,q=2"), sent(8))
    assert at.kept == {8}
    assert at.problems == []


def test_a_picture_on_its_way_counts_as_kept() -> None:
    assert terminal(KITTY, graphics("a=t,f=100,i=7,q=2,m=1", payload()[:8])).kept == {7}


def test_two_pictures_whose_chunks_mix_are_noted() -> None:
    data = payload()
    at = terminal(KITTY, graphics("a=t,f=100,i=7,q=2,m=1", data[:8]), graphics("a=t,f=100,i=8,q=2,m=1", data[:8]))
    assert any("begins within" in problem for problem in at.problems)


@pytest.mark.parametrize(
    ("keys", "data", "problem"),
    [
        ("m=0,q=2", "AAAA", "a chunk of nothing"),
        ("a=t,f=100,i=1,q=2", "A" * 5000, "a chunk of 5000 characters"),
        ("a=t,f=100,i=1,m=1,q=2", "AAAAA", "a chunk of 5 characters in the middle"),
        ("a=p,U=1,i=99,q=2", "", "ENOENT"),
        ("a=t,f=24,s=9,v=9,i=1,q=2", "AAAA", "ENODATA"),
        ("a=t,f=100,i=1,q=2", "AAAA", "EBADPNG"),
        ("a=t,f=100,i=1,q=2", "A?A=", "EINVAL"),
    ],
)
def test_what_no_terminal_could_obey_is_noted(keys: str, data: str, problem: str) -> None:
    assert any(problem in noted for noted in terminal(KITTY, graphics(keys, data)).problems)


@pytest.mark.parametrize(("quiet", "good", "bad"), [("", True, True), (",q=1", False, True), (",q=2", False, False)])
def test_q_silences_what_went_well_or_everything(quiet: str, good: bool, bad: bool) -> None:
    at = terminal()
    assert bool(at.feed(graphics(f"a=t,f=100,i=7{quiet}", payload()))) is good
    assert bool(at.feed(graphics(f"a=t,f=100,i=8{quiet}", "AAAA"))) is bad


@pytest.mark.parametrize(("depth", "packed"), [(3, False), (4, False), (3, True)])
def test_raw_pixels_come_as_they_are_or_packed(depth: int, packed: bool) -> None:
    raw = bytes([*GREEN, 255][:depth]) * 64
    data = base64.b64encode(zlib.compress(raw) if packed else raw).decode()
    at = terminal(KITTY, graphics(f"a=t,f={depth * 8},s=8,v=8,i=7,q=2{',o=z' if packed else ''}", data))
    at.feed(placed(7, "c=1,r=1") + cells(rgb(7), columns=1))
    assert colour_at(at, 0, 0) == GREEN
    assert at.store.size == 64 * depth


def test_a_query_answers_and_keeps_nothing() -> None:
    at = terminal()
    assert at.feed(graphics("i=31,s=1,v=1,a=q,t=d,f=24", "AAAA")) == graphics("i=31", "OK")
    assert at.feed(graphics("i=31,s=9,v=9,a=q,t=d,f=24", "AAAA")).startswith("\x1b_Gi=31;ENODATA")
    assert at.kept == set()
    assert at.problems == []


@pytest.mark.parametrize(("kind", "there"), [(KITTY_HERE, True), (KITTY, False)])
@pytest.mark.parametrize(("medium", "deletes"), [("f", False), ("t", True), ("s", True)])
def test_files_and_memory_are_read_and_removed_where_the_terminal_sees_them(
    kind: TerminalKind, there: bool, medium: str, deletes: bool, tmp_path: Path
) -> None:
    name = f"{MARK}-{secrets.token_hex(8)}"
    file = (MEMORY if medium == "s" else tmp_path) / name
    file.write_bytes(bytes(RED) * 4)
    told = base64.b64encode((name if medium == "s" else str(file)).encode()).decode()
    try:
        answer = terminal(kind).feed(graphics(f"i=7,a=q,t={medium},f=24,s=2,v=2", told))
        assert ("OK" in answer, "EBADF" in answer) == (there, not there)
        assert file.exists() is not (there and deletes)
    finally:
        file.unlink(missing_ok=True)
