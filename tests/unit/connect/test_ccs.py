"""CCS homes old and new, whole and damaged: each place a clear sentence, never a traceback."""

import os
import socket
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from support.ccs_homes import MANAGEMENT_SECRET, CcsHome, usual_home

from tui.connect import ccs_files
from tui.connect.ccs import ccs_home, listens_everywhere, read_home
from tui.connect.ccs_files import Place, read_json, read_yaml, server_url
from tui.domain.proxy import Secret


@pytest.fixture
def home(tmp_path):
    folder = tmp_path / "ccs"
    folder.mkdir()
    return CcsHome(folder)


def words(home):
    """What was found at each place, by the path inside the home."""
    return {
        str(Path(each.where).relative_to(home.folder)): (each.words, each.ok)
        for each in read_home(home.folder).places
        if each.where.startswith(str(home.folder))
    }


# Where the home is


@pytest.mark.parametrize(
    ("environ", "folder"),
    [
        ({"HOME": "/people/ann"}, "/people/ann/.ccs"),
        ({"HOME": "/people/ann", "CCS_HOME": "/other"}, "/other/.ccs"),
        ({"HOME": "/people/ann", "CCS_HOME": "/other", "CCS_DIR": "/third"}, "/third"),
        ({"HOME": "/people/ann", "CCS_HOME": "", "CCS_DIR": ""}, "/people/ann/.ccs"),
    ],
)
def test_the_home_is_ccs_dir_else_ccs_home_else_the_persons_home(environ, folder):
    assert ccs_home(environ) == Path(folder)


def test_a_tilde_in_the_variables_is_the_persons_home(clean_environment):
    assert ccs_home({"CCS_DIR": "~/elsewhere"}) == clean_environment / "elsewhere"
    assert ccs_home({}) == clean_environment / ".ccs"
    assert not ccs_home({"CCS_DIR": "~nobody-of-that-name/x"}).exists()


# Layouts


def test_a_home_as_ccs_makes_it_is_told_place_by_place(tmp_path):
    home = usual_home(tmp_path / "ccs", 8400, "made-up-key")
    assert words(home) == {
        ".": ("CCS home", True),
        "config.yaml": ("port 8400, a key", True),
        "cliproxy/config.yaml": ("not there", True),
        "cliproxy/config-8400.yaml": ("port 8400, 1 key", True),
        "cliproxy/sessions.json": ("not there", True),
        "cliproxy/sessions-8400.json": ("port 8400", True),
        "gemini.settings.json": ("http://127.0.0.1:8400, a key", True),
    }


def test_a_home_of_an_older_ccs_is_known_and_its_generated_files_are_read(home):
    home.write("config.json", {"profiles": {"glm": "~/.ccs/glm.settings.json"}}).write("profiles.json", {})
    home.generated("old-key").profile("gemini", "http://127.0.0.1:8317/api/provider/gemini", "old-key")
    read = read_home(home.folder)
    assert [each.keys for each in read.generated] == [(Secret("old-key"),)]
    assert words(home)["config.yaml"] == ("not there", True)
    assert words(home)["config.json"] == ("of an older CCS; it names no proxy", True)


def test_an_empty_home_has_nothing_in_it(home):
    assert set(words(home).values()) == {("CCS home", True), ("not there", True)}


def test_no_home_is_one_place(tmp_path):
    assert read_home(tmp_path / "none").places == (Place(str(tmp_path / "none"), "not there"),)


def test_files_behind_links_are_read(home, tmp_path):
    elsewhere = usual_home(tmp_path / "elsewhere", 8400, "linked-key")
    for path in elsewhere.folder.iterdir():
        (home.folder / path.name).symlink_to(path)
    assert read_home(home.folder).local_port == 8400
    link = tmp_path / "link"
    link.symlink_to(home.folder)
    assert [each.port for each in read_home(link).generated] == [8400]


# Damage


def make_folder(path):
    path.mkdir()


def make_pipe(path):
    os.mkfifo(path)


def make_socket(path):
    here = Path.cwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(here)


def make_broken_link(path):
    path.symlink_to(path.parent / "gone")


def make_loop(path):
    path.symlink_to(path)


def make_huge(path):
    with path.open("wb") as file:
        file.truncate(1024 * 1024 + 1)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (make_folder, "a folder, not a file"),
        (make_pipe, "no ordinary file"),
        (make_socket, "cannot be read"),
        (make_broken_link, "a link to nothing"),
        (make_loop, "cannot be read"),
        (make_huge, "larger than 1 MiB"),
    ],
)
@pytest.mark.parametrize(
    "name", ["config.yaml", "cliproxy/config.yaml", "cliproxy/sessions.json", "gemini.settings.json"]
)
def test_what_cannot_be_read_is_told_and_the_rest_is_read(home, name, make, said):
    usual_home(home.folder, 8400, "k")
    path = home.folder / name
    path.unlink(missing_ok=True)
    make(path)
    told, ok = words(home)[name]
    assert said in told
    assert not ok
    read = read_home(home.folder)
    assert read.local_port == 8400 or read.generated[-1].port == 8400


@pytest.mark.parametrize(
    ("make", "said"),
    [(make_broken_link, "a link to nothing"), (make_loop, "cannot be read"), (Path.touch, "a file, not a folder")],
)
def test_a_home_that_is_no_folder_is_told(tmp_path, make, said):
    make(tmp_path / "ccs")
    (place,) = read_home(tmp_path / "ccs").places
    assert said in place.words
    assert not place.ok


def test_a_home_below_a_file_is_told(tmp_path):
    (tmp_path / "file").touch()
    (place,) = read_home(tmp_path / "file" / "ccs").places
    assert place == Place(str(tmp_path / "file" / "ccs"), "cannot be read: Not a directory", ok=False)


def test_a_file_in_the_place_of_the_cliproxy_folder_is_told(home):
    home.write("cliproxy", "")
    assert words(home)["cliproxy/config.yaml"] == ("cannot be read: Not a directory", False)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a: [1, 2\nb: 3\n", "not YAML: line 2"),
        (b"a: 'open\n", "not YAML: line"),
        (b"\tkey: value\n", "not YAML: line 1"),
        (b"api_key: *made-up-secret\n", "not YAML: line 1 refers to nothing"),
        (b"a: \x00\n", "not YAML"),
        (b"\xff\xfe\x00a", "not text in UTF-8"),
        (b"a: \xe4\n", "not text in UTF-8"),
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b"[" * 500_000, "not YAML"),
        (b"- " * 300_000, "too long or too deep"),
        (b"- a\n" * 250_000, "too long or too deep"),
    ],
    ids=range(12),
)
def test_damaged_yaml_is_told_and_nothing_of_it_quoted(home, content, said):
    home.write("config.yaml", content)
    told, ok = words(home)["config.yaml"]
    assert told.startswith(said)
    assert not ok
    assert "made-up" not in told


def test_damaged_json_is_told_and_nothing_of_it_quoted(home):
    home.write("cliproxy/sessions.json", b'{"port": 8400,\n "made-up-secret" }')
    home.write("gemini.settings.json", b"[" * 100_000).write("agy.settings.json", b"1" * 5000)
    assert words(home)["cliproxy/sessions.json"] == ("not JSON: line 2, column 19", False)
    assert words(home)["gemini.settings.json"] == ("not JSON that can be used", False)
    assert words(home)["agy.settings.json"] == ("not JSON that can be used", False)


def test_where_pyyaml_has_no_c_it_reads_the_same(home, monkeypatch):
    monkeypatch.delattr(yaml, "CSafeLoader")
    usual_home(home.folder, 8400, "k").write("cliproxy/config.yaml", "[" * 10_000)
    assert read_home(home.folder).generated[0].port == 8400
    assert words(home)["cliproxy/config.yaml"] == ("too long or too deep to be a configuration", False)


def test_references_that_multiply_cost_nothing(home):
    """Each line of ten references to the line before: written out they would fill any memory."""
    lines = ["a0: &a0 {x: 1}"]
    for number in range(1, 200):
        references = ", ".join([f"*a{number - 1}"] * 10)
        lines.append(f"a{number}: &a{number} [{references}]")
        lines.append(f"b{number}: &b{number} {{<<: [{', '.join([f'*a{number}'] * 10)}]}}")
    home.write("config.yaml", "\n".join([*lines, "cliproxy_server: {local: {port: 8400}}"]))
    assert read_home(home.folder).local_port == 8400


def test_a_value_that_holds_itself_is_no_trap(home):
    home.write("config.yaml", "cliproxy: &c {variants: *c, auth: *c, api_key: *c}\ncliproxy_server: &s [*s]\n")
    assert read_home(home.folder).key is None


def test_references_of_ccs_own_writer_are_followed(home):
    home.write("config.yaml", "x: &k my-key\ncliproxy: {auth: {api_key: *k}}\n")
    named = read_home(home.folder).key
    assert named is not None
    assert named.key == Secret("my-key")


def test_a_file_that_is_just_being_written_is_read_again(home, monkeypatch):
    """CLIProxyAPI rewrites its files in place; a reader now and then sees nothing."""
    home.write("cliproxy/config.yaml", "")
    monkeypatch.setattr(ccs_files.time, "sleep", lambda _: home.generated("k", port=8400))
    assert read_home(home.folder).generated[0].port == 8400


def test_a_key_keeps_every_digit(home):
    home.write("config.yaml", "cliproxy: {auth: {api_key: 0012_30}}\n")
    home.write("cliproxy/config.yaml", "port: 8317\napi-keys: [1e3, 0o17, yes, 'true', null, ~, '']\n")
    read = read_home(home.folder)
    assert read.key is not None
    assert read.key.key == Secret("0012_30")
    assert [key.reveal() for key in read.generated[0].keys] == ["1e3", "0o17", "yes", "true"]


@pytest.mark.parametrize("key", ["", " ", "two words", "ümlaut", "line\nbreak", "tab\there", "x" * 2000, [], {}])
def test_what_cannot_be_sent_as_a_key_is_none(home, key):
    assert read_home(home.config(key=key).folder).key is None


@pytest.mark.parametrize("port", [0, -1, 65536, "eighty", 83.17, True, [8317], {}, "8" * 5000])
def test_what_is_no_port_is_none(home, port):
    home.config(port=port).session(port)
    read = read_home(home.folder)
    assert read.local_port is None
    assert read.sessions == ()


@pytest.mark.parametrize(
    "value", ["text", 7, None, [], [[]], {"cliproxy": 1, "cliproxy_server": [], "api-keys": {}, "env": 3}]
)
def test_values_of_any_other_type_are_as_good_as_none(home, value):
    for name in ("config.yaml", "cliproxy/config.yaml", "cliproxy/sessions.json", "gemini.settings.json"):
        home.write(name, value if isinstance(value, dict) else [value])
    read = read_home(home.folder)
    assert (read.remote, read.key, read.local_port, read.sessions, read.profiles) == (None, None, None, (), ())


def test_the_management_secret_is_not_in_what_was_read(home):
    usual_home(home.folder, 8400, "k")
    assert MANAGEMENT_SECRET not in repr(read_home(home.folder))
    assert MANAGEMENT_SECRET not in repr(read_yaml(home.folder / "config.yaml"))


def test_control_characters_in_a_name_do_not_reach_the_screen(tmp_path):
    home = CcsHome(tmp_path / "c\x1b[2Jcs\n")
    home.generated()
    assert all(each.where.isprintable() and each.words.isprintable() for each in read_home(home.folder).places)


# Who can reach it


def test_a_generated_configuration_with_the_usual_key_is_open_to_the_network(home):
    assert listens_everywhere(home.generated().folder)


@pytest.mark.parametrize(
    ("keys", "more"),
    [(("my-own",), ""), (("ccs-internal-managed",), "host: 127.0.0.1"), (("ccs-internal-managed",), 'host: "::1"')],
)
def test_another_key_or_a_host_of_its_own_is_not(home, keys, more):
    assert not listens_everywhere(home.generated(*keys, more=more).folder)


def test_a_host_that_means_every_interface_is(home):
    assert listens_everywhere(home.generated(more="host: 0.0.0.0").folder)
    assert not listens_everywhere(home.folder / "none")


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("proxy.example.com", "http://proxy.example.com:8317"),
        ("::1", "http://[::1]:8317"),
        ("[::1]", "http://[::1]:8317"),
        ("a:1", None),
        ("http://a", None),
        ("me@a", None),
        ("a b", None),
        ("", None),
        ("a\\b", None),
        ("ä", None),
    ],
)
def test_a_host_is_a_host_and_nothing_else(host, url):
    assert server_url(host, "http", None) == url


# Whatever is in the files


scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12)
names = st.sampled_from(
    ["cliproxy", "auth", "api_key", "variants", "port", "cliproxy_server", "local", "remote", "enabled", "host", "x"]
)
values = st.recursive(scalars, lambda each: st.lists(each, max_size=3) | st.dictionaries(names, each, max_size=4))


@given(
    value=values,
    name=st.sampled_from(["config.yaml", "cliproxy/config.yaml", "cliproxy/sessions.json", "a.settings.json"]),
)
def test_whatever_values_a_file_has_it_is_read(tmp_path_factory, value, name):
    home = CcsHome(tmp_path_factory.mktemp("ccs")).write(name, [value] if isinstance(value, str) else value)
    assert all(each.words for each in read_home(home.folder).places)


@given(data=st.binary(max_size=200) | st.text("{}[]&*!|>-: \n'\"#%a0", max_size=60).map(str.encode))
def test_whatever_bytes_a_file_has_it_is_read(tmp_path_factory, monkeypatch, data):
    monkeypatch.setattr(ccs_files, "_AGAIN_AFTER", 0)
    path = tmp_path_factory.mktemp("ccs") / "file"
    path.write_bytes(data)
    for read in (read_yaml(path), read_json(path)):
        assert read.trouble or not isinstance(read.value, Secret)


@given(value=values)
def test_what_pyyaml_writes_is_read_with_the_same_members(tmp_path_factory, value):
    path = tmp_path_factory.mktemp("ccs") / "file.yaml"
    path.write_text(yaml.safe_dump({"v": value}, allow_unicode=True))
    assert _as_text(read_yaml(path).value) == _as_text({"v": value})


def _as_text(value):
    """Shapes and texts; how numbers and booleans are spelled is the reader's business."""
    if isinstance(value, dict):
        return {name: _as_text(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_as_text(each) for each in value]
    return value if value is None else "a scalar"
