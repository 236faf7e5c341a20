import errno
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.domain.errors import InvalidRequest
from tui.domain.options import ASPECT_RATIOS, IMAGE_SIZES
from tui.domain.proxy import Secret
from tui.settings import BY_NAME, FIELDS, FORMATS, IMAGE_KINDS, LINKS, ROW_SHAPES, Settings, load_settings

HOME = "/nonexistent/home"


def load(flags=None, environ=None, file=None, tmp_path=None, **names):
    config = None
    if file is not None:
        config = tmp_path / "settings.toml"
        config.write_text(file, encoding="utf-8")
    return load_settings(flags or {}, environ={"IMAGE_GEN_HOME": HOME, **(environ or {}), **names}, config=config)


def failure(*args, **names):
    with pytest.raises(InvalidRequest) as caught:
        load(*args, **names)
    return f"{caught.value.title} {caught.value.detail} {caught.value.hint}"


def test_without_any_setting_the_defaults_of_the_contract_hold():
    settings = load()
    assert (settings.model, settings.aspect_ratio, settings.image_size) == (
        "gemini-3-pro-image-preview", "1:1", "1K",
    )  # fmt: skip
    assert (settings.count, settings.timeout, settings.format) == (1, 600, "as-delivered")
    assert settings.output_dir == Path("generated_images")
    assert settings.proxy is None
    assert settings.api_key is None
    assert not settings.sandbox
    assert settings.origins == {}


def test_every_field_of_the_table_is_a_field_of_settings_with_the_same_default():
    defaults = Settings()
    for row in FIELDS:
        value = getattr(defaults, row.name)
        if row.default is not None and row.name not in ("output_dir", "proxy", "api_key"):
            assert value == row.default, row.name


def test_a_flag_beats_the_environment_which_beats_the_file_which_beats_the_default(tmp_path):
    file = 'model = "of-file"\naspect_ratio = "16:9"\nimage_size = "2K"\n'
    environ = {"IMAGE_GEN_MODEL": "of-environment", "IMAGE_GEN_ASPECT_RATIO": "3:2"}
    settings = load({"model": "of-flag"}, environ, file, tmp_path)
    assert (settings.model, settings.aspect_ratio, settings.image_size) == ("of-flag", "3:2", "2K")
    assert settings.origins == {
        "model": "--model",
        "aspect_ratio": "IMAGE_GEN_ASPECT_RATIO",
        "image_size": str(tmp_path / "settings.toml"),
    }


@pytest.mark.parametrize("row", FIELDS, ids=lambda row: row.name)
def test_an_empty_environment_variable_counts_as_unset(row):
    assert load(environ={row.environment_name: ""}) == load()


def test_the_home_variable_moves_settings_state_and_cache(tmp_path):
    (tmp_path / "settings.toml").write_text('theme = "nord"')
    settings = load_settings({}, environ={"IMAGE_GEN_HOME": str(tmp_path)})
    assert settings.theme == "nord"
    for place in (settings.config_file, settings.state_dir, settings.cache_dir):
        assert place.is_relative_to(tmp_path)


def test_without_the_home_variable_the_xdg_folders_are_used(tmp_path):
    settings = load_settings({}, environ={"HOME": str(tmp_path), "XDG_CACHE_HOME": "relative/is/ignored"})
    assert settings.config_file == tmp_path / ".config/image-gen/settings.toml"
    assert settings.state_dir == tmp_path / ".local/state/image-gen"
    assert settings.cache_dir == tmp_path / ".cache/image-gen"
    moved = load_settings({}, environ={"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "c")})
    assert moved.config_file == tmp_path / "c/image-gen/settings.toml"


def test_a_settings_file_that_a_person_named_must_be_there(tmp_path):
    with pytest.raises(InvalidRequest) as caught:
        load_settings({}, environ={}, config=tmp_path / "none.toml")
    assert "none.toml" in caught.value.detail
    message = failure(IMAGE_GEN_CONFIG=str(tmp_path / "none.toml"))
    assert "none.toml" in message


def test_a_home_that_is_no_folder_holds_no_settings_and_keeps_nobody_from_working():
    """Containers and cron have HOME=/dev/null."""
    settings = load_settings({}, environ={"HOME": "/dev/null"})
    assert (settings.model, settings.warnings) == (Settings().model, ())


def test_settings_in_the_home_of_another_user_are_a_warning_and_those_named_are_wrong_usage(tmp_path, monkeypatch):
    def closed(path):
        """Root, who may run the tests, reads through every mode."""
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", closed)
    (warning,) = load_settings({}, environ={"HOME": str(tmp_path)}).warnings
    assert str(tmp_path / ".config/image-gen/settings.toml") in warning
    with pytest.raises(InvalidRequest) as caught:
        load_settings({}, environ={"HOME": str(tmp_path)}, config=tmp_path / "mine.toml")
    assert str(tmp_path / "mine.toml") in caught.value.detail


def test_the_environment_can_name_the_settings_file(tmp_path):
    (tmp_path / "mine.toml").write_text("count = 3")
    assert load(IMAGE_GEN_CONFIG=str(tmp_path / "mine.toml")).count == 3


def test_an_unknown_key_is_a_warning_that_names_the_nearest(tmp_path):
    settings = load(file='modle = "x"\nzzz = 1\n', tmp_path=tmp_path)
    assert len(settings.warnings) == 2
    assert "'modle'; is it model?" in settings.warnings[0]
    assert "'zzz'." in settings.warnings[1]


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ('count = "3"', "count"),
        ("count = true", "count"),
        ("count = 2.5", "count"),
        ('sandbox = "yes"', "sandbox"),
        ("model = 3", "model"),
        ('timeout = "soon"', "timeout"),
        ("output_dir = []", "output_dir"),
        ("[proxy]\nurl = 1", "proxy"),
        ("count = 0", "count"),
        ('format = "tiff"', "format"),
    ],
)
def test_a_wrong_value_in_the_file_names_file_and_key(line, key, tmp_path):
    message = failure(file=line, tmp_path=tmp_path)
    assert "settings.toml" in message
    assert key in message


@pytest.mark.parametrize("content", [b"model = ", b"\xff\xfe", b"a = 1\na = 2"])
def test_a_file_that_is_no_toml_is_named(content, tmp_path):
    path = tmp_path / "settings.toml"
    path.write_bytes(content)
    with pytest.raises(InvalidRequest) as caught:
        load_settings({}, environ={}, config=path)
    assert str(path) in caught.value.detail


def test_a_file_may_begin_with_a_byte_order_mark_and_give_512_as_a_number(tmp_path):
    path = tmp_path / "settings.toml"
    path.write_bytes(b"\xef\xbb\xbfimage_size = 512")
    assert load_settings({}, environ={}, config=path).image_size == "512"


@pytest.mark.parametrize(
    ("flags", "right"),
    [
        ({"count": "0"}, "1 to 99"),
        ({"count": "100"}, "1 to 99"),
        ({"count": "two"}, "1 to 99"),
        ({"count": "٣"}, "1 to 99"),
        ({"count": "9" * 5000}, "1 to 99"),
        ({"timeout": "0"}, "above 0"),
        ({"timeout": "nan"}, "above 0"),
        ({"timeout": "inf"}, "above 0"),
        ({"timeout": "-3"}, "above 0"),
        ({"image_size": "8K"}, "512 1K 2K 4K"),
        ({"format": "gif"}, "as-delivered png jpeg webp"),
        ({"model": "  "}, "a name"),
        ({"output_dir": ""}, "a path"),
        ({"output_dir": "a\0b"}, "a path"),
        ({"output_dir": "~nobody-of-that-name/x"}, "known home"),
        ({"proxy": "ftp://host"}, "http://127.0.0.1:8317"),
        ({"proxy": "http://"}, "http://127.0.0.1:8317"),
        ({"proxy": "http://host:99999"}, "http://127.0.0.1:8317"),
        ({"proxy": "http://user:pw@host"}, "--api-key"),
        ({"proxy": "http://host/?key=1"}, "--api-key"),
        ({"proxy": "http://a b"}, "http://127.0.0.1:8317"),
    ],
)
def test_a_wrong_flag_says_what_would_be_right(flags, right):
    assert right in failure(flags)


def test_a_ratio_that_no_model_has_lists_those_of_the_chosen_model_and_the_closest():
    message = failure({"aspect_ratio": "17:9", "model": "gemini-2.5-flash-image"})
    assert "gemini-2.5-flash-image" in message
    assert "21:9" in message
    assert "8:1" not in message
    assert "Closest to yours: 16:9" in message


def test_a_wrong_environment_value_names_the_variable():
    assert "IMAGE_GEN_COUNT" in failure(IMAGE_GEN_COUNT="many")


@pytest.mark.parametrize("key", ["two words", "käse", "line\nbreak", "  "])
def test_a_key_that_cannot_be_sent_is_refused_without_showing_it(key):
    message = failure({"api_key": key})
    assert key.strip() == "" or key not in message
    assert "api-key" in message


def test_the_key_shows_in_no_repr():
    assert "s3cret" not in repr(load(IMAGE_GEN_API_KEY="s3cret"))
    assert load(IMAGE_GEN_API_KEY="s3cret").api_key == Secret("s3cret")


def test_the_sandbox_gives_way_to_a_proxy_named_in_a_stronger_place():
    assert not load({"proxy": "host:1"}, IMAGE_GEN_SANDBOX="1").sandbox
    assert load({"sandbox": True}, IMAGE_GEN_PROXY="host:1").sandbox
    assert "exclude each other" in failure({"sandbox": True, "proxy": "host:1"})


@pytest.mark.parametrize(
    "spelled",
    ["host:1", "http://host:1/", "http://host:1/v1", "http://host:1/v1/", "host:1/v1/chat/completions"],
)
def test_a_proxy_may_be_spelled_with_or_without_scheme_slash_and_version(spelled):
    assert load({"proxy": spelled}).proxy == "http://host:1"


@pytest.mark.parametrize("variable", ["IMAGE_GEN_CONFIG", "IMAGE_GEN_HOME", "IMAGE_GEN_OUTPUT_DIR"])
def test_the_home_of_nobody_is_refused_in_words(variable):
    assert variable in failure(environ={variable: "~nobody-of-that-name/x"})


def test_a_home_sign_is_expanded_everywhere(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert load({"output_dir": "~/pictures"}).output_dir == tmp_path / "pictures"
    assert load(IMAGE_GEN_OUTPUT_DIR="~/pictures").output_dir == tmp_path / "pictures"


MEANINGFUL = {
    "model": st.text(string.ascii_letters + "-./", min_size=1),
    "aspect_ratio": st.sampled_from(ASPECT_RATIOS),
    "image_size": st.sampled_from(IMAGE_SIZES),
    "count": st.integers(1, 99),
    "timeout": st.floats(0.001, 9e6),
    "sandbox": st.booleans(),
    "format": st.sampled_from(FORMATS),
    "images": st.sampled_from(IMAGE_KINDS),
    "link": st.sampled_from(LINKS),
    "theme": st.text(string.ascii_letters, min_size=1),
    "history_rows": st.sampled_from(ROW_SHAPES),
    "jobs_limit": st.integers(1, 99),
    "reply_limit_mb": st.integers(1, 100_000),
    "sandbox_delay": st.floats(0, 9e6),
}


@given(st.fixed_dictionaries({}, optional=MEANINGFUL))
def test_flag_environment_and_file_mean_the_same_by_the_same_words(values):
    """What a person writes in one place they may write in the others."""
    spelled = {BY_NAME[name].environment_name: str(value) for name, value in values.items()}
    by_flags = load({name: str(value) for name, value in values.items()})
    by_environment = load(environ=spelled)
    for name, value in values.items():
        assert getattr(by_flags, name) == getattr(by_environment, name) == value


def _toml(value):
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value) if isinstance(value, (int, float)) else f'"{value}"'


@given(values=st.fixed_dictionaries({}, optional=MEANINGFUL))
def test_the_file_gives_back_what_was_written(values, tmp_path):
    file = "\n".join(f"{name} = {_toml(value)}" for name, value in values.items())
    settings = load(file=file, tmp_path=tmp_path)
    assert settings.warnings == ()
    assert {name: getattr(settings, name) for name in values} == values


@given(
    name=st.sampled_from([row.name for row in FIELDS]),
    text=st.text(st.characters(blacklist_characters="\0", blacklist_categories=("Cs",)), min_size=1),
)
def test_any_text_is_taken_or_refused_in_words_and_never_crashes(name, text):
    variable = BY_NAME[name].environment_name
    refusal = None
    try:
        settings = load(environ={variable: text})
    except InvalidRequest as error:
        refusal = error
    if refusal is None:
        assert settings.origins == {name: variable}
    else:
        assert variable in refusal.title
        assert refusal.hint


@given(st.binary(max_size=200))
def test_any_bytes_in_the_file_are_taken_or_refused_in_words(tmp_path, data):
    path = tmp_path / "settings.toml"
    path.write_bytes(data)
    refusal = None
    try:
        load_settings({}, environ={}, config=path)
    except InvalidRequest as error:
        refusal = error
    assert refusal is None or str(path) in f"{refusal.title} {refusal.detail}"
