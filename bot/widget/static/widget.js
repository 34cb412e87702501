/* The clinic's assistant for any page:  <script src="https://HOST/webhooks/web/widget/widget.js" data-lang="fr" defer></script>
 *
 * One classic script, no framework, no build, nothing from third parties. It defines <clinic-assistant> (shadow root)
 * and appends one to the page. The protocol is described in bot/channels/web.py, the labels are in data/widget.yml.
 * A page may set: --assistant-accent, --assistant-on-accent, --assistant-accent-dark, --assistant-on-accent-dark,
 * --assistant-font, --assistant-radius, --assistant-right, --assistant-bottom, --assistant-layer.
 *
 * Order of this file: 1 store, 2 queue, 3 words, 4 building blocks, 5 connection, 6 speech, 7 style, 8 the element. */
(function () {
  "use strict";
  if (!window.customElements || customElements.get("clinic-assistant")) return;

  const SCRIPT = document.currentScript;
  const BASE = new URL(SCRIPT.src).origin;
  const API = `${BASE}/webhooks/web/`;
  const LONGEST = 1000; // characters of one message

  const newId = () =>
    crypto.randomUUID
      ? crypto.randomUUID()
      : Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

  /* ---- 1. Store: localStorage as JSON; memory where the browser forbids it ------------------------------------- */
  const store = (() => {
    const PREFIX = "clinic-assistant:";
    const memory = new Map();
    const disk = (() => {
      try {
        localStorage.getItem(PREFIX);
        return localStorage;
      } catch (_) {
        return null;
      }
    })();
    return {
      get(key) {
        if (memory.has(key)) return memory.get(key);
        try {
          return JSON.parse(disk.getItem(PREFIX + key));
        } catch (_) {
          return null;
        }
      },
      set(key, value) {
        try {
          disk.setItem(PREFIX + key, JSON.stringify(value));
          memory.delete(key);
        } catch (_) {
          memory.set(key, value);
        }
      },
      remove(key) {
        memory.delete(key);
        if (disk) disk.removeItem(PREFIX + key);
      },
      keys(start) {
        const all = new Set(memory.keys());
        for (let i = 0; disk && i < disk.length; i++) {
          const key = disk.key(i);
          if (key.startsWith(PREFIX)) all.add(key.slice(PREFIX.length));
        }
        return [...all].filter((key) => key.startsWith(start));
      },
      /* Calls back when another tab of this browser changed something. */
      onChange(callback) {
        addEventListener("storage", (event) => {
          if (event.key === null) callback("session");
          else if (event.key.startsWith(PREFIX)) callback(event.key.slice(PREFIX.length));
        });
      },
    };
  })();

  /* ---- 2. Queue: what was written and is not yet known to have arrived; one key a message, so tabs do not clash -- */
  const queue = {
    all: () =>
      store
        .keys("queue:")
        .map((key) => store.get(key))
        .filter((item) => item && typeof item.id === "string" && typeof (item.button || item.text) === "string")
        .sort((a, b) => a.at - b.at),
    get: (id) => store.get(`queue:${id}`),
    put: (item) => store.set(`queue:${item.id}`, item),
    remove: (id) => store.remove(`queue:${id}`),
    add(item) {
      const last = queue.all().pop();
      const added = { id: newId(), at: Math.max(Date.now(), last ? last.at + 1 : 0), ...item };
      queue.put(added);
      return added;
    },
    clear: () => queue.all().forEach((item) => queue.remove(item.id)),
    /* Buttons are signed for one conversation; in a new one only words still make sense. */
    dropOldButtons: () =>
      queue.all().forEach((item) => item.button && item.button !== "talk_to_human" && queue.remove(item.id)),
  };

  /* ---- 3. Words: labels in the language of the moment ---------------------------------------------------------- */
  const words = (() => {
    let config = null;
    let code = "en";
    const page = () => (SCRIPT.dataset.lang || document.documentElement.lang || "").toLowerCase();
    const known = (wanted) => {
      const short = String(wanted || "").toLowerCase().split("-")[0];
      return config.languages.some((language) => language.code === short) ? short : null;
    };
    return {
      use(loaded) {
        config = loaded;
        words.choose();
      },
      /* The patient's own choice, as long as the page speaks the same language as when it was made; else the page's,
       * else the browser's, else the clinic's. */
      choose() {
        const chosen = store.get("language");
        const wishes = [chosen && chosen.page === page() ? chosen.code : null, SCRIPT.dataset.lang];
        wishes.push(document.documentElement.lang, ...(navigator.languages || []), config.default_language);
        code = wishes.map(known).find(Boolean) || config.languages[0].code;
      },
      follow() {
        const chosen = store.get("language");
        if (chosen && known(chosen.code)) code = chosen.code;
      },
      remember(chosen, after) {
        code = chosen;
        store.set("language", { code: chosen, page: page(), after });
      },
      /* The language in which a button of `event` is answered: its own, unless the patient has chosen one since. */
      answering(event) {
        const chosen = store.get("language");
        return (chosen && chosen.after >= event.seq && known(chosen.code)) || event.language || code;
      },
      get code() {
        return code;
      },
      /* For dates and voices: the patient's own region if the browser names it. */
      get locale() {
        const regions = { en: "en-GB", fr: "fr-FR", tr: "tr-TR" };
        return (navigator.languages || []).find((each) => each.startsWith(`${code}-`)) || regions[code] || code;
      },
      get clinic() {
        return config.clinic;
      },
      get languages() {
        return config.languages;
      },
      t(key, count) {
        const from = (language) => (config.labels[language] || {})[key];
        const text = from(code) || from(config.default_language) || key;
        const facts = {
          clinic_name: config.clinic.name,
          clinic_phone: config.clinic.phone,
          emergency_number: config.clinic.emergency_number,
          keep_days: config.clinic.keep_days,
          count,
        };
        return text.replace(/\{(\w+)\}/g, (whole, name) => (facts[name] === undefined ? whole : facts[name]));
      },
    };
  })();
  const t = words.t;

  /* ---- 4. Building blocks: elements and icons, text only ever as text ------------------------------------------- */
  const el = (tag, attributes, ...children) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
      else if (value === true) node.setAttribute(name, "");
      else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
    }
    node.append(...children.filter((child) => child !== null && child !== undefined));
    return node;
  };
  /* An element whose text is a label; `relabel` rewrites it when the language changes. */
  const say = (tag, key, attributes) => {
    const node = el(tag, { "data-t": key, lang: words.code, ...attributes });
    node.textContent = t(key);
    return node;
  };
  const relabel = (root) => {
    for (const node of root.querySelectorAll("[data-t]")) {
      node.textContent = t(node.dataset.t, node.dataset.count);
      node.lang = words.code;
    }
    for (const node of root.querySelectorAll("[data-t-name]")) node.setAttribute("aria-label", t(node.dataset.tName));
  };
  const SHAPES = {
    chat: "M4 4h16a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-8l-5 4.5V17H4a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2z",
    close: "M5 5l14 14M19 5L5 19",
    menu: "M4 6h16M4 12h16M4 18h16",
    back: "M19 12H5M11 5l-7 7 7 7",
    phone: "M6.5 3h3l1.5 5-2.2 1.6a12 12 0 0 0 5.6 5.6L16 13l5 1.5v3A3.5 3.5 0 0 1 17.5 21 14.5 14.5 0 0 1 3 6.5 3.5 3.5 0 0 1 6.5 3z",
    person: "M12 12a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM3.5 21a8.5 6.5 0 0 1 17 0",
    send: "M3 11.5L21 3l-6 18-4-7.5z",
    up: "M7 11l4-8a2.5 2.5 0 0 1 2.5 2.5V9h5a2 2 0 0 1 2 2.3l-1.2 7A2 2 0 0 1 17.3 20H7zM7 11H3v9h4",
    down: "M7 13l4 8a2.5 2.5 0 0 0 2.5-2.5V15h5a2 2 0 0 0 2-2.3l-1.2-7A2 2 0 0 0 17.3 4H7zM7 13H3V4h4",
    simple: "M4 6h16M4 12h10M4 18h6",
    listen: "M4 9v6h4l5 4V5L8 9zM16.5 8.5a5 5 0 0 1 0 7M19 6a9 9 0 0 1 0 12",
    mic: "M12 3a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0V6a3 3 0 0 1 3-3zM5 11a7 7 0 0 0 14 0M12 18v3.5",
    alert: "M12 3L1.5 21h21zM12 9.5v5.5M12 17.8v.4",
    print: "M7 8V3h10v5M7 17H3V8h18v9h-4M7 13h10v8H7z",
    save: "M12 3v12M7 10l5 5 5-5M4 20h16",
    bin: "M4 6h16M9 6V3h6v3M6 6l1 15h10l1-15",
  };
  const icon = (name) => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    for (const [key, value] of [["viewBox", "0 0 24 24"], ["aria-hidden", "true"], ["focusable", "false"]])
      svg.setAttribute(key, value);
    path.setAttribute("d", SHAPES[name]);
    svg.append(path);
    return svg;
  };
  const button = (key, shape, onclick, attributes) =>
    el("button", { type: "button", onclick, ...attributes }, shape ? icon(shape) : null, say("span", key));
  const tel = (number) => `tel:${String(number).replace(/[^\d+]/g, "")}`;
  /* What the clinic says, with its telephone numbers as links. */
  const PHONE = /((?:\+|\b0)\d[\d ]{5,}\d)/;
  const withPhones = (text) =>
    text.split(PHONE).map((part, i) => {
      if (i % 2 === 0) return document.createTextNode(part);
      const link = el("a", { href: tel(part) });
      link.textContent = part;
      return link;
    });

  /* ---- 5. Connection: a socket, or polling where sockets are closed; one message in flight, until its echo comes -- */
  function createConnection(client) {
    let session = store.get("session"); // {token, thread}: the thread's name is ours, to tell a renewed token from a new talk
    let seq = 0; // the last event this tab has
    let started = false;
    let loaded = false; // the thread was fetched once; from then on only what was missed
    let socket = null;
    let mode = null; // "socket" or "http" while messages can be sent
    let refused = 0; // sockets in a row that never became ready
    let worked = false; // a socket was ready once, so they are not forbidden here
    let tries = 0;
    let timer = 0;
    let generation = 0; // an attempt that comes back late finds another number here, and stops
    let flying = null; // {id, clock}
    let holdUntil = 0;
    let forgetting = false;
    const attempts = new Map();

    async function request(path, body) {
      const abort = new AbortController();
      const clock = setTimeout(() => abort.abort(), 30000);
      const how = { signal: abort.signal, credentials: "omit", cache: "no-store", headers: {} };
      if (body) Object.assign(how, { method: "POST", body: JSON.stringify(body) });
      if (body) how.headers["Content-Type"] = "application/json";
      else how.headers.Authorization = `Bearer ${session ? session.token : ""}`;
      try {
        const response = await fetch(API + path, how);
        if (!response.ok) throw Object.assign(new Error(`HTTP ${response.status}`), { status: response.status });
        return await response.json();
      } finally {
        clearTimeout(clock);
      }
    }

    /* Takes the token the server answered with; another one that is fresh means that the old talk has ended. */
    function adopt(token, fresh) {
      if (!token || (session && session.token === token)) return;
      if (session && !fresh) session = { ...session, token };
      else {
        if (session) {
          queue.dropOldButtons();
          client.reset();
        }
        seq = 0;
        session = { token, thread: newId() };
      }
      store.set("session", session);
    }

    function take(events, history) {
      for (const event of events || []) if (event.seq > seq) seq = event.seq;
      client.events(events || [], history);
      // another tab may have taken it off the queue already, so what is in flight counts as well
      for (const { id } of events || []) if (id && (queue.get(id) || (flying && flying.id === id))) arrived(id);
    }

    function drop() {
      const old = socket;
      socket = mode = null;
      land();
      if (old) old.close();
    }

    function later() {
      drop();
      const wait = Math.min(30, 0.5 * 2 ** tries) * (0.5 + Math.random() / 2);
      tries += 1;
      client.state(tries > 2 || navigator.onLine === false ? "offline" : "reconnecting");
      clearTimeout(timer);
      timer = setTimeout(connect, wait * 1000);
    }

    async function connect() {
      const mine = ++generation;
      clearTimeout(timer);
      drop();
      if (!tries) client.state("connecting");
      if (!loaded) {
        try {
          if (!session) session = store.get("session"); // another tab may have been faster
          const reply = await request("session", { session: session ? session.token : null, language: words.code });
          if (mine !== generation) return;
          adopt(reply.session, reply.fresh);
          loaded = true;
          take(reply.events, !reply.fresh);
        } catch (_) {
          if (mine === generation) later();
          return;
        }
      }
      if (refused < 2) openSocket();
      else poll(mine, 0);
    }

    function openSocket() {
      let own;
      try {
        own = socket = new WebSocket(`${API.replace(/^http/, "ws")}socket`);
      } catch (_) {
        refused += 1;
        later();
        return;
      }
      const patience = setTimeout(() => own.close(), 10000);
      own.onopen = () =>
        own.send(JSON.stringify({ type: "hello", session: session.token, after: seq, language: words.code }));
      own.onmessage = ({ data }) => {
        if (own !== socket) return;
        let message;
        try {
          message = JSON.parse(data);
        } catch (_) {
          return;
        }
        if (message.type === "ready") {
          clearTimeout(patience);
          adopt(message.session, message.fresh);
          online("socket");
        } else if (message.type === "event") take([message.event], false);
        else if (message.type === "typing") {
          watch();
          client.typing(true);
        } else if (message.type === "error") complaint(message.code, message.id);
        else if (message.type === "forgotten") forgotten();
      };
      own.onclose = () => {
        clearTimeout(patience);
        if (own !== socket) return;
        if (mode !== "socket") refused += 1;
        later();
      };
    }

    async function poll(mine, round) {
      try {
        const reply = await request(`events?after=${seq}`);
        if (mine !== generation) return;
        if (mode !== "http") online("http");
        take(reply.events, false);
        flush();
        timer = setTimeout(() => {
          if (round < (worked ? 0 : 11)) return poll(mine, round + 1);
          refused = 1; // a socket gets another chance: soon if one has worked before, else once a minute
          return connect();
        }, 5000);
      } catch (error) {
        if (mine !== generation) return;
        if (error.status === 401 || error.status === 403) loaded = false;
        refused = 0;
        later();
      }
    }

    function online(how) {
      mode = how;
      tries = 0;
      if (how === "socket") {
        refused = 0;
        worked = true;
      }
      client.state("online");
      flush();
    }

    /* -- sending, in order, one at a time */
    function flush() {
      const wait = holdUntil - Date.now();
      if (flying || !mode) return;
      if (wait > 0) {
        setTimeout(flush, wait + 50);
        return;
      }
      const item = queue.all().find((each) => !each.failed);
      if (!item) return;
      flying = { id: item.id, clock: 0 };
      const message = { id: item.id, language: item.language };
      if (item.button) message.button = item.button;
      else message.text = item.text;
      client.sending(item);
      if (mode === "socket") {
        socket.send(JSON.stringify({ type: "message", ...message }));
        if (item.silent) arrived(item.id);
        else watch();
      } else post(message, generation);
    }

    async function post(message, mine) {
      client.typing(true);
      try {
        const reply = await request("message", { session: session.token, after: seq, ...message });
        if (mine !== generation) return;
        adopt(reply.session, reply.fresh);
        take(reply.events, false);
        arrived(message.id);
      } catch (error) {
        if (mine !== generation) return;
        if (error.status === 429) complaint("too_fast");
        else if (error.status === 413) complaint("too_long");
        else if (error.status >= 400 && error.status < 500) complaint("bad");
        else {
          again(message.id);
          later();
        }
      } finally {
        client.typing(false);
      }
    }

    /* No echo for long: the line is dead, or the server is. Connect anew and send again; the id makes that harmless. */
    function watch() {
      if (!flying) return;
      clearTimeout(flying.clock);
      const { id } = flying;
      flying.clock = setTimeout(() => {
        again(id);
        later();
      }, 15000);
    }

    function again(id) {
      const count = (attempts.get(id) || 0) + 1;
      attempts.set(id, count);
      if (count >= 3) fail(id);
    }

    function land() {
      if (flying) clearTimeout(flying.clock);
      flying = null;
    }

    function arrived(id) {
      queue.remove(id);
      attempts.delete(id);
      if (flying && flying.id === id) land();
      flush();
    }

    function fail(id) {
      const item = queue.get(id);
      attempts.delete(id);
      if (!item) return;
      if (item.silent) queue.remove(id);
      else {
        queue.put({ ...item, failed: true });
        client.failed(item);
      }
    }

    function complaint(code, id) {
      const about = id || (flying && flying.id);
      land();
      client.typing(false);
      if (code === "too_fast") holdUntil = Date.now() + 5000;
      else if (about) fail(about);
      client.complaint(code);
      flush();
    }

    /* -- forgetting, here, in another tab, or by the clinic */
    function begin(token) {
      session = token ? { token, thread: newId() } : null;
      if (session) store.set("session", session);
      else store.remove("session");
      startOver();
    }

    function startOver() {
      seq = tries = 0;
      loaded = false;
      store.remove("seen");
      client.reset();
      if (started) connect();
    }

    function forgotten() {
      if (forgetting) return;
      const { thread } = session;
      setTimeout(() => {
        // by then another tab that did it has left the new token; else nobody has, and we ask for one
        if (session && session.thread === thread) {
          queue.clear();
          begin(null);
        }
      }, 1500);
    }

    store.onChange((key) => {
      if (key !== "session") return;
      const now = store.get("session");
      const same = now && session && now.thread === session.thread;
      session = now;
      if (!same) startOver();
    });
    addEventListener("online", () => {
      tries = refused = 0;
      if (started && !mode) connect();
    });
    addEventListener("offline", () => {
      if (started) later();
    });
    const wake = () => {
      if (started && !mode && !socket && document.visibilityState === "visible") connect();
    };
    document.addEventListener("visibilitychange", wake);
    addEventListener("pageshow", (event) => event.persisted && wake());

    return {
      start() {
        if (started) return;
        started = true;
        connect();
      },
      get hasSession() {
        return Boolean(store.get("session"));
      },
      get online() {
        return mode !== null;
      },
      flush,
      async forget() {
        forgetting = true;
        try {
          const reply = await request("forget", { session: session ? session.token : null });
          queue.clear();
          begin(reply.session);
        } finally {
          forgetting = false;
        }
      },
    };
  }

  /* ---- 6. Speech: the browser's own voices and ears, both off until the patient asks ----------------------------- */
  const speech = (() => {
    const synth = window.speechSynthesis;
    const Ears = window.SpeechRecognition || window.webkitSpeechRecognition;
    let ears = null;
    if (synth) synth.getVoices(); // some browsers load the list only when asked
    return {
      canSpeak: Boolean(synth && window.SpeechSynthesisUtterance),
      canHear: Boolean(Ears),
      /* Reads `text`; false if there is no voice of that language. Voices of the device itself come first. */
      speak(text, language, onend) {
        const voices = synth.getVoices().filter((voice) => voice.lang.toLowerCase().startsWith(language));
        const voice = voices.find((each) => each.localService) || voices[0];
        if (!voice) return false;
        const utterance = new SpeechSynthesisUtterance(text);
        Object.assign(utterance, { voice, lang: voice.lang, rate: 0.9, onend, onerror: onend });
        synth.speak(utterance);
        return true;
      },
      hush() {
        if (synth) synth.cancel();
      },
      hear(locale, onText, onEnd) {
        let failed = false;
        ears = new Ears();
        Object.assign(ears, { lang: locale, interimResults: true });
        ears.onresult = (event) => onText(Array.from(event.results, (result) => result[0].transcript).join(""));
        ears.onerror = (event) => {
          failed = event.error !== "aborted";
        };
        ears.onend = () => {
          ears = null;
          onEnd(failed);
        };
        try {
          ears.start();
        } catch (_) {
          ears = null;
          onEnd(true);
        }
      },
      stopHearing() {
        if (ears) ears.stop();
      },
      get hearing() {
        return ears !== null;
      },
    };
  })();

  /* ---- 7. Style: one constructable sheet; 1em is the patient's text size, 18 px at least -------------------------- */
  const STYLE = `
:host { all: initial; --size: 1;
  --accent: var(--assistant-accent, #0a5a69); --on-accent: var(--assistant-on-accent, #fff);
  --ground: #fff; --ink: #14232a; --quiet: #475860; --soft: #eaf2f3; --line: #6d7f87; --hair: #cfdadd;
  --danger: #a3101f; --on-danger: #fff; --danger-soft: #fdecec; --warn-soft: #fff4d6; --focus: #1a3fd0;
  --radius: var(--assistant-radius, .9em); color-scheme: light; color: var(--ink); line-height: 1.5;
  font-family: var(--assistant-font, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif);
  font-size: calc(max(18px, 1.125rem) * var(--size)); }
:host([data-size="2"]) { --size: 1.25; }
:host([data-size="3"]) { --size: 1.5; }
:host([data-theme="dark"]) { color-scheme: dark;
  --accent: var(--assistant-accent-dark, #86d5e3); --on-accent: var(--assistant-on-accent-dark, #05252c);
  --ground: #12191d; --ink: #f2f6f7; --quiet: #b9c7cd; --soft: #223038; --line: #8b9ea6; --hair: #3b4b53;
  --danger: #ff9a94; --on-danger: #2d0507; --danger-soft: #3a1a1c; --warn-soft: #3a3117; --focus: #ffd45e; }
*, *::before, *::after { box-sizing: border-box; }
[hidden] { display: none !important; }
.vh { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
h2, h3, p, ul { margin: 0; padding: 0; font-size: 1em; }
svg { width: 1.3em; height: 1.3em; flex: none; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }

button, .call { font: inherit; line-height: 1.2; color: var(--ink); background: var(--ground); border: 2px solid var(--line);
  border-radius: .6em; min-height: max(48px, 2.4em); min-width: 48px; padding: .3em .8em; cursor: pointer; text-decoration: none; text-align: start;
  display: inline-flex; align-items: center; justify-content: center; gap: .45em; overflow-wrap: break-word; touch-action: manipulation; }
button[aria-disabled="true"] { color: var(--quiet); border-style: dashed; cursor: default; }
.main { background: var(--accent); border-color: var(--accent); color: var(--on-accent); font-weight: 600; }
.bare { border-color: transparent; background: transparent; }
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; box-shadow: 0 0 0 2px var(--ground); }

.open { position: fixed; z-index: var(--assistant-layer, 2147483000); right: max(var(--assistant-right, 1em), env(safe-area-inset-right));
  bottom: max(var(--assistant-bottom, 1em), env(safe-area-inset-bottom)); max-width: calc(100vw - 2em); min-height: 3.4em; padding: .6em 1.3em;
  border-radius: 2em; border-color: var(--on-accent); font-weight: 600; box-shadow: 0 .2em 1.1em rgb(0 0 0 / .35); }
.open .dot { width: .8em; height: .8em; border-radius: 50%; background: #ffd45e; border: 2px solid var(--on-accent); }

dialog { position: fixed; z-index: var(--assistant-layer, 2147483000); inset: auto max(var(--assistant-right, 1em), env(safe-area-inset-right)) 1em auto;
  width: min(28em, calc(100vw - 2em)); height: min(46em, calc(100vh - 2em)); max-width: none; max-height: none; margin: 0; padding: 0; overflow: hidden;
  border: 2px solid var(--line); border-radius: var(--radius); background: var(--ground); color: var(--ink); box-shadow: 0 .4em 2.4em rgb(0 0 0 / .35); }
dialog.full { inset: var(--top, 0px) 0 auto 0; width: 100%; height: var(--height, 100dvh); border: 0; border-radius: 0; }
dialog::backdrop { background: rgb(0 0 0 / .5); }
.frame { height: 100%; container-type: size; }
.panel { height: 100%; display: flex; flex-direction: column; }

.head { border-bottom: 2px solid var(--hair); }
.top { display: grid; grid-template-columns: 1fr auto auto; align-items: center; gap: .1em .2em; padding: .35em .4em .1em .8em; }
.top h2 { font-size: 1.1em; line-height: 1.2; font-weight: 700; overflow-wrap: anywhere; }
.top .bare { padding: .3em .5em; }
.languages { grid-column: 1 / -1; display: flex; flex-wrap: wrap; gap: .3em; margin: 0 .4em .2em 0; }
.languages button { flex: 1 1 auto; padding: .2em .5em; min-height: 44px; border-color: transparent; text-decoration: underline; text-underline-offset: .2em; }
.languages button[aria-pressed="true"] { border-color: var(--accent); background: var(--soft); font-weight: 700; text-decoration: none; }
.languages .short { display: none; }
.help { display: flex; flex-wrap: wrap; gap: .4em; padding: .25em .8em .5em; }
.help > * { flex: 1 1 8em; padding: .3em .6em; border-color: var(--accent); color: var(--accent); font-weight: 600; }
.help small { display: block; font-size: .85em; font-weight: 400; white-space: nowrap; }

.middle { position: relative; flex: 1 1 0; min-height: 0; display: flex; flex-direction: column; }
.log, .sheet { flex: 1 1 0; min-height: 0; overflow-y: auto; overscroll-behavior: contain; padding: .8em; outline-offset: -4px; }
.log:focus-visible { box-shadow: none; }
.message { display: flex; flex-direction: column; align-items: flex-start; margin: 0 0 1em; max-width: 94%; position: relative; }
.who { font-size: .85em; color: var(--quiet); margin: 0 .2em .15em; }
.who b { font-weight: 600; }
.bubble { border: 2px solid transparent; border-radius: var(--radius); padding: .6em .9em; background: var(--soft); max-width: 100%; overflow-wrap: anywhere; }
.text { white-space: pre-line; }
.patient { margin-inline-start: auto; align-items: flex-end; }
.patient .bubble { background: var(--accent); color: var(--on-accent); border-end-end-radius: .2em; }
.assistant .bubble, .staff .bubble { border-end-start-radius: .2em; }
.staff .bubble { border-color: var(--accent); background: var(--ground); }
.pending .bubble { border: 2px dashed var(--line); background: var(--ground); color: var(--ink); }
.delivery { font-size: .85em; color: var(--quiet); margin: .2em .2em 0; }
.emergency { max-width: 100%; width: 100%; }
.emergency .bubble { width: 100%; border: 3px solid var(--danger); background: var(--danger-soft); }
.banner { display: flex; flex-direction: column; gap: .5em; margin-bottom: .6em; }
.banner p { display: flex; align-items: center; gap: .4em; font-weight: 700; color: var(--danger); }
.banner .call { min-height: 3.4em; padding: .5em; font-size: 1.2em; font-weight: 700; color: var(--on-danger); background: var(--danger); border-color: var(--danger); }
details { margin-top: .5em; }
summary { display: list-item; min-height: 44px; padding: .55em 0 0; cursor: pointer; color: var(--accent); text-decoration: underline; text-underline-offset: .2em; font-size: .95em; }
details ul { padding: .3em 0 0 1.2em; font-size: .95em; }
details li { margin-bottom: .3em; }
.buttons, .actions { display: flex; flex-wrap: wrap; gap: .45em; margin-top: .5em; max-width: 100%; }
.buttons { flex-direction: column; align-items: stretch; }
.buttons button { justify-content: flex-start; border-color: var(--accent); color: var(--accent); font-weight: 600; }
.actions { gap: .35em; }
.actions button { padding: .2em .55em; font-size: .95em; min-height: 46px; border-width: 1px; border-color: var(--line); }
.actions button[aria-pressed="true"] { border-color: var(--accent); background: var(--soft); font-weight: 700; }
.jump { position: absolute; bottom: .5em; left: 50%; transform: translateX(-50%); box-shadow: 0 .2em .8em rgb(0 0 0 / .3); white-space: nowrap; }

.status { padding: 0 .8em; font-size: .95em; }
.status p { padding: .45em .7em; margin-bottom: .4em; border-radius: .5em; background: var(--warn-soft); }
.status p:empty { display: none; }
.status p.typing { background: none; padding: .1em 0; color: var(--quiet); }
.typing::before { content: ""; display: inline-block; width: .6em; height: .6em; margin-inline-end: .5em; border-radius: 50%; background: var(--accent); animation: pulse 1.2s ease-in-out infinite; }
@keyframes pulse { 50% { opacity: .25; } }
form { display: flex; flex-wrap: wrap; gap: .4em; align-items: end; padding: .5em .8em max(.6em, env(safe-area-inset-bottom)); border-top: 2px solid var(--hair); }
textarea { font: inherit; line-height: 1.35; color: var(--ink); background: var(--ground); border: 2px solid var(--line); border-radius: .6em; padding: .5em .6em;
  flex: 1 1 8em; min-width: 0; min-height: max(50px, 2.6em); max-height: 8em; resize: none; overflow-y: auto; }
textarea::placeholder { color: var(--quiet); opacity: 1; }
form button { min-height: max(50px, 2.6em); }
form .count { flex: 1 0 100%; font-size: .9em; color: var(--quiet); }
form .count.over { color: var(--danger); font-weight: 600; }
.mic[aria-pressed="true"] { background: var(--danger); border-color: var(--danger); color: var(--on-danger); }

.sheet h3 { font-size: 1.15em; margin: 0 0 .5em; overflow-wrap: anywhere; }
.sheet h3:focus { outline: none; }
.privacy p { white-space: pre-line; margin-bottom: .9em; }
.privacy { padding-bottom: 0; }
.privacy .choice { position: sticky; bottom: 0; display: flex; flex-wrap: wrap; gap: .6em; margin: 0 -.8em; padding: .6em .8em; background: var(--ground); border-top: 2px solid var(--hair); }
.privacy .choice button { flex: 1 1 8em; min-height: 3.2em; }
.options { display: flex; flex-direction: column; gap: .6em; }
.options > button { justify-content: flex-start; width: 100%; flex: none; }
.options .note { font-size: .9em; color: var(--quiet); margin: -.2em 0 .3em; }
.options [role="switch"] { justify-content: space-between; }
.knob { flex: none; width: 2.6em; height: 1.5em; border: 2px solid currentColor; border-radius: 1em; position: relative; }
.knob::after { content: ""; position: absolute; inset: .15em auto .15em .15em; width: .95em; border-radius: 50%; background: currentColor; }
[aria-checked="true"] .knob { background: var(--accent); border-color: var(--accent); }
[aria-checked="true"] .knob::after { inset: .15em .15em .15em auto; background: var(--on-accent); }
.sizes { display: flex; flex-wrap: wrap; gap: .3em .5em; }
.sizes p { flex: 1 0 100%; }
.sizes button { flex: 1 1 6em; }
.sizes button:last-child { font-size: 1.15em; }
.confirm { border: 2px solid var(--danger); border-radius: .6em; padding: .7em; display: flex; flex-wrap: wrap; gap: .6em; }
.confirm p { flex: 1 0 100%; }
.confirm button { flex: 1 1 6em; }
.danger { color: var(--danger); border-color: var(--danger); }

@media (hover: hover) {
  button:hover, .call:hover { background: var(--soft); border-color: var(--accent); }
  .main:hover { background: var(--accent); border-color: var(--ink); }
  .banner .call:hover { background: var(--danger); border-color: var(--ink); }
}
@container (max-width: 22em) { .help small { display: none; } }
@container (max-width: 20em) {
  .top { grid-template-columns: auto auto; justify-content: space-between; padding-inline: .4em; }
  .top h2 { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .languages { gap: 0; margin: 0; } .languages button { padding: .2em .4em; }
  .help > * { flex-basis: 6em; } .help svg { display: none; }
}
@container (max-width: 16em) { .head { font-size: .78em; } .help svg { display: none; } .message { max-width: 100%; } .status { padding: 0 .5em; } }
@container (max-width: 16em) { textarea { flex: 1 0 100%; } form button { flex: 1 1 5em; padding: .2em .4em; } }
@container (max-width: 25em) { .with-mic textarea { flex: 1 0 100%; } .with-mic button { flex: 1 1 5em; } }
@container (max-height: 30em) {
  .top h2, .top .text, .languages .long { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .top { grid-template-columns: 1fr auto auto; padding-top: .2em; }
  .languages { grid-column: 1; grid-row: 1; margin: 0; flex-wrap: nowrap; }
  .languages .short { display: inline; }
  .languages button { flex: 0 1 auto; min-width: 44px; position: relative; }
  .help { padding-bottom: .3em; } .help small { display: none; } .help > * { min-height: 44px; flex-basis: 6em; }
  textarea { max-height: 4.2em; }
}
@container (max-height: 30em) and (min-width: 33em) {
  .head { display: flex; align-items: center; } .top { flex: 0 0 auto; order: 2; padding: .2em .4em; } .help { flex: 1 1 auto; order: 1; padding: .2em .2em .2em .6em; }
}
/* Very little room (a small window at 400 %): one long page to scroll instead of a slit. */
@container (max-height: 17em) { .panel { height: auto; min-height: 100%; } .frame > .panel { display: block; } .middle { display: block; } .log, .sheet { overflow: visible; } .jump { display: none; } }
@supports not (container-type: size) { .help small { display: none; } }
@media (prefers-reduced-motion: reduce) { .typing::before { animation: none; } }
@media (forced-colors: active) {
  button[aria-pressed="true"], [aria-checked="true"] { outline: 2px solid Highlight; outline-offset: -4px; }
  .patient .bubble, .assistant .bubble { border-color: CanvasText; }
  .main, .banner .call { border-width: 3px; }
  .knob::after, .typing::before, .open .dot { forced-color-adjust: none; background: CanvasText; }
}
.paper { display: none; }
@media print {
  .open, dialog { display: none !important; }
  :host([data-printing]) .paper { display: block; color: #000; font-size: 13pt; }
  .paper h2 { font-size: 1.3em; } .paper div { white-space: pre-line; margin: 0 0 1em; break-inside: avoid; }
}`;
  const sheet = (text, root) => {
    const made = new CSSStyleSheet();
    made.replaceSync(text);
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, made];
    return () => {
      root.adoptedStyleSheets = root.adoptedStyleSheets.filter((each) => each !== made);
    };
  };

  /* ---- 8. The element ------------------------------------------------------------------------------------------- */
  class ClinicAssistant extends HTMLElement {
    connectedCallback() {
      if (this.shadowRoot) return;
      this.attachShadow({ mode: "open" });
      sheet(STYLE, this.shadowRoot);
      this.thread = new Map(); // seq -> event
      this.shown = new Map(); // client id -> node, of the patient's own messages
      this.speaking = null;
      this.turn = null; // the first of the answers that came together, and when the last of them came
      this.small = matchMedia("(max-width: 40em), (max-height: 30em)");
      this.night = matchMedia("(prefers-color-scheme: dark)");
      this.appearance();
      this.load(0);
    }

    /* Nothing is shown before the labels are here; a server that is away is asked again, ever more seldom. */
    async load(tries) {
      try {
        const response = await fetch(`${API}config`, { credentials: "omit" });
        if (!response.ok) throw new Error(`HTTP ${response.status}`);
        words.use(await response.json());
      } catch (_) {
        setTimeout(() => this.load(tries + 1), Math.min(60, 2 ** tries) * 1000);
        return;
      }
      this.build();
      this.connection = createConnection({
        events: (events, history) => this.receive(events, history),
        state: (state) => this.setState(state),
        typing: (on) => this.setTyping(on),
        sending: (item) => this.deliveryNote(item.id, "sending"),
        failed: (item) => this.showPending({ ...item, failed: true }),
        complaint: (code) => this.notice({ too_fast: "too_fast", too_long: "too_long" }[code] || "failed", LONGEST + 1),
        reset: () => this.reset(),
      });
      this.listen();
      this.arrange();
      if (this.agreed) {
        queue.all().forEach((item) => this.showPending(item));
        if (this.connection.hasSession) this.connection.start();
      }
    }

    get agreed() {
      return Boolean(store.get("consent"));
    }

    /* -- building, once */
    build() {
      const { clinic } = words;
      this.dot = el("span", { class: "dot", hidden: true });
      this.openLabel = say("span", "open");
      this.opener = el("button", { type: "button", class: "open main", "aria-haspopup": "dialog", onclick: () => this.open() },
        icon("chat"), this.dot, this.openLabel);

      this.languages = el("div", { class: "languages", role: "group", "data-t-name": "language" },
        ...words.languages.map(({ code, name }) =>
          el("button", { type: "button", lang: code, "data-code": code, onclick: () => this.speakLanguage(code) },
            el("span", { class: "long" }, name), " ", el("span", { class: "short" }, code.toUpperCase()))));
      this.menuButton = el("button", { type: "button", class: "bare", "aria-expanded": "false", "data-t-name": "menu", onclick: () => this.toggleOptions() },
        icon("menu"), say("span", "menu", { class: "text" }));
      const closer = el("button", { type: "button", class: "bare", "data-t-name": "close", onclick: () => this.close() },
        icon("close"), say("span", "close", { class: "text" }));
      const top = el("div", { class: "top" }, say("h2", "title", { id: "title" }), this.menuButton, closer, this.languages);
      const help = el("div", { class: "help", role: "group", "data-t-name": "help" },
        el("a", { class: "call", href: tel(clinic.phone) }, icon("phone"), el("span", {}, say("span", "call_clinic"), " ", el("small", {}, clinic.phone))),
        button("talk_to_person", "person", () => this.talkToPerson()));

      this.log = el("div", { class: "log", role: "log", "aria-live": "polite", tabindex: "0", "data-t-name": "conversation" });
      this.jump = button("new_messages", null, () => this.jumpToNew(), { class: "jump main", hidden: true });
      this.privacy = this.buildPrivacy();
      this.options = this.buildOptions();
      this.middle = el("div", { class: "middle" }, this.privacy, this.options, this.log, this.jump);

      this.stateLine = el("p", { class: "state" });
      this.noticeLine = el("p", {});
      this.typingLine = el("p", { class: "typing" });
      const status = el("div", { class: "status", role: "status" }, this.stateLine, this.noticeLine, this.typingLine);

      this.input = el("textarea", { id: "input", rows: "1", autocomplete: "off", enterkeyhint: "send", "aria-describedby": "count",
        "data-t-placeholder": "placeholder", oninput: () => this.typed(),
        onkeydown: (event) => {
          if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          this.submit();
        } });
      this.count = el("p", { class: "count", id: "count", hidden: true });
      this.alert = el("p", { class: "vh", role: "alert" });
      this.mic = button("speak", "mic", () => this.dictate(), { class: "mic", "aria-pressed": "false", hidden: true });
      this.sendButton = button("send", "send", null, { class: "send main", type: "submit" });
      this.form = el("form", { novalidate: true, onsubmit: (event) => { event.preventDefault(); this.submit(); } },
        say("label", "placeholder", { class: "vh", for: "input" }), this.count, this.input, this.mic, this.sendButton);

      const panel = el("div", { class: "panel" }, el("div", { class: "head" }, top, help), this.middle, status, this.form, this.alert);
      this.panel = panel;
      this.dialog = el("dialog", { "aria-labelledby": "title" }, el("div", { class: "frame" }, panel));
      this.paper = el("div", { class: "paper", "aria-hidden": "true" });
      this.shadowRoot.append(this.opener, this.dialog, this.paper);
      this.relabel();
    }

    buildPrivacy() {
      const heading = say("h3", "privacy_title", { tabindex: "-1" });
      this.privacyText = say("p", "privacy_text");
      const link = words.clinic.privacy_link && /^https?:/.test(words.clinic.privacy_link)
        ? el("p", {}, el("a", { href: words.clinic.privacy_link, target: "_blank", rel: "noopener" }, words.clinic.privacy_link)) : null;
      return el("section", { class: "sheet privacy", tabindex: "0", "data-t-name": "privacy_title" }, heading, this.privacyText, link,
        el("div", { class: "choice" },
          button("privacy_accept", null, () => this.accept(), { class: "main accept" }),
          button("privacy_decline", null, () => this.decline(), { class: "decline" })));
    }

    buildOptions() {
      const toggle = (key, read, write) => {
        const node = el("button", { type: "button", role: "switch", "aria-checked": String(read()), "data-switch": key,
          onclick: () => { write(!read()); node.setAttribute("aria-checked", String(read())); } },
          say("span", key), el("span", { class: "knob" }));
        return node;
      };
      const setting = (key) => toggle(key, () => Boolean(store.get(key)), (on) => { store.set(key, on); this.applySettings(); });
      const note = (key) => say("p", key, { class: "note" });
      this.size = say("span", "text_size_now");
      this.smaller = button("smaller", null, () => this.resize(-1));
      this.larger = button("larger", null, () => this.resize(1));
      const sizes = el("div", { class: "sizes", role: "group", "data-t-name": "text_size" },
        el("p", { role: "status" }, this.size), this.smaller, this.larger);
      this.eraseButton = button("forget", "bin", () => this.askToForget(true), { class: "danger" });
      this.confirm = el("div", { class: "confirm", role: "group", "data-t-name": "forget", hidden: true }, say("p", "forget_question", { id: "sure" }),
        button("forget_no", null, () => this.askToForget(false), { "aria-describedby": "sure" }),
        button("forget_yes", null, () => this.forget(), { class: "danger" }));
      const section = el("section", { class: "sheet options", hidden: true, "data-t-name": "menu" },
        button("back", "back", () => this.toggleOptions(false)),
        sizes,
        toggle("dark_mode", () => this.dataset.theme === "dark", (on) => { store.set("theme", on ? "dark" : "light"); this.appearance(); }));
      if (speech.canSpeak) section.append(setting("read_aloud"), note("read_aloud_note"));
      if (speech.canHear) section.append(setting("voice"), note("voice_note"));
      section.append(button("print", "print", () => this.print()), button("save", "save", () => this.save()), this.eraseButton, this.confirm);
      return section;
    }

    listen() {
      this.dialog.addEventListener("keydown", (event) => {
        if (event.key === "Escape") {
          event.preventDefault();
          event.stopPropagation();
          this.escape();
        } else if (event.key === "Tab" && this.modal) this.keepFocus(event);
      });
      this.dialog.addEventListener("cancel", (event) => {
        event.preventDefault(); // the back gesture of a phone
        this.escape();
      });
      this.small.addEventListener("change", () => this.isOpen && this.show());
      this.night.addEventListener("change", () => this.appearance());
      this.log.addEventListener("scroll", () => {
        if (this.atEnd()) this.jump.hidden = true;
      }, { passive: true });
      if (window.visualViewport) {
        // a phone's keyboard covers the page; we stay above it (but leave pinch-zoom alone)
        const fit = () => {
          const view = window.visualViewport;
          if (view.scale > 1.01) return;
          this.dialog.style.setProperty("--height", `${view.height}px`);
          this.dialog.style.setProperty("--top", `${view.offsetTop}px`);
        };
        window.visualViewport.addEventListener("resize", fit);
        window.visualViewport.addEventListener("scroll", fit);
      }
      store.onChange((key) => {
        if (key === "language") { words.follow(); this.relabel(); }
        if (["theme", "size", "read_aloud", "voice"].includes(key)) { this.appearance(); this.applySettings(); }
        if (key === "consent" || key === "session") {
          this.arrange();
          // the tab in which it was accepted asks for the session; we only do if it never gets one
          if (this.agreed) setTimeout(() => this.agreed && this.connection.start(), key === "session" ? 0 : 3000);
        }
        if (key.startsWith("queue:") && store.get(key) && this.agreed) this.showPending(store.get(key));
      });
    }

    /* -- opening, closing, focus */
    get isOpen() {
      return this.dialog.open;
    }

    open() {
      if (this.isOpen) return;
      this.show();
      this.unread(false);
      this.options.hidden = true;
      this.arrange();
      if (this.agreed) {
        this.connection.start();
        this.toEnd();
        this.input.focus();
      } else {
        this.privacyText.dataset.t = "privacy_text";
        this.privacy.querySelector(".decline").hidden = false;
        this.relabel();
        this.privacy.querySelector("h3").focus();
      }
    }

    /* As a window on a big screen; as a full page that holds the focus on a phone. */
    show() {
      const before = this.shadowRoot.activeElement;
      if (this.dialog.open) this.dialog.close();
      this.modal = this.small.matches;
      this.dialog.classList.toggle("full", this.modal);
      if (this.modal) this.dialog.showModal();
      else this.dialog.show();
      this.opener.hidden = true;
      if (before && before !== this.opener) before.focus();
    }

    close() {
      speech.hush();
      speech.stopHearing();
      this.dialog.close();
      this.opener.hidden = false;
      this.opener.focus();
    }

    escape() {
      if (!this.confirm.hidden) this.askToForget(false);
      else if (!this.options.hidden) this.toggleOptions(false);
      else this.close();
    }

    keepFocus(event) {
      const stops = [...this.dialog.querySelectorAll("button, a[href], textarea, summary, [tabindex='0']")]
        .filter((node) => node.getClientRects().length);
      const [first, last] = [stops[0], stops[stops.length - 1]];
      const now = this.shadowRoot.activeElement;
      if (event.shiftKey ? now === first : now === last) {
        event.preventDefault();
        (event.shiftKey ? last : first).focus();
      }
    }

    /* Shows the privacy notice, the options, or the conversation. */
    arrange() {
      const options = !this.options.hidden;
      this.privacy.hidden = this.agreed || options;
      this.log.hidden = this.form.hidden = !this.agreed || options;
      if (this.log.hidden) this.jump.hidden = true;
      this.menuButton.setAttribute("aria-expanded", String(options));
    }

    toggleOptions(on = this.options.hidden) {
      if (on && !this.log.hidden) this.place = this.atEnd() ? null : this.topMessage();
      this.options.hidden = !on;
      this.confirm.hidden = true;
      this.eraseButton.hidden = !this.agreed;
      this.arrange();
      if (!on && this.place) this.toMessage(this.place);
      else if (!on) this.toEnd();
      if (on) this.options.querySelector("button").focus();
      else this.menuButton.focus();
    }

    accept() {
      store.set("consent", { at: new Date().toISOString() });
      this.arrange();
      this.connection.start();
      this.input.focus();
      if (this.wished) this.wished();
      this.wished = null;
    }

    decline() {
      this.wished = null;
      this.privacyText.dataset.t = "privacy_declined";
      this.relabel();
      this.privacy.querySelector(".decline").hidden = true;
      this.privacy.querySelector("h3").focus();
      this.alert.textContent = t("privacy_declined");
    }

    /* -- language and looks */
    speakLanguage(code) {
      words.remember(code, Math.max(0, ...this.thread.keys()));
      this.relabel();
    }

    relabel() {
      relabel(this.shadowRoot);
      this.dialog.lang = this.opener.lang = words.code;
      this.input.placeholder = t("placeholder");
      for (const node of this.languages.children) node.setAttribute("aria-pressed", String(node.dataset.code === words.code));
      for (const node of this.shadowRoot.querySelectorAll("time")) node.textContent = this.clock(node.dateTime);
      this.appearance();
      this.applySettings();
      this.typed();
    }

    appearance() {
      const theme = store.get("theme");
      this.dataset.theme = theme === "dark" || (theme !== "light" && this.night.matches) ? "dark" : "light";
      const size = Math.min(3, Math.max(1, Number(store.get("size")) || 1));
      this.dataset.size = String(size);
      if (!this.size) return;
      this.size.dataset.count = String(size);
      this.size.textContent = t("text_size_now", size);
      this.smaller.setAttribute("aria-disabled", String(size === 1));
      this.larger.setAttribute("aria-disabled", String(size === 3));
      const dark = this.options.querySelector("[data-switch=dark_mode]");
      dark.setAttribute("aria-checked", String(this.dataset.theme === "dark"));
    }

    resize(step) {
      store.set("size", Math.min(3, Math.max(1, Number(this.dataset.size) + step)));
      this.appearance();
    }

    applySettings() {
      const on = (key) => Boolean(store.get(key));
      for (const node of this.options.querySelectorAll("[data-switch]"))
        if (node.dataset.switch !== "dark_mode") node.setAttribute("aria-checked", String(on(node.dataset.switch)));
      this.mic.hidden = !(speech.canHear && on("voice"));
      this.form.classList.toggle("with-mic", !this.mic.hidden);
      for (const node of this.log.querySelectorAll(".listen")) node.hidden = !(speech.canSpeak && on("read_aloud"));
      if (!on("read_aloud")) this.hush();
    }

    /* -- status lines */
    setState(state) {
      clearTimeout(this.stateClock);
      // a short interruption is not worth a word
      const wait = state === "offline" || state === "online" ? 0 : 1500;
      this.stateClock = setTimeout(() => this.write(this.stateLine, state === "online" ? null : state), wait);
      if (state !== "online") {
        this.setTyping(false);
        for (const item of queue.all()) this.deliveryNote(item.id, "queued");
      }
    }

    setTyping(on) {
      clearTimeout(this.typingClock);
      this.write(this.typingLine, on ? "typing" : null);
      if (on) this.typingClock = setTimeout(() => this.setTyping(false), 20000);
    }

    notice(key, count) {
      clearTimeout(this.noticeClock);
      this.write(this.noticeLine, key, count);
      this.noticeClock = setTimeout(() => this.write(this.noticeLine, null), 20000);
    }

    write(line, key, count) {
      if ((line.dataset.t || null) === key) return;
      const follow = this.atEnd();
      if (key) {
        Object.assign(line.dataset, { t: key, count: count || "" });
        line.lang = words.code;
        line.textContent = t(key, count);
      } else {
        delete line.dataset.t;
        line.textContent = "";
      }
      line.hidden = !key;
      if (follow) this.toEnd();
    }

    /* -- writing */
    typed() {
      this.input.style.height = "auto";
      this.input.style.height = `${Math.min(this.input.scrollHeight + 4, 400)}px`;
      const length = [...this.input.value.trim()].length;
      const over = length > LONGEST;
      this.count.hidden = length <= LONGEST - 100;
      this.count.classList.toggle("over", over);
      this.count.textContent = over ? t("too_long", length) : t("characters_left", LONGEST - length);
      this.count.lang = words.code;
      this.input.setAttribute("aria-invalid", String(over));
      this.sendButton.setAttribute("aria-disabled", String(over));
      if (over && !this.wasOver) this.alert.textContent = this.count.textContent;
      this.wasOver = over;
    }

    submit() {
      const text = this.input.value.trim();
      if (!text || [...text].length > LONGEST) {
        if (text) this.alert.textContent = this.count.textContent;
        this.input.focus();
        return;
      }
      this.input.value = "";
      this.typed();
      this.input.focus();
      this.send({ text });
    }

    send(message) {
      speech.stopHearing();
      this.hush();
      this.write(this.noticeLine, null);
      const item = queue.add({ language: words.code, ...message });
      if (!item.silent) {
        this.retireButtons();
        this.showPending(item);
        this.turn = null;
        this.toEnd();
      }
      this.connection.flush();
    }

    talkToPerson() {
      const send = () => {
        const last = this.thread.get(Math.max(0, ...this.thread.keys()));
        this.send({ button: "talk_to_human", title: t("talk_to_person"), language: last ? words.answering(last) : words.code });
      };
      if (!this.options.hidden) this.toggleOptions(false);
      if (this.agreed) send();
      else {
        this.wished = send;
        this.privacy.querySelector("h3").focus();
      }
    }

    dictate() {
      if (speech.hearing) {
        speech.stopHearing();
        return;
      }
      this.hush();
      const before = this.input.value ? `${this.input.value.trimEnd()} ` : "";
      this.mic.setAttribute("aria-pressed", "true");
      this.notice("listening");
      speech.hear(words.locale, (text) => {
        this.input.value = before + text;
        this.typed();
      }, (failed) => {
        this.mic.setAttribute("aria-pressed", "false");
        this.write(this.noticeLine, null);
        if (failed) this.notice("voice_failed");
        else this.input.focus();
      });
    }

    /* -- the conversation */
    receive(events, history) {
      const seen = Number(store.get("seen")) || 0;
      const following = this.atEnd();
      let first = null;
      let own = false;
      if (history) this.log.setAttribute("aria-live", "off"); // what was said last week is not read out again
      for (const event of this.placed(events)) {
        if (this.thread.has(event.seq)) continue;
        const mine = event.from === "patient";
        const node = mine && event.id ? this.shown.get(event.id) : null;
        if (node && node.dataset.seq) continue;
        this.thread.set(event.seq, event);
        const fresh = !history || event.seq > seen;
        const made = this.message(event, fresh);
        if (node) {
          this.log.setAttribute("aria-busy", "true");
          node.remove();
        }
        if (mine && event.id) this.shown.set(event.id, made);
        this.insert(made, event.seq);
        if (mine) { own = true; continue; }
        this.setTyping(false);
        if (!fresh) continue;
        first = first || made;
        if (event.kind === "emergency") this.emergency();
        if (!history && this.isOpen && store.get("read_aloud")) this.read(made, event, true);
      }
      this.log.removeAttribute("aria-busy");
      if (history) setTimeout(() => this.log.setAttribute("aria-live", "polite"), 600);
      if (this.thread.size && this.isOpen) store.set("seen", Math.max(seen, ...this.thread.keys()));
      this.retireButtons();
      if (first && !this.isOpen) this.unread(true);
      if (history || (own && following)) this.toEnd();
      if (first && !history) {
        if (following) this.toMessage(this.firstOfTurn(first));
        else { this.jump.hidden = false; this.news = this.news && this.news.isConnected ? this.news : first; }
      }
    }

    /* The events in the order of the server. What it could not store has no number, and comes once: it gets a place of
     * its own after all that there is, between two numbers of the server. */
    placed(events) {
      const stored = events.filter((event) => Number.isInteger(event.seq)).sort((a, b) => a.seq - b.seq);
      let last = Math.max(0, ...this.thread.keys(), ...stored.map((event) => event.seq));
      return [...stored, ...events.filter((event) => event.seq === null).map((event) => ({ ...event, seq: (last += 2 ** -10) }))];
    }

    /* Keeps the order of the server; what is not sent yet stays last. */
    insert(node, seq) {
      const later = [...this.log.children].find((other) => !other.dataset.seq || Number(other.dataset.seq) > seq);
      this.log.insertBefore(node, later || null);
    }

    message(event, fresh) {
      const from = ["assistant", "staff"].includes(event.from) ? event.from : "patient";
      const clinicSays = from !== "patient";
      const urgent = clinicSays && event.kind === "emergency";
      const language = event.language || words.code;
      const text = el("div", { class: "text" });
      if (clinicSays) text.append(...withPhones(event.text || ""));
      else text.textContent = event.text || "";
      const bubble = el("div", { class: "bubble" }, urgent ? this.banner(fresh) : null, text);
      const node = el("div", { class: `message ${from}${urgent ? " emergency" : ""}`, lang: language, "data-seq": event.seq, "data-kind": event.kind },
        this.author(from, event.time), bubble);
      if (!clinicSays) return node;
      if (Array.isArray(event.sources) && event.sources.length)
        bubble.append(el("details", {}, say("summary", "sources"), el("ul", {}, ...event.sources.map((source) => el("li", {}, String(source))))));
      const offers = (event.buttons || []).map(({ title, button: value }) => el("button", { type: "button", onclick: () => {
        this.log.focus({ preventScroll: true });
        this.send({ button: value, title, language: words.answering(event) });
      } }, String(title)));
      if (offers.length) node.append(el("div", { class: "buttons" }, ...offers));
      node.append(this.actions(event, node, language));
      return node;
    }

    author(from, time) {
      const key = from === "patient" ? "you" : from;
      return el("div", { class: "who" }, el("b", {}, say("span", key)), " ", time ? el("time", { datetime: time, lang: words.code }, this.clock(time)) : null);
    }

    banner(fresh) {
      const { emergency_number: number } = words.clinic;
      return el("div", { class: "banner", role: fresh ? "alert" : null },
        el("p", {}, icon("alert"), say("span", "emergency_title")),
        el("a", { class: "call", href: tel(number) }, icon("phone"), say("span", "call_emergency")));
    }

    actions(event, node, language) {
      const wishes = event.actions || {};
      const row = el("div", { class: "actions" });
      if (wishes.simpler)
        row.append(button("simpler", "simple", () => this.send({ button: wishes.simpler, title: t("simpler"), language: words.answering(event) }), { class: "simpler" }));
      const judge = (key, verdict) => {
        const thumb = button(key, verdict, () => {
          if (row.querySelector("[aria-pressed=true]")) return;
          thumb.setAttribute("aria-pressed", "true");
          this.send({ button: wishes[verdict], title: t(key), language: words.answering(event), silent: true });
        }, { class: key, "aria-pressed": String(event.verdict === verdict) });
        return thumb;
      };
      if (wishes.up) row.append(judge("thumbs_up", "up"));
      if (wishes.down) row.append(judge("thumbs_down", "down"));
      if (speech.canSpeak)
        row.append(button("listen", "listen", () => this.read(node, event, false), { class: "listen", hidden: !store.get("read_aloud") }));
      row.lang = language;
      return row;
    }

    /* Suggestions belong to the last answer; after the patient has gone on they would mean something else. */
    retireButtons() {
      let answered = false;
      for (const node of [...this.log.children].reverse()) {
        const offers = node.querySelector(".buttons");
        if (offers) offers.hidden = answered;
        if (node.classList.contains("patient")) answered = true;
      }
    }

    showPending(item) {
      if (item.silent) return;
      const old = this.shown.get(item.id);
      if (old && old.dataset.seq) return;
      const node = el("div", { class: "message patient pending", lang: item.language, "data-id": item.id },
        this.author("patient"), el("div", { class: "bubble" }, el("div", { class: "text" }, item.text || item.title || "")));
      node.append(item.failed
        ? button("failed_retry", null, () => this.retry(item), { class: "retry danger" })
        : say("div", this.connection.online ? "sending" : "queued", { class: "delivery" }));
      this.shown.set(item.id, node);
      if (old) old.replaceWith(node);
      else this.log.append(node);
      if (item.failed) this.notice("failed");
    }

    retry(item) {
      const { failed, ...again } = item;
      queue.put(again);
      this.showPending(again);
      this.input.focus();
      this.connection.flush();
    }

    deliveryNote(id, key) {
      const note = this.shown.has(id) && this.shown.get(id).querySelector(".delivery");
      if (!note || note.dataset.t === key) return;
      note.dataset.t = key;
      note.textContent = t(key);
    }

    emergency() {
      if (document.visibilityState !== "visible") return;
      if (!this.isOpen) this.open();
      if (!this.options.hidden) this.toggleOptions(false);
    }

    reset() {
      this.thread.clear();
      this.shown.clear();
      this.hush();
      this.log.replaceChildren();
      this.setTyping(false);
      if (this.agreed) queue.all().forEach((item) => this.showPending(item));
    }

    unread(on) {
      this.dot.hidden = !on;
      this.openLabel.dataset.t = on ? "new_messages" : "open";
      this.openLabel.textContent = t(this.openLabel.dataset.t);
      if (!on && this.thread.size) store.set("seen", Math.max(...this.thread.keys()));
    }

    /* -- scrolling: an answer is read from its beginning */
    get scroller() {
      return getComputedStyle(this.log).overflowY === "auto" ? this.log : this.panel.parentNode.parentNode;
    }

    atEnd() {
      const box = this.scroller;
      return box.scrollHeight - box.scrollTop - box.clientHeight < 80;
    }

    /* Answers that come at once belong together, and are read from the first of them. */
    firstOfTurn(node) {
      const now = Date.now();
      const joins = this.turn && this.turn.node.isConnected && now - this.turn.at < 2000;
      this.turn = { node: joins ? this.turn.node : node, at: now };
      return this.turn.node;
    }

    toEnd() {
      this.jump.hidden = true;
      this.news = null;
      this.scroller.scrollTop = this.scroller.scrollHeight;
    }

    toMessage(node) {
      const box = this.scroller;
      const top = node.getBoundingClientRect().top - box.getBoundingClientRect().top + box.scrollTop;
      box.scrollTop = Math.min(top - 8, box.scrollHeight);
    }

    /* The message that is being read; the text size may change before it is shown again. */
    topMessage() {
      const top = this.scroller.getBoundingClientRect().top;
      return [...this.log.children].find((node) => node.getBoundingClientRect().bottom > top + 40);
    }

    jumpToNew() {
      if (this.news && this.news.isConnected) this.toMessage(this.news);
      else this.toEnd();
      this.news = null;
      this.jump.hidden = true;
      this.log.focus({ preventScroll: true });
    }

    /* -- reading aloud */
    read(node, event, queued) {
      if (!queued && this.speaking === node) {
        this.hush();
        return;
      }
      if (!queued) this.hush();
      const language = event.language || words.code;
      const label = node.querySelector(".listen [data-t]");
      const relabelTo = (key) => {
        if (!label) return;
        label.dataset.t = key;
        label.textContent = t(key);
      };
      const done = () => {
        if (this.speaking === node) this.speaking = null;
        relabelTo("listen");
      };
      if (!speech.speak(event.text, language, done)) {
        this.notice("no_voice");
        return;
      }
      this.speaking = node;
      relabelTo("stop_listening");
    }

    hush() {
      speech.hush();
      this.speaking = null;
      for (const label of this.log.querySelectorAll(".listen [data-t]")) {
        label.dataset.t = "listen";
        label.textContent = t("listen");
      }
    }

    /* -- keeping and forgetting */
    clock(time) {
      const date = new Date(time);
      if (Number.isNaN(date.getTime())) return "";
      const today = date.toDateString() === new Date().toDateString();
      return date.toLocaleString(words.locale, { hour: "2-digit", minute: "2-digit", ...(today ? {} : { weekday: "short", day: "numeric", month: "short" }) });
    }

    transcript() {
      return [...this.thread.values()].sort((a, b) => a.seq - b.seq).map((event) => {
        const who = t(event.from === "patient" ? "you" : event.from === "staff" ? "staff" : "assistant");
        const sources = (event.sources || []).map((source) => `\n- ${source}`).join("");
        return `${who} (${this.clock(event.time)})\n${event.text || ""}${sources ? `\n${t("sources")}:${sources}` : ""}`;
      });
    }

    save() {
      const head = `${words.clinic.name}, ${words.clinic.phone}\n${new Date().toLocaleString(words.locale)}`;
      const text = [head, ...this.transcript()].join("\n\n").replace(/\n/g, "\r\n");
      const url = URL.createObjectURL(new Blob(["\ufeff", text, "\r\n"], { type: "text/plain;charset=utf-8" }));
      const link = el("a", { href: url, download: `${t("file_name")}-${new Date().toISOString().slice(0, 10)}.txt` });
      link.click();
      setTimeout(() => URL.revokeObjectURL(url), 60000);
    }

    /* Prints a plain copy on paper; the page around it stays away for as long as that takes. */
    print() {
      const title = el("h2", { lang: words.code }, `${words.clinic.name}, ${words.clinic.phone}`);
      this.paper.replaceChildren(title, ...this.transcript().map((text) => el("div", {}, text)));
      const undo = sheet("@media print { body > :not(clinic-assistant) { display: none !important; } }", document);
      this.dataset.printing = "";
      addEventListener("afterprint", () => {
        undo();
        delete this.dataset.printing;
        this.paper.replaceChildren();
      }, { once: true });
      window.print();
    }

    askToForget(on) {
      this.confirm.hidden = !on;
      this.eraseButton.hidden = on;
      (on ? this.confirm.querySelector("button") : this.eraseButton).focus();
      if (on) this.confirm.scrollIntoView({ block: "nearest" });
    }

    async forget() {
      this.toggleOptions(false);
      this.input.focus();
      try {
        await this.connection.forget();
        this.input.value = "";
        this.typed();
        this.notice("forgotten");
      } catch (_) {
        this.notice("failed");
      }
    }
  }

  customElements.define("clinic-assistant", ClinicAssistant);
  const put = () => document.querySelector("clinic-assistant") || document.body.append(document.createElement("clinic-assistant"));
  if (document.body) put();
  else addEventListener("DOMContentLoaded", put);
})();
