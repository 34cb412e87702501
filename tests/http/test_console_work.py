"""A morning of the clinic's staff: conversations, missed questions, requests, and patients who wait for a person."""
import re
import time

import pytest

from bot.store import audit, erasure, handovers, messages, requests, review, shares, staff, threads, whatsapp_outbox
from bot.store.database import engine, metadata
from tests import events
from tests.events import turn
from tests.http.console import PASSWORD, Browser


@pytest.fixture(scope="module")
def editor(console):
    return console.member("ines", "editor")


@pytest.fixture(autouse=True)
def _empty():
    events.empty()


def indexed(count=1):
    """Waits until the console has read `count` messages."""
    deadline = time.monotonic() + 30
    while sum(row["count"] for row in messages.listed(limit=1_000)) < count:
        assert time.monotonic() < deadline, "the console does not read the log"
        time.sleep(0.1)


def link(page):
    """Returns where the link leads that was just made to share a conversation."""
    return re.search(r"<code>http://[^/]+(/shared/[\w.-]+)", page).group(1)


def noted(name="ines"):
    return [entry["action"] for entry in audit.read(limit=5) if entry["staff"] == name]


def test_conversations_are_found_by_words_and_by_what_happened(editor):
    turn("web-1", "is it dangerous?")
    turn("web-2", "dangereux pour ma mère ?", "nlu_fallback", language="fr", sure=0.3)
    turn("whatsapp-3", "my legs are numb", "emergency", red_flag="legs")
    indexed(3)
    for query, found in [
        ({"words": "danger"}, {"web-1", "web-2"}),
        ({"language": "fr"}, {"web-2"}),
        ({"flag": "emergency"}, {"whatsapp-3"}),
        ({"channel": "whatsapp"}, {"whatsapp-3"}),
        ({"words": "danger", "flag": "unsure"}, {"web-2"}),
        ({"since": "2020-01-01", "until": "2020-01-02"}, set()),
        ({"period": "7"}, {"web-1", "web-2", "whatsapp-3"}),
        ({"topic": "faq_risks"}, {"web-1"}),
        ({"topic": "no_such"}, set()),
        ({"sure": "50"}, {"web-2"}),
        ({"sure": "90", "language": "en"}, set()),
        ({"tag": "absent"}, set()),
        ({"reviewed": "yes"}, set()),
        ({"reviewed": "no", "assigned": "-", "language": "fr"}, {"web-2"}),
        ({"assigned": "me"}, set()),
        ({"since": "nonsense", "before": "nonsense", "flag": "'"}, {"web-1", "web-2", "whatsapp-3"}),
    ]:
        page = editor.get("/conversations", params=query).text
        assert set(re.findall(r"/conversations/((?:web|whatsapp)-\d)\"", page)) == found, query


def test_a_transcript_hides_who_somebody_is_until_that_is_noted(editor, console):
    turn("web-1", "My name is Mary Jones, is it dangerous?", buttons=[("Nerve damage", "/faq_nerve_damage")])
    turn("web-1", "/faq_nerve_damage", "faq_nerve_damage")
    turn("web-1", "call Mary on 0470 12 34 56 <script>alert(1)</script>", ranking=[["faq_risks", 0.8], ["faq_balloon", 0.1]])
    indexed(3)
    page = editor.get("/conversations/web-1").text
    assert "Mary Jones" not in page and "12 34 56" not in page and "⟨name⟩" in page and "Nerve damage" in page
    assert "&lt;script&gt;" in page and "80%" in page and noted()[0] == "conversation.read"
    shown = editor.submit("/conversations/web-1/plain").text
    assert "Mary Jones" in shown and "0470 12 34 56" in shown and noted()[0] == "conversation.revealed"
    reader = console.member("lea", "reader")
    assert reader.submit("/conversations/web-1/plain").status_code == 403
    assert "faq_" not in re.sub(r"<[^>]*>", "", page).replace("utter_faq_risks", "").replace("utter_faq_nerve_damage", "")


def test_what_happened_is_a_filter_each(editor):
    now = time.time()
    alike = [["faq_risks", 0.5], ["faq_nerve_damage", 0.3]]
    turn("web-1", "is it bad?", at=now - 20, ranking=alike)
    turn("web-1", "can it harm me?", at=now, ranking=alike)
    turn("web-2", "is it bad?")
    turn("web-2", "/feedback_negative", "feedback_negative", entities=(("about", "utter_faq_risks"),))
    turn("web-3", "is it bad?")
    turn("web-3", "/feedback_positive", "feedback_positive", entities=(("about", "utter_faq_risks"),))
    turn("web-4", "an appointment please", "request_appointment")
    turn("web-5", "may I fly?", "uncovered_medical_question")
    turn("web-6", "my arm tingles", ranking=[["faq_risks", 0.6], ["emergency", 0.2]])
    turn("web-7", "my legs are numb", "emergency", red_flag="legs")
    turn("web-8", "mmh", "nlu_fallback")
    indexed(11)
    kinds = ("rephrased", "down", "up", "appointment", "uncovered", "near_miss", "emergency", "unsure")
    for number, flag in enumerate(kinds, 1):
        found = re.findall(r'/conversations/(web-\d)"', editor.get("/conversations", params={"flag": flag}).text)
        assert found == [f"web-{number}"], flag


def test_a_search_is_kept_by_whom_it_belongs_to(editor, console):
    page = editor.submit("/filters", name=" Mine,  urgent ", query="flag=emergency&assigned=me&evil=1&before=2").text
    assert 'href="/conversations?flag=emergency&amp;assigned=me"' in page and "Mine, urgent" in page
    assert "Mine, urgent" not in console.member("mia", "reader").get("/conversations").text
    editor.submit("/filters", name="Mine, urgent", query="flag=down")
    page = editor.get("/conversations?flag=down").text
    assert page.count("Mine, urgent</a>") == 1 and "evil" not in page
    number = re.search(r"/filters/(\d+)/remove", page).group(1)
    assert editor.submit("/filters", name=" ", query="flag=down").status_code == 400
    console.member("mia", "reader").submit(f"/filters/{number}/remove")
    assert "Mine, urgent" in editor.get("/conversations").text
    assert "Mine, urgent" not in editor.submit(f"/filters/{number}/remove").text


def test_a_conversation_is_assigned(editor, console):
    turn("web-1", "is it dangerous?")
    turn("web-2", "is it dangerous?")
    indexed(2)
    console.member("noa", "editor")
    assert "noa" in editor.submit("/conversations/web-1/assign", staff="noa").text
    assert noted()[1] == "conversation.assigned"
    for query, found in [("assigned=noa", {"web-1"}), ("assigned=-", {"web-2"}), ("assigned=me", set())]:
        assert set(re.findall(r'/conversations/(web-\d)"', editor.get(f"/conversations?{query}").text)) == found
    assert editor.submit("/conversations/web-1/assign", staff="nobody at all").status_code == 400
    editor.submit("/conversations/web-1/assign", staff="")
    assert editor.get("/conversations?assigned=noa").text.count("/conversations/web-") == 0


def test_a_shared_link_is_redacted_ends_and_is_noted(editor, console):
    turn("web-1", "My name is Mary Jones, is it dangerous?")
    turn("web-2", "is it dangerous?")
    indexed(2)
    page = editor.submit("/conversations/web-1/share", days="7").text
    path = link(page)
    assert noted()[0] == "conversation.shared"
    visitor = console.visitor()
    seen = visitor.get(path)
    assert seen.status_code == 200 and "⟨name⟩" in seen.text and "Mary" not in seen.text and "The words of" in seen.text
    assert "/inbox/" not in seen.text and "<nav" not in seen.text and seen.headers["cache-control"] == "no-store"
    assert audit.read(limit=1)[0]["action"] == "conversation.read-by-link" and "ines" in audit.read(limit=1)[0]["staff"]
    forged = path[:-9] + ("A" if path[-9] != "A" else "B") + path[-8:]
    for wrong in (forged, "/shared/1", "/shared/MQ", "/shared/x.y", path + "x"):
        assert visitor.get(wrong).status_code == 410, wrong
    assert editor.submit("/conversations/web-1/share", days="400").status_code == 400
    assert editor.submit("/conversations/web-9/share", days="7").status_code == 404
    table = metadata.tables["shares"]
    with engine().begin() as connection:
        connection.execute(table.update().values(until=time.time() - 1))
    assert visitor.get(path).status_code == 410
    path = link(editor.submit("/conversations/web-1/share", days="1").text)
    number = re.search(r"/share/(\d+)/withdraw", editor.get("/conversations/web-1").text).group(1)
    editor.submit(f"/conversations/web-2/share/{number}/withdraw")  # of another conversation: nothing happens
    assert visitor.get(path).status_code == 200
    editor.submit(f"/conversations/web-1/share/{number}/withdraw")
    assert visitor.get(path).status_code == 410
    path = link(editor.submit("/conversations/web-1/share", days="1").text)
    erasure.erase("web-1")
    assert visitor.get(path).status_code == 410 and not shares.of("web-1")


def test_notes_tags_and_reviewed(editor):
    turn("web-1", "is it dangerous?")
    indexed()
    editor.submit("/conversations/web-1/note", text="Called <b>her</b> back")
    editor.submit("/conversations/web-1/tag", tag="  Follow   up ")
    editor.submit("/conversations/web-1/tag", tag="follow up")
    page = editor.submit("/conversations/web-1/reviewed", done="yes").text
    assert "Called &lt;b&gt;her&lt;/b&gt; back" in page and page.count('<span class="tag">follow up</span>') == 1
    assert "Reviewed by ines" in page and "web-1" in editor.get("/conversations?tag=follow+up&reviewed=yes").text
    assert "web-1" not in editor.get("/conversations?reviewed=no").text
    page = editor.submit("/conversations/web-1/tag", away="follow up").text
    assert "follow up" not in page and editor.submit("/conversations/web-9/note", text="x").status_code == 404


def test_notes_hide_who_somebody_is_as_the_conversation_does(editor, console):
    turn("web-1", "My name is Wilhelmina Quist, is it dangerous?", slots=[("request_name", "Wilhelmina Quist")])
    indexed()
    note = "wilhelmina rings on 0470 12 34 56 about 7k3p-9qxm and 7K3P9QXM"
    editor.submit("/conversations/web-1/note", text=note)
    page = console.member("lea", "reader").get("/conversations/web-1").text
    assert "⟨name⟩ rings on ⟨telephone⟩ about ⟨reference⟩ and ⟨reference⟩" in page
    assert note in editor.submit("/conversations/web-1/plain").text


def test_an_open_conversation_is_drawn_again_when_something_is_new(editor):
    turn("web-1", "is it dangerous?")
    indexed()
    handovers.ask("web-1", "en", {}, ())

    def again():
        return re.search(r"/conversations/web-1/talk\?state=\w+", editor.get("/conversations/web-1").text).group()

    before = again()
    assert editor.get(before).status_code == 204 == editor.get(before).status_code
    editor.submit("/conversations/web-1/note", text="rings at noon")
    noted_down = again()
    assert editor.get(before).status_code == 200 and editor.get(noted_down).status_code == 204
    editor.submit("/conversations/web-1/take")
    assert editor.get(noted_down).status_code == 200
    handovers.forget("web-1")
    assert "hx-get" not in editor.get(noted_down).text


@pytest.mark.parametrize("conversation", ["web-1", "whatsapp-1"])
def test_a_patient_is_answered_by_a_person_and_given_back(editor, console, conversation):
    turn(conversation, "I want a person", "talk_to_human")
    indexed()
    handovers.ask(conversation, "en", {"topics": [], "open_question": "Am I Mary Jones's twin?", "red_flags": []}, ())
    assert "1 patient waits" in editor.get("/waiting").text
    page = editor.submit(f"/conversations/{conversation}/take").text
    assert "You have this conversation" in page and "Mary" not in page
    other = console.member("tom", "editor")
    assert other.submit(f"/conversations/{conversation}/take").status_code == 409
    assert other.submit(f"/conversations/{conversation}/reply", text="me too").status_code == 409
    assert other.submit(f"/conversations/{conversation}/give-back").status_code == 409
    assert editor.submit(f"/conversations/{conversation}/reply", text="  ").status_code == 400
    handovers.overheard(conversation, "I am here", [])
    page = editor.submit(f"/conversations/{conversation}/reply", text="Good morning, we are here").text
    assert "Good morning, we are here" in page
    assert "Good morning" in str(threads.after(conversation, 0))
    talk = editor.get(f"/conversations/{conversation}/talk").text
    assert "Good morning" in talk and ("I am here" in talk) == (conversation == "whatsapp-1")
    page = editor.submit(f"/conversations/{conversation}/give-back").text
    assert "The assistant has this conversation" in page and "the assistant is back" in page
    sent = whatsapp_outbox.last("whatsapp-1")
    assert conversation == "web-1" or "the assistant is back" in str(sent["payload"])
    for store in (handovers, threads, whatsapp_outbox):
        store.forget(conversation)


@pytest.mark.parametrize("conversation", ["web-1", "whatsapp-1"])
def test_a_double_click_sends_once(editor, conversation):
    data = {"whom": "self", "name": "Anna Peeters", "contact": "+32 470 12 34 56", "reason": "train", "when": []}
    request, _ = requests.create(conversation, f"twice-{conversation}", "question", "en", data, ())
    turn(conversation, "may I take the train?")
    indexed()
    page = editor.submit(f"/conversations/{conversation}/take").text
    keys = [re.search(r'name="once" value="([\w-]+)"', text).group(1) for text in (page, editor.get("/requests").text)]
    paths = [f"/conversations/{conversation}/reply", f"/requests/{request.reference}/reply"]
    for path, key in zip(paths, keys):
        for _ in range(2):
            assert editor.submit(path, text=f"Good morning by {key}", once=key).status_code == 200
    said = [event["text"] for event in threads.after(conversation, 0)]
    assert said == [f"Good morning by {key}" for key in keys]
    assert requests.find(request.reference).state == "answered"
    assert editor.submit(paths[1], text="Another window", once="another").status_code == 409
    assert len(threads.after(conversation, 0)) == 2
    for store in (handovers, requests, threads, whatsapp_outbox):
        store.forget(conversation)


def test_what_the_patient_withdrew_is_not_answered_by_a_page_that_was_open(editor):
    request, _ = requests.create("web-1", "draft-gone", "question", "en", {"name": "Anna Peeters"}, ())
    turn("web-1", "may I take the train?")
    indexed()
    requests.withdraw(request.reference, ())
    assert editor.submit(f"/requests/{request.reference}/reply", text="yes", once="k").status_code == 409
    assert editor.submit(f"/requests/{request.reference}/state", state="answered").status_code == 409
    assert requests.find(request.reference).state == "withdrawn" and not threads.after("web-1", 0)
    requests.forget("web-1")


def test_it_is_noted_who_saw_what(editor):
    turn("web-1", "may I fly?", "uncovered_medical_question")
    indexed()
    (row,) = review.missed()

    def noted_by(path):
        before = {entry["id"] for entry in audit.read()}
        assert editor.get(path).status_code == 200
        return [(each["action"], each["subject"]) for each in audit.read() if each["id"] not in before]

    assert noted_by("/?kind=uncovered") == [("inbox.read", "uncovered")]
    assert noted_by(f"/inbox/{row['id']}") == [("message.read", f"web-1 {row['id']}")]
    assert noted_by("/conversations?words=Mary&flag=up") == [("conversations.listed", "words flag")]
    assert noted_by("/conversations/web-1/test") == [("conversation.read", "web-1")]
    assert noted_by("/requests") == [("requests.listed", "open")]
    ((action, subject),) = noted_by("/dashboard/messages?since=2026-01-02&until=2026-01-03&outcome=unsure")
    assert (action, subject) == ("messages.listed", "2026-01-02 2026-01-03 outcome=unsure")
    handovers.ask("web-1", "en", {}, ())
    assert [noted_by("/conversations/web-1/talk") for _ in range(3)] == [[("conversation.read", "web-1")], [], []]
    handovers.forget("web-1")


def test_a_large_backlog_is_judged_whole_and_its_weeks_are_told_as_they_are(editor):
    now = time.time()
    with_old = [8 * 86_400] * 10 + [0] * 300
    for number, ago in enumerate(with_old):
        turn(f"web-{number}", "may I fly?", "uncovered_medical_question", at=now - ago)
    indexed(310)
    page = editor.get("/").text
    assert "300 messages" in page and "300 this week" not in page
    assert "300 came this week and 10 the week before" in page
    numbers = " ".join(re.findall(r'name="number" value="([\d ]+)"', page))
    assert len(numbers.split()) == 300 and "200 more like these" in page
    editor.submit("/inbox/judge", number=numbers, verdict="right")
    page = editor.get("/").text
    assert "10 messages" in page and "0 this week, 10 the week before" in page


def test_who_waits_in_a_language_that_is_not_served_any_more_keeps_no_page_away(editor):
    turn("web-1", "is it dangerous?")
    indexed(1)
    handovers.ask("web-1", "xx", {}, ())
    assert editor.get("/conversations").status_code == 200
    editor.submit("/conversations/web-1/take")
    assert editor.submit("/conversations/web-1/give-back").status_code == 200


def test_a_conversation_that_did_not_ask_can_be_taken_over_too(editor):
    turn("web-1", "is it dangerous?")
    indexed()
    assert "You have this conversation" in editor.submit("/conversations/web-1/take").text
    assert handovers.current("web-1").taken_by == "ines"
    handovers.forget("web-1")
    assert editor.submit("/conversations/web-77/take").status_code == 404


def test_missed_questions_are_grouped_across_languages_and_judged(editor):
    alike = [["faq_getting_up", 0.25], ["faq_hospital_stay", 0.2]]
    for number, (text, code) in enumerate(
        [
            ("Can I drive a car after the procedure?", "en"),
            ("Puis-je conduire ma voiture après l'intervention ?", "fr"),
            ("İşlemden sonra araba kullanabilir miyim?", "tr"),
            ("What will the weather be like tomorrow?", "en"),
        ]
    ):
        turn(f"web-{number}", text, "nlu_fallback", language=code, ranking=alike)
    turn("web-5", "my arm tingles", ranking=[["faq_risks", 0.6], ["emergency", 0.2]])
    turn("web-6", "is it dangerous?")
    indexed(6)
    page = editor.get("/").text
    first = page.split('<form class="item card"')[1]
    assert "3 messages" in first and all(word in first for word in ("drive a car", "conduire", "araba"))
    assert "is it dangerous?" not in page and "All 5" in page and "Almost an emergency 1" in page
    assert "my arm tingles" in editor.get("/?kind=near_miss").text and "drive" not in editor.get("/?kind=near_miss").text
    assert editor.get("/?view=list").text.count('<form class="item card"') == 5
    numbers = "\n".join(re.findall(r'name="number" value="(\d+)"', first))
    data = {"csrf": editor.token(), "number": numbers.split("\n"), "verdict": "answer:faq_getting_up"}
    judged = editor.client.post("/inbox/judge", data=data, headers={"HX-Request": "true"}).text
    assert "3 messages:" in judged and "All 2" in judged and "drive a car" not in editor.get("/").text
    assert [v.answer for n in range(4) for v in review.verdicts(f"web-{n}").values()] == ["faq_getting_up"] * 3
    batch = re.search(r'name="batch" value="(\w+)"', judged).group(1)
    undone = editor.client.post(
        "/inbox/undo", data={"csrf": editor.token(), "batch": batch}, headers={"HX-Request": "true"}
    ).text
    assert "drive a car" in undone and "All 5" in undone and noted()[0] == "messages.judged.undone"
    assert "messages.judged" in noted()


@pytest.mark.parametrize("verdict", ["new_topic", "not_ours", "right"])
def test_a_message_can_be_judged_otherwise(editor, verdict):
    turn("web-1", "may I fly?", "uncovered_medical_question")
    indexed()
    (row,) = review.missed()
    editor.submit("/inbox/judge", number=str(row["id"]), verdict=verdict)
    assert review.verdicts("web-1")[row["id"]].verdict == verdict and "Nothing is waiting" in editor.get("/").text
    assert "Looked at by ines" in editor.get("/conversations/web-1").text
    assert "may I fly?" in editor.get(f"/inbox/{row['id']}").text


def test_nonsense_is_refused_and_changes_nothing(editor):
    turn("web-1", "may I fly?", "uncovered_medical_question")
    indexed()
    (row,) = review.missed()
    number = str(row["id"])
    for fields in (
        {"number": number, "verdict": "answer"},
        {"number": number, "verdict": "answer:no_such_answer"},
        {"number": number, "verdict": "wrong"},
        {"number": "", "verdict": "right"},
        {"number": "abc", "verdict": "right"},
        {},
    ):
        assert editor.submit("/inbox/judge", **fields).status_code == 400, fields
    assert editor.submit("/inbox/undo", batch="nothing").status_code == 200
    assert editor.get("/inbox/999999").status_code == 404 and review.missed()


def test_a_request_shows_whom_to_answer_on_a_click(editor, console):
    data = {"whom": "self", "name": "Anna Peeters", "contact": "+32 470 12 34 56", "reason": "Anna has pain", "when": []}
    request, _ = requests.create("web-1", "draft-1", "appointment", "fr", data, ())
    page = editor.get("/requests").text
    assert request.reference in page and "Peeters" not in page and "12 34 56" not in page and "⟨name⟩ has pain" in page
    assert "twice the same" not in page
    other, _ = requests.create("web-2", "draft-2", "appointment", "fr", data, ())
    assert f"{other.reference} has the same name and contact" in editor.get("/requests").text
    requests.forget("web-2")
    shown = editor.client.post(
        f"/requests/{request.reference}/reveal", data={"csrf": editor.token()}, headers={"HX-Request": "true"}
    ).text
    assert "Anna Peeters" in shown and "+32 470 12 34 56" in shown and noted()[0] == "request.revealed"
    assert audit.read(limit=1)[0]["subject"] == request.reference
    editor.submit(f"/requests/{request.reference}/state", state="seen")
    assert requests.find(request.reference).state == "seen"
    assert editor.submit(f"/requests/{request.reference}/state", state="withdrawn").status_code == 409
    assert "Nothing is waiting" in editor.submit(f"/requests/{request.reference}/state", state="answered").text
    assert editor.submit(f"/requests/{request.reference}/state", state="answered").status_code == 409
    requests.forget("web-1")


def test_nobody_writes_where_the_patient_does_not_look_any_more(editor):
    turn("web-1", "may I take the train?", at=time.time() - 4 * 86_400)
    indexed()
    data = {"name": "Anna Peeters", "contact": "anna@peeters.example"}
    request, _ = requests.create("web-1", "draft-late", "question", "en", data, ())
    assert "would not see it any more" in editor.get("/requests").text
    assert editor.submit(f"/requests/{request.reference}/reply", text="yes").status_code == 409
    assert requests.find(request.reference).state == "sent" and not threads.after("web-1", 0)
    assert "will not see it" in editor.get("/conversations/web-1").text
    requests.forget("web-1")


@pytest.mark.parametrize("conversation", ["web-1", "whatsapp-1"])
def test_a_request_has_somebody_a_time_and_a_reply(editor, console, conversation):
    data = {"whom": "self", "name": "Anna Peeters", "contact": "+32 470 12 34 56", "reason": "train", "when": []}
    request, _ = requests.create(conversation, f"draft-{conversation}", "question", "fr", data, ())
    other, _ = requests.create(conversation, f"other-{conversation}", "callback", "fr", {**data, "reason": "bus"}, ())
    turn(conversation, "may I take the train?")
    indexed()
    console.member("ola", "editor")
    path = f"/requests/{request.reference}"
    page = editor.submit(f"{path}/assign", staff="ola", due="2026-01-02T09:30").text
    assert page.index(request.reference) < page.index(other.reference), "what is due first stands first"
    assert "due 2 Jan 2026 09:30" in page and '<span class="tag green">ola</span>' in page
    assert request.reference in console.member("ola", "editor").get("/requests?mine=yes").text
    assert request.reference not in editor.get("/requests?mine=yes").text
    for wrong in ({"staff": "nobody at all", "due": "2026-01-02T09:30"}, {"staff": "", "due": "soon"}):
        assert editor.submit(f"{path}/assign", **wrong).status_code == 400
    assert editor.submit(f"{path}/reply", text=" ").status_code == 400
    page = editor.submit(f"{path}/reply", text="Oui, le train ne pose pas de problème.").text
    assert request.reference not in page and noted()[:2] == ["requests.listed", "request.replied"]
    assert "le train" in str(threads.after(conversation, 0)) and requests.find(request.reference).state == "answered"
    assert conversation == "web-1" or "le train" in str(whatsapp_outbox.last(conversation)["payload"])
    assert editor.submit(f"{path}/reply", text="encore").status_code == 409
    assert request.reference in editor.get("/requests?state=closed").text
    editor.submit(f"{path}/state", state="seen")
    assert request.reference in editor.get("/requests").text
    for store in (requests, threads, whatsapp_outbox):
        store.forget(conversation)


def test_an_administrator_invites_changes_and_reads_the_log(console):
    boss = console.member("boss", "administrator")
    link = re.search(r"/welcome/[\w-]+", boss.submit("/staff/invite", name="Otto New", role="reader").text).group()
    assert console.visitor().get(link).status_code == 200
    console.member("otto", "reader")
    boss.submit("/staff/otto/change", wish="editor")
    assert "Editor" in boss.get("/staff").text
    boss.submit("/staff/invite", name=" OTTO ", role="reader")  # a new password, and no other role
    link = re.findall(r"/welcome/[\w-]+", boss.submit("/staff/invite", name="Otto", role="reader").text)[-1]
    Browser(console.visitor()).submit(link, password=PASSWORD, again=PASSWORD)
    assert staff.find("otto").role == "editor"
    assert boss.submit("/staff/boss/change", wish="reader").status_code == 409
    assert boss.submit("/staff/otto/change", wish="emperor").status_code == 400
    assert "changed an account" in boss.get("/audit").text
    assert "changed an account" in boss.get("/audit?subject=otto").text
    assert "changed an account" not in boss.get("/audit?subject=ott%25").text
    assert "changed an account" in boss.get("/audit?staff=boss").text
    page = boss.get("/audit?staff=otto&subject=none").text
    assert "No entry is like that" in page and '<option selected>otto' in page


@pytest.mark.parametrize("code, words", [("fr", "Questions mal comprises"), ("tr", "Yanıtlanamayan sorular")])
def test_it_speaks_the_language_of_its_reader(console, code, words):
    member = console.member(f"reader {code}", "reader")
    member.submit("/account/language", language=code)
    page = member.get("/").text
    assert f'lang="{code}"' in page and words in page
