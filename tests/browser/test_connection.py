"""Nothing is lost and nothing comes twice: reloads, two tabs, no network, no sockets, a server that dies."""
import json

from playwright.sync_api import expect

from bot.channels.page import config
from bot.cli.server import address
from tests.browser.widget import Widget, demo, words
from tests.http.page import let_pass

QUESTION = "How long does the operation take?"
OTHER = "What are the risks?"


def said_by(widget):
    return [text for who, text in widget.transcript() if who == "patient"]


def test_a_reload_and_a_closed_tab_keep_the_conversation(visitor):
    context = visitor()
    widget = Widget(context.new_page()).start()
    widget.say(QUESTION)
    before = widget.transcript()
    widget.page.close()
    widget = Widget(context.new_page())
    widget.page.goto(demo())
    widget.opener.click()
    expect(widget.messages).to_have_count(len(before))
    assert widget.transcript() == before
    expect(widget.button("privacy_accept")).to_have_count(0)
    expect(widget.answers.last.locator(".buttons button").first).to_be_visible()

    # silent for longer than the clinic keeps a conversation open, in an open tab
    session = widget.page.evaluate("JSON.parse(localStorage['clinic-assistant:session']).token")
    let_pass(session, hours=24 * 30)
    widget.input.fill(OTHER)
    widget.input.press("Enter")
    expect(widget.patients).to_have_count(1)
    expect(widget.answers).to_have_count(2)
    assert said_by(widget) == [OTHER]


def test_what_the_database_did_not_take_is_shown_all_the_same_and_in_order(visitor):
    context, away = visitor(), True

    def connect(socket):
        server = socket.connect_to_server()

        def pass_on(text):
            message = json.loads(text)
            if away and message["type"] == "event":
                message["event"].update(seq=None, time=None)
            socket.send(json.dumps(message))

        server.on_message(pass_on)

    context.route_web_socket("**", connect)
    widget = Widget(context.new_page()).start()
    widget.say(QUESTION)
    emergency = "I can't feel my legs any more"
    widget.say(emergency)
    expect(widget.answers.last.locator(".call")).to_be_visible()
    away = False
    widget.say(OTHER)
    assert said_by(widget) == [QUESTION, emergency, OTHER]
    assert [who for who, _ in widget.transcript()] == ["assistant", *["patient", "assistant"] * 3]


def test_two_tabs_show_one_conversation(visitor):
    context = visitor()
    one = Widget(context.new_page()).start()
    two = Widget(context.new_page())
    two.page.goto(demo())
    two.opener.click()
    expect(two.answers).to_have_count(1)
    one.say(QUESTION)
    two.heard(1)
    two.press(two.answers.last.locator(".simpler"))
    one.heard(2)
    assert one.transcript() == two.transcript() and len(one.transcript()) == 5
    two.speak("fr")
    expect(one.input).to_have_attribute("placeholder", words("placeholder", "fr"))
    two.options().button("forget").click()
    two.button("forget_yes").click()
    for tab in (one, two):
        expect(tab.messages).to_have_count(1)
    one.code = "fr"
    one.say(OTHER)
    two.heard(1)
    assert one.transcript() == two.transcript()


def test_what_is_written_without_a_network_is_sent_when_it_is_back(visitor):
    context = visitor()
    widget = Widget(context.new_page()).start()
    context.set_offline(True)
    expect(widget.status).to_contain_text(config()["clinic"]["phone"])
    for text in (QUESTION, OTHER):
        widget.input.fill(text)
        widget.input.press("Enter")
    expect(widget.pending).to_have_count(2)
    expect(widget.pending.last).to_contain_text(words("queued"))
    context.set_offline(False)
    widget.heard(1, 2)
    assert said_by(widget) == [QUESTION, OTHER]
    expect(widget.status).not_to_contain_text(config()["clinic"]["phone"])

    context.set_offline(True)
    widget.input.fill("thanks")
    widget.input.press("Enter")
    expect(widget.pending).to_have_count(1)
    widget.page.close()
    context.set_offline(False)
    widget = Widget(context.new_page())
    widget.page.goto(demo())
    widget.opener.click()
    widget.heard(3)
    assert said_by(widget) == [QUESTION, OTHER, "thanks"]


def test_where_sockets_are_forbidden_it_works_without(visitor):
    context = visitor()
    context.route_web_socket("**", lambda socket: socket.close())
    widget = Widget(context.new_page()).start()
    widget.say(QUESTION)
    widget.press(widget.answers.last.locator(".simpler"))
    assert len(widget.transcript()) == 5


def test_a_server_that_is_killed_in_mid_conversation_loses_and_doubles_nothing(visitor, assistant):
    context = visitor()
    widget = Widget(context.new_page()).start()
    widget.say(QUESTION)
    before = widget.transcript()
    widget.input.fill(OTHER)
    widget.input.press("Enter")
    expect(widget.patients).to_have_count(2)
    assistant.kill()
    widget.input.fill("thanks a lot")
    widget.input.press("Enter")
    expect(widget.pending.last).to_contain_text(words("queued"))
    expect(widget.status).to_contain_text(config()["clinic"]["phone"])
    assistant.start()
    widget.page.evaluate("dispatchEvent(new Event('online'))")  # as a browser says; else it tries within half a minute
    widget.heard(2, 2)
    after = widget.transcript()
    assert after[: len(before)] == before
    assert said_by(widget) == [QUESTION, OTHER, "thanks a lot"]
    assert len(after) == len(before) + 4

    widget.page.reload()
    widget.opener.click()
    expect(widget.messages).to_have_count(len(after))
    assert widget.transcript() == after


def test_a_page_loaded_while_the_server_is_away_waits_for_it(visitor):
    context = visitor()
    context.route(f"{address()}/webhooks/web/config", lambda route: route.abort(), times=3)  # the page's own, and two tries
    widget = Widget(context.new_page())
    widget.page.goto(demo())
    expect(widget.opener).to_be_visible()
