"""Whatever people and programs do to a folder, what the index finds is what the files say."""

import json
import os
import shutil
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule
from support.deliveries import png, received, reply_of
from support.query_texts import QUERIES

from tui.domain.generation import Generation
from tui.domain.marking import Marking
from tui.domain.query import matches, parse
from tui.domain.request import Request
from tui.library import Library, Trashed
from tui.library.index import Index

NOW = datetime(2026, 11, 30, 15, 0)
PROMPTS = st.sampled_from(("a red fox", "foxes at dusk", "雪の狐", "Straße im Schnee", "a fox-red harbour"))


class Person(RuleBasedStateMachine):
    """One who works in a library by our door, by the index's own calls, and with a file manager."""

    kept = Bundle("kept")
    thrown = Bundle("thrown")

    @initialize()
    def begin(self) -> None:
        """An empty library, and two processes that look at it."""
        self.scratch = Path(tempfile.mkdtemp())
        self.library = Library(self.scratch / "library")
        self.library.open()
        self.cache = self.scratch / "cache"
        self.index = Index.open(self.library.folder, self.cache)
        self.other = Index.open(self.library.folder, self.cache)
        self.number = 0

    @rule(target=kept, prompt=PROMPTS, days=st.integers(0, 2), told=st.booleans())
    def save(self, prompt: str, days: int, told: bool) -> Generation:
        """A picture comes; we may take it in ourselves or leave it to the next look."""
        self.number += 1
        image = received(self.library.spool(), png(shade=self.number % 200))
        started = datetime(2026, 11, 27) + timedelta(days=days, seconds=self.number)
        done = self.library.save(Request(prompt), reply_of([image]), proxy="", elapsed=1, started=started)
        if told:
            self.index.put([done])
        else:
            self.looked(done.stem)
        return done

    @rule(generation=kept, starred=st.booleans(), rating=st.integers(0, 5), tag=st.sampled_from(("best", "雪", "of")))
    def mark(self, generation: Generation, starred: bool, rating: int, tag: str) -> None:
        """Star, rate and tag it, if it is there."""
        if self.library.load(generation.stem) is not None:
            marked = self.library.mark(generation, Marking(starred=starred, rating=rating, add=(tag,)))
            self.index.put([marked.now])

    @rule(target=thrown, generation=kept)
    def throw(self, generation: Generation) -> Trashed | None:
        """Into the trash."""
        if self.library.load(generation.stem) is None:
            return None
        trashed = self.library.trash([generation])
        self.index.drop([generation])
        return trashed

    @rule(trashed=thrown)
    def bring_back(self, trashed: Trashed | None) -> None:
        """Out of it, however often."""
        if trashed is not None:
            self.index.put(self.library.restore(trashed))

    @rule(generation=kept, what=st.sampled_from(("picture", "metadata", "both")))
    def delete_outside(self, generation: Generation, what: str) -> None:
        """A file manager deletes."""
        names = [f"metadata_{generation.stem}.json", f"image_{generation.stem}_0.png"]
        for name in names[what == "picture" : 1 if what == "metadata" else 2]:
            (self.library.folder / name).unlink(missing_ok=True)
        self.looked(generation.stem)

    @rule(generation=kept, prompt=PROMPTS)
    def write_outside(self, generation: Generation, prompt: str) -> None:
        """Another program writes other metadata."""
        path = self.library.folder / f"metadata_{generation.stem}.json"
        path.write_text(json.dumps({"prompt": prompt, "user": {"rating": 3}}))
        self.looked(generation.stem)

    @rule(number=st.integers(0, 3))
    def drop_in(self, number: int) -> None:
        """A picture of another program."""
        name = f"cat{number}.png"
        (self.library.folder / name).write_bytes(png(shade=number))
        self.index.refresh_names([name])

    @rule(generation=kept)
    def rename_outside(self, generation: Generation) -> None:
        """A file manager gives a picture another name."""
        path = self.library.folder / f"image_{generation.stem}_0.png"
        if path.exists():
            path.rename(self.library.folder / f"renamed-{generation.stem}.png")
            self.looked(generation.stem)
            self.index.refresh_names([f"renamed-{generation.stem}.png"])

    @rule()
    def let_time_pass(self) -> None:
        """Nothing is so new any more that it is read again in any case; days are known as a whole."""
        for path in self.library.folder.glob("*.*"):
            before = path.stat().st_mtime_ns - 86_400 * 10**9
            os.utime(path, ns=(before, before))
        self.index.refresh()

    @rule()
    def look_at_all(self) -> None:
        """As at a start, or with a command."""
        self.other.refresh()

    @rule()
    def lose_the_index(self) -> None:
        """Its files are deleted: the next start has to read everything again."""
        for each in (self.index, self.other):
            each.close()
        shutil.rmtree(self.cache)
        self.index = Index.open(self.library.folder, self.cache)
        self.other = Index.open(self.library.folder, self.cache)
        self.index.refresh()

    def looked(self, stem: str) -> None:
        """What a watcher does when it hears of the files of ``stem``."""
        self.other.refresh_names([f"image_{stem}_0.png", f"metadata_{stem}.json"])

    @invariant()
    def the_index_has_what_the_files_say(self) -> None:
        """In both processes, and in order."""
        expected = {each.stem: each for each in self.library.page(count=1000).generations}
        for index in (self.index, self.other):
            finder = index.finder()
            ids = finder.find(parse(""), "newest", NOW)
            finder.close()
            rows = index.rows(ids)
            assert {each.stem: each for each in rows.values()} == expected
            assert index.count() == len(ids) == len(expected)
            assert list(ids) == sorted(ids, reverse=True)

    @rule(text=QUERIES)
    def search(self, text: str) -> None:
        """What a query finds is what the plain matcher finds."""
        query = parse(text)
        finder = self.index.finder()
        found = self.index.rows(finder.find(query, "newest", NOW))
        finder.close()
        expected = {each.stem for each in self.library.page(count=1000).generations if matches(query, each, NOW)}
        assert {each.stem for each in found.values()} == expected

    def teardown(self) -> None:
        """Leave nothing behind."""
        if hasattr(self, "scratch"):
            self.index.close()
            self.other.close()
            shutil.rmtree(self.scratch)


TestPerson = Person.TestCase
TestPerson.settings = settings(
    max_examples=12, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
