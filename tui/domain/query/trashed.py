"""What of a query is about the trash: only a term that asks for it finds what lies there."""

from collections.abc import Iterator

from tui.domain.query.terms import All, Choice, Node, Not, OneOf


def trashed_terms(node: Node, *, wanted: bool = True) -> Iterator[Choice]:
    """The terms by which a query finds what lies in the trash: ``is:trashed`` where it is not excluded."""
    match node:
        case Choice(key="is", value="trashed"):
            if wanted:
                yield node
        case Not():
            yield from trashed_terms(node.part, wanted=not wanted)
        case All() | OneOf():
            for part in node.parts:
                yield from trashed_terms(part, wanted=wanted)
        case _:
            return


def finds_only_trashed(node: Node) -> bool:
    """Whether nothing that is not in the trash can be found by it."""
    match node:
        case Choice(key="is", value="trashed"):
            return True
        case Not():
            return _finds_all_others(node.part)
        case All():
            return any(map(finds_only_trashed, node.parts))
        case OneOf():
            return all(map(finds_only_trashed, node.parts))
        case _:
            return False


def _finds_all_others(node: Node) -> bool:
    """Whether everything that is not in the trash is found by it."""
    match node:
        case Not():
            return finds_only_trashed(node.part)
        case All():
            return all(map(_finds_all_others, node.parts))
        case OneOf():
            return any(map(_finds_all_others, node.parts))
        case _:
            return False
