from tui.connect.find import find_proxy
from tui.domain.proxy import DEFAULT_KEY, DEFAULT_PROXY, Secret
from tui.settings import load_settings


def found(flags=None, **environ):
    return find_proxy(load_settings(flags or {}, environ={"IMAGE_GEN_HOME": "/nonexistent", **environ}))


def test_with_nothing_named_it_is_the_usual_place_with_the_usual_key():
    address = found()
    assert (address.url, address.key, address.source) == (DEFAULT_PROXY, Secret(DEFAULT_KEY), "default")


def test_the_address_says_where_it_came_from():
    assert found({"proxy": "host:1"}).source == "--proxy"
    assert found(IMAGE_GEN_PROXY="host:1/v1").source == "IMAGE_GEN_PROXY"
    assert found(IMAGE_GEN_PROXY="host:1/v1").url == "http://host:1"


def test_a_key_may_come_from_another_place_than_the_address():
    address = found({"proxy": "host:1"}, IMAGE_GEN_API_KEY="mine")
    assert address.key == Secret("mine")
