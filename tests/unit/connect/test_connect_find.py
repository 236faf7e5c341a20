"""Where the proxy may be and with which key, in the order in which it is tried: from files alone."""

import dataclasses

import pytest
from support.ccs_homes import FOREIGN_KEY, MANAGEMENT_SECRET, CcsHome, usual_home

from tui.connect.find import Search, search
from tui.domain.proxy import DEFAULT_KEY, DEFAULT_PROXY, Secret
from tui.settings import load_settings


@pytest.fixture
def home(tmp_path):
    return CcsHome(tmp_path / "ccs")


def look(home, flags=None, **environ):
    given = {"CCS_DIR": str(home.folder), "IMAGE_GEN_HOME": "/nonexistent", **environ}
    return search(load_settings(flags or {}, environ=given), given)


def places(found):
    """Address, key, and where both came from."""
    return [(each.url, each.key.reveal(), each.source, each.key_source) for each in found.candidates]


def pairs(found):
    return [(each.url, each.key.reveal()) for each in found.candidates]


def everything_in(value):
    """All text that a search holds, its secrets revealed."""
    if isinstance(value, Secret):
        yield value.reveal()
    elif isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from everything_in(each)
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from everything_in(getattr(value, field.name))


# What a person named


def test_with_nothing_named_and_no_ccs_it_is_the_usual_place_with_the_usual_key(home):
    found = look(home)
    assert places(found) == [(DEFAULT_PROXY, DEFAULT_KEY, "default", "default")]
    assert [(each.where, each.words) for each in found.places] == [(str(home.folder), "not there")]


def test_address_and_key_that_are_named_are_the_only_ones_and_no_file_is_looked_at(home):
    usual_home(home.folder, 8400, "found-key")
    found = look(home, {"proxy": "host:1", "api_key": "mine"})
    assert places(found) == [("http://host:1", "mine", "--proxy", "--api-key")]
    assert [(each.where, each.words) for each in found.places] == [("--proxy", "http://host:1"), ("--api-key", "a key")]


def test_the_address_says_where_it_came_from(home):
    assert look(home, {"proxy": "host:1"}).candidates[0].source == "--proxy"
    named = look(home, IMAGE_GEN_PROXY="host:1/v1").candidates[0]
    assert (named.source, named.url) == ("IMAGE_GEN_PROXY", "http://host:1")


def test_a_key_that_is_named_is_the_only_one_for_every_place(home):
    usual_home(home.folder, 8400, "found-key")
    home.session(8402, "sessions-8402.json")
    assert set(pairs(look(home, IMAGE_GEN_API_KEY="mine"))) == {
        ("http://127.0.0.1:8400", "mine"),
        ("http://127.0.0.1:8402", "mine"),
    }


@pytest.mark.parametrize("proxy", ["127.0.0.1:9000", "http://localhost:9000", "http://[::1]:9000"])
def test_an_address_on_this_machine_gets_the_keys_that_were_found(home, proxy):
    usual_home(home.folder, 8400, "found-key")
    found = look(home, {"proxy": proxy})
    assert [each.key.reveal() for each in found.candidates] == ["found-key", DEFAULT_KEY]
    assert {each.source for each in found.candidates} == {"--proxy"}


@pytest.mark.parametrize(
    "proxy", ["https://proxy.example.com", "http://192.168.1.5:8317", "localhost.example.com:8317"]
)
def test_an_address_elsewhere_never_gets_a_key_that_was_found(home, proxy):
    usual_home(home.folder, 8400, "found-key").config(
        key="common-key", remote={"enabled": True, "host": "other.example.com", "auth_token": "their-token"}
    )
    assert [each.key.reveal() for each in look(home, {"proxy": proxy}).candidates] == [DEFAULT_KEY]


def test_the_remote_servers_own_token_goes_to_it_and_to_no_other_origin(home):
    home.config(
        key="local-key", remote={"enabled": True, "host": "p.example.com", "protocol": "https", "auth_token": "t0ken"}
    )
    same = look(home, {"proxy": "https://p.example.com"})
    assert places(same)[0] == ("https://p.example.com", "t0ken", "--proxy", "CCS config.yaml")
    for other in ("http://p.example.com", "https://p.example.com:444", "https://q.example.com"):
        assert "t0ken" not in [each.key.reveal() for each in look(home, {"proxy": other}).candidates]


# What CCS wrote down


def test_port_and_key_of_config_yaml_come_first(home):
    usual_home(home.folder, 8400, "made-up-key")
    assert places(look(home))[:2] == [
        ("http://127.0.0.1:8400", "made-up-key", "CCS config.yaml", "CCS config.yaml"),
        ("http://127.0.0.1:8400", DEFAULT_KEY, "CCS config.yaml", "default"),
    ]


def test_the_keys_follow_each_other_as_ccs_prefers_them(home):
    home.config(key="common", variants={"fast": {"provider": "agy", "port": 8400, "auth": {"api_key": "variants-own"}}})
    home.generated("listed-1", DEFAULT_KEY, "listed-2").generated("other-port", port=8400, name="config-8400.yaml")
    home.profile("agy", f"{DEFAULT_PROXY}/api/provider/agy", "left-over")
    of_usual = [key for url, key in pairs(look(home)) if url == DEFAULT_PROXY]
    assert of_usual == ["common", "listed-1", DEFAULT_KEY, "listed-2", "other-port", "variants-own", "left-over"]
    of_variant = [key for url, key in pairs(look(home)) if url.endswith(":8400")]
    assert of_variant[:2] == ["common", "other-port"]


def test_a_variants_own_key_is_tried_after_the_common_one(home):
    """CCS 7.79 starts its proxy with the common keys only."""
    home.config(key="common", variants={"fast": {"port": 8400, "auth": {"api_key": "variants-own"}}})
    keys = [key for url, key in pairs(look(home)) if url.endswith(":8400")]
    assert keys.index("common") < keys.index("variants-own")


def test_the_ports_follow_each_other_as_ccs_prefers_them(home):
    home.config(port=8401, variants={"fast": {"port": 8404}}).session(8402, "sessions-8402.json")
    home.generated(port=8403, name="config-8403.yaml")
    home.profile("gemini", "http://localhost:8405/api/provider/gemini", DEFAULT_KEY)
    found = look(home)
    ports = [int(url.rpartition(":")[2]) for url, _ in pairs(found)]
    assert ports == [8401, 8402, 8403, 8404, 8405]
    assert [each.source for each in found.candidates] == [
        "CCS config.yaml", "CCS sessions-8402.json", "CCS cliproxy/config-8403.yaml", "a variant in CCS config.yaml",
        "CCS gemini.settings.json",
    ]  # fmt: skip


def test_a_home_as_ccs_makes_it_leaves_no_choice_and_nobody_need_be_asked(home):
    usual_home(home.folder)
    assert pairs(look(home)) == [(DEFAULT_PROXY, DEFAULT_KEY)]


def test_the_usual_port_is_somebody_else_s_where_ccs_wrote_down_another(home):
    assert pairs(look(home)) == [(DEFAULT_PROXY, DEFAULT_KEY)]
    usual_home(home.folder, 8400)
    assert {url for url, _ in pairs(look(home))} == {"http://127.0.0.1:8400"}


def test_a_base_url_with_a_provider_path_is_rebuilt(home):
    home.profile("gemini", "http://127.0.0.1:8444/api/provider/gemini", "k")
    assert ("http://127.0.0.1:8444", "k") in pairs(look(home))


def test_the_key_of_another_service_goes_nowhere(home):
    usual_home(home.folder).profile("other", "http://127.0.0.1:3456", FOREIGN_KEY)
    home.profile("far", "https://api.example.com/api/provider/x", FOREIGN_KEY)
    found = look(home)
    assert FOREIGN_KEY not in set(everything_in(found))
    assert {url for url, _ in pairs(found)} == {DEFAULT_PROXY}


def test_a_proxy_with_tls_is_found_under_https(home):
    home.generated("k", port=8317, more="tls:\n  enable: true\n  cert: c.pem\n")
    assert pairs(look(home))[0] == ("https://127.0.0.1:8317", "k")


def test_a_proxy_that_listens_at_one_address_only_is_asked_there_with_its_own_keys(home):
    home.config(key="common").generated("its-own", port=8400, name="config-8400.yaml", more='host: "192.168.1.5"')
    keys = [key for url, key in pairs(look(home)) if url == "http://192.168.1.5:8400"]
    assert keys == ["its-own", DEFAULT_KEY]


def test_the_management_secret_is_in_nothing_we_hold(home):
    usual_home(home.folder, 8400, "made-up-key")
    assert MANAGEMENT_SECRET not in "\n".join(everything_in(look(home)))
    assert MANAGEMENT_SECRET in (home.folder / "config.yaml").read_text()


def test_no_key_shows_in_a_place_or_in_a_repr(home):
    usual_home(home.folder, 8400, "made-up-key")
    found = look(home, CCS_PROXY_AUTH_TOKEN="token-of-the-shell")
    assert "made-up-key" not in repr(found)
    assert "token-of-the-shell" not in repr(found)
    assert found.candidates[0].key == Secret("token-of-the-shell")


# A remote server


def remote(**more):
    return {"enabled": True, "host": "proxy.example.com", "protocol": "https", "auth_token": "t0ken", **more}


@pytest.mark.parametrize(
    ("settings", "url"),
    [
        (remote(), "https://proxy.example.com:443"),
        (remote(protocol="http"), "http://proxy.example.com:8317"),
        (remote(port=9443), "https://proxy.example.com:9443"),
        (remote(host="2001:db8::1", protocol="http"), "http://[2001:db8::1]:8317"),
    ],
)
def test_a_remote_server_comes_first_with_its_token_and_ccs_own_default_ports(home, settings, url):
    home.config(key="local-key", remote=settings)
    found = look(home)
    assert places(found)[:2] == [
        (url, "t0ken", "CCS config.yaml", "CCS config.yaml"),
        (url, DEFAULT_KEY, "CCS config.yaml", "default"),
    ]
    assert pairs(found)[2:] == [(DEFAULT_PROXY, "local-key"), (DEFAULT_PROXY, DEFAULT_KEY)]


@pytest.mark.parametrize(
    "settings",
    [remote(enabled=False), remote(host=""), remote(host="a b"), remote(host="x/y"), remote(host="me@x"),
     remote(protocol="gopher"), remote(host=[7]), [], "yes"],
)  # fmt: skip
def test_a_remote_server_that_is_off_or_is_none_is_left_out(home, settings):
    home.config(remote=settings)
    assert pairs(look(home)) == [(DEFAULT_PROXY, DEFAULT_KEY)]


def test_a_remote_server_that_cannot_be_one_is_told(home):
    home.config(remote=remote(host="https://x/y"))
    assert any("remote" in each.words and not each.ok for each in look(home).places)


# CCS's own environment


def test_the_environment_names_another_remote_server_and_the_files_token_stays(home):
    home.config(key="local-key", remote=remote())
    found = look(home, CCS_PROXY_HOST="other.example.com", CCS_PROXY_PROTOCOL="https")
    assert [pair for pair in places(found) if "other" in pair[0]] == [
        ("https://other.example.com:443", DEFAULT_KEY, "CCS_PROXY_HOST", "default")
    ]
    assert "t0ken" not in [key for _, key in pairs(found)]


def test_the_environment_gives_a_host_port_protocol_and_token(home):
    found = look(
        home,
        CCS_PROXY_HOST="p.example.com",
        CCS_PROXY_PORT="9000",
        CCS_PROXY_PROTOCOL="HTTPS",
        CCS_PROXY_AUTH_TOKEN="tok",
    )
    assert places(found)[0] == ("https://p.example.com:9000", "tok", "CCS_PROXY_HOST", "CCS_PROXY_AUTH_TOKEN")


def test_the_environment_replaces_one_part_of_the_remote_server(home):
    home.config(remote=remote())
    assert pairs(look(home, CCS_PROXY_PORT="9000"))[0] == ("https://proxy.example.com:9000", "t0ken")
    assert pairs(look(home, CCS_PROXY_AUTH_TOKEN="new"))[0] == ("https://proxy.example.com:443", "new")
    assert pairs(look(home, CCS_PROXY_HOST="PROXY.example.com"))[0][1] == "t0ken"


def test_without_a_host_the_environments_port_and_token_are_those_of_this_machine(home):
    home.config(key="common")
    assert places(look(home, CCS_PROXY_PORT="9000", CCS_PROXY_AUTH_TOKEN="tok"))[0] == (
        "http://127.0.0.1:9000", "tok", "CCS_PROXY_PORT", "CCS_PROXY_AUTH_TOKEN",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("variable", "value"),
    [("CCS_PROXY_PORT", "eighty"), ("CCS_PROXY_HOST", "http://x"), ("CCS_PROXY_AUTH_TOKEN", "two words")],
)
def test_a_variable_that_cannot_be_used_is_told_and_left_out(home, variable, value):
    found = look(home, **{variable: value})
    assert pairs(found) == [(DEFAULT_PROXY, DEFAULT_KEY)]
    assert any(each.where == variable and not each.ok for each in found.places)


def test_our_own_settings_come_before_ccs_environment(home):
    assert pairs(look(home, IMAGE_GEN_PROXY="host:1", CCS_PROXY_HOST="other")) == [("http://host:1", DEFAULT_KEY)]


# Certificates


def test_self_signed_is_for_the_remote_server_only(home):
    home.config(remote=remote()).generated(more="tls:\n  enable: true\n")
    found = look(home, CCS_ALLOW_SELF_SIGNED="1").candidates
    assert {each.url: each.insecure for each in found} == {
        "https://proxy.example.com:443": True,
        "https://127.0.0.1:8317": False,
    }


def test_insecure_holds_for_every_certificate_and_marks_nothing_that_has_none(home):
    assert look(home, {"proxy": "https://x.example.com", "insecure": True}).candidates[0].insecure
    assert not look(home, {"proxy": "http://x.example.com", "insecure": True}).candidates[0].insecure
    assert not look(home, {"proxy": "https://x.example.com"}, CCS_ALLOW_SELF_SIGNED="1").candidates[0].insecure


def test_a_search_has_candidates_without_repetitions_whatever_is_there(home):
    for number in range(9000, 9070):
        home.session(number, f"sessions-{number}.json")
    home.generated(*(f"key-{number}" for number in range(100)))
    found = look(home)
    assert isinstance(found, Search)
    assert 1 <= len(found.candidates) <= 64
    assert len(set(pairs(found))) == len(found.candidates)
