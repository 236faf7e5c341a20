"""Files that nobody waits for any more: half done by killed processes, or in the trash without a record."""

from pathlib import Path

from tui.library import names
from tui.library.trash import TRASH, doomed, is_record, records, with_doomed


def of(folder: Path) -> list[str]:
    """Their names, those in the trash with the trash's folder before them. OSError."""
    bin_folder = folder / TRASH
    found = [path.name for path in names.abandoned(folder)]
    if bin_folder.is_dir():
        found += [f"{TRASH}/{path.name}" for path in names.abandoned(bin_folder)]
        found += [f"{TRASH}/{name}" for name in _strays(folder, bin_folder)]
    return found


def _strays(folder: Path, bin_folder: Path) -> list[str]:
    """Files in the trash that no record tells of."""
    told = {each.kept_as for trashed in records(folder) for thrown in trashed.generations for each in thrown.files}
    told |= {each.kept_as for record in with_doomed(folder) for gone in doomed(record) for each in gone.files}
    visible = (path.name for path in sorted(bin_folder.iterdir()) if not path.name.startswith("."))
    return [name for name in visible if name not in told and not is_record(name)]
