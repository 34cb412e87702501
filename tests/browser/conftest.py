"""One browser for all; it ends before other tests start loops of their own. Each test has fresh windows of it."""
import pytest
from playwright.sync_api import sync_playwright

from tests.browser.widget import MISSING, Widget, chromium

DESKTOP = {"width": 1280, "height": 900}


@pytest.fixture(scope="session")
def path():
    """The browser's; asked for before the assistant is started."""
    return chromium() or pytest.fail(MISSING, pytrace=False)


@pytest.fixture(scope="package")
def browser(path):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path)
        yield browser
        browser.close()


@pytest.fixture
def visitor(path, assistant, browser):
    """Opens windows, each a new visitor with an empty browser; errors and requests elsewhere fail the test."""
    contexts, problems = [], []

    def visit(**how):
        how = {"viewport": DESKTOP, "locale": "en-GB", "color_scheme": "light", **how}
        context = browser.new_context(**how)
        context.on("weberror", lambda error: problems.append(f"error in the page: {error.error}"))
        contexts.append(context)
        return context

    yield visit
    for context in contexts:
        context.close()
    assert not problems


@pytest.fixture
def widget(visitor):
    """The widget in a window of its own, not opened yet."""
    return Widget(visitor().new_page())
