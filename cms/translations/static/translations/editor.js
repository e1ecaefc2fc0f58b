/* The editor of translations: saves each text in the background, and keeps in the browser what could not be saved.
 *
 * Without this script the form is saved by its buttons.
 */
(() => {
    const editor = document.querySelector("[data-translation-editor]");
    const form = editor?.querySelector("form");
    if (!form) return;

    const status = form.querySelector("[data-status]");
    const progress = editor.querySelector("[data-progress]");
    const fields = [...form.querySelectorAll('textarea[name^="text-"]')];
    const saved = new Map(fields.map((field) => [field, field.value]));
    const timers = new Map();
    const IDLE = 2000; // Milliseconds without a key, after which a text is saved.

    const rowOf = (field) => field.closest("[data-text]");
    const keyOf = (field) => rowOf(field).dataset.text;
    const digestOf = (field) => form.elements[`digest-${keyOf(field)}`];
    const confirmationOf = (field) => rowOf(field).querySelector("[data-confirmation]");
    const isConfirmed = (field) => Boolean(confirmationOf(field)?.checked);
    const storageKey = (field) => `translation:${editor.dataset.account}:${editor.dataset.translationEditor}:${keyOf(field)}`;

    const keep = (field) => {
        try {
            localStorage.setItem(storageKey(field), JSON.stringify({ text: field.value, digest: digestOf(field).value }));
        } catch { /* A full or forbidden storage: the text stays in the field. */ }
    };
    const forget = (field) => {
        try { localStorage.removeItem(storageKey(field)); } catch { /* As above. */ }
    };

    const showError = (field, text) => {
        const error = rowOf(field).querySelector("[data-error]");
        error.textContent = text;
        error.hidden = !text;
        field.toggleAttribute("aria-invalid", Boolean(text));
    };

    const dismissal = (field, warning) => {
        const label = document.createElement("label");
        const box = document.createElement("input");
        const words = document.createElement("span");
        Object.assign(box, { type: "checkbox", name: `dismissed-${keyOf(field)}-${warning.check}`, value: "1" });
        Object.assign(words, { className: "w-sr-only", textContent: ` – ${warning.text}` });
        label.append(box, ` ${editor.dataset.dismiss}`, words);
        return label;
    };

    const showWarnings = (field, warnings) => {
        const list = rowOf(field).querySelector("[data-warnings]");
        list.replaceChildren(...warnings.map((warning) => {
            const item = document.createElement("li");
            item.textContent = `${warning.text} `;
            if (editor.dataset.dismiss) item.append(dismissal(field, warning));
            return item;
        }));
        list.hidden = warnings.length === 0;
    };

    // A suggestion that is inserted and not changed is stored as a text of the memory.
    const inserted = new Map();
    const noteMemory = (field) => {
        form.elements[`memory-${keyOf(field)}`].value = inserted.get(field) === field.value ? "1" : "";
    };

    const showOrigin = (field, text) => {
        const note = rowOf(field).querySelector("[data-origin]");
        note.textContent = text;
        note.hidden = !text;
    };

    const showBadge = (field, text) => {
        const badge = rowOf(field).querySelector("[data-badge]");
        badge.textContent = text;
        badge.hidden = !text;
    };

    // The box that has the focus stays until it loses it: the keyboard would begin at the top of the page again.
    const hideConfirmation = (field) => {
        const box = confirmationOf(field);
        if (!box) return;
        const hide = () => {
            box.checked = false;
            box.closest("label").hidden = true;
        };
        delete box.dataset.confirmation;
        if (document.activeElement === box) box.addEventListener("blur", hide, { once: true });
        else hide();
    };

    // A row that grows between the press of a mouse button and its release moves the button below the pointer away, and
    // the click is lost.
    let released = Promise.resolve();
    document.addEventListener("pointerdown", () => {
        released = new Promise((resolve) => {
            const end = () => setTimeout(resolve);
            ["pointerup", "pointercancel", "dragend"].forEach((name) => document.addEventListener(name, end, { once: true }));
        });
    }, { capture: true });

    const showStatus = async (text) => {
        await released;
        status.textContent = text;
    };

    const pending = new Set();
    const save = (field) => {
        const request = saveNow(field);
        pending.add(request);
        return request.finally(() => pending.delete(request));
    };

    const saveNow = async (field) => {
        clearTimeout(timers.get(field));
        const text = field.value;
        if (field.readOnly || (text === saved.get(field) && !isConfirmed(field))) return;
        keep(field);
        showStatus(editor.dataset.saving);
        const body = new FormData();
        body.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
        body.append("state", form.elements.state.value);
        body.append(field.name, text);
        body.append(digestOf(field).name, digestOf(field).value);
        body.append(`memory-${keyOf(field)}`, form.elements[`memory-${keyOf(field)}`].value);
        if (isConfirmed(field)) body.append(confirmationOf(field).name, "1");
        try {
            const response = await fetch(window.location.pathname, {
                method: "POST", body, headers: { Accept: "application/json" }, redirect: "error",
            });
            if (!response.ok) throw new Error(response.statusText);
            const answer = await response.json();
            await released;
            const result = answer.saved[keyOf(field)];
            progress.textContent = answer.progress;
            form.elements.state.value = answer.state;
            if (!result) {
                status.textContent = "";
                showError(field, answer.errors[keyOf(field)] ?? editor.dataset.failed);
                return;
            }
            digestOf(field).value = result.digest;
            saved.set(field, text);
            if (field.value === text) forget(field);
            showError(field, "");
            if (!result.badge) hideConfirmation(field);
            showBadge(field, result.badge);
            showOrigin(field, result.origin);
            showWarnings(field, result.warnings);
            status.textContent = editor.dataset.saved;
        } catch {
            await showStatus(editor.dataset.failed);
        }
    };

    const insert = (field, text) => {
        const { selectionStart: start, selectionEnd: end, value } = field;
        const close = text.indexOf("</");
        const filled = close < 0 ? text : text.slice(0, close) + value.slice(start, end) + text.slice(close);
        field.setRangeText(filled, start, end, "end");
        field.focus();
        field.dispatchEvent(new Event("input", { bubbles: true }));
    };

    // --- Suggestions of the translation memory: loaded when a field is entered, or when their list is opened.
    const SUGGESTION_DELAY = 500; // Milliseconds in a field, after which its suggestions are loaded.
    const listOf = (field) => rowOf(field).querySelector("[data-suggestions]");
    const loaded = new Map();

    const load = (field) => {
        if (!loaded.has(field)) loaded.set(field, fetchSuggestions(field));
        return loaded.get(field);
    };

    const fetchSuggestions = async (field) => {
        const list = listOf(field);
        try {
            const response = await fetch(`${list.dataset.suggestions}?part=1`, { redirect: "error" });
            if (!response.ok) throw new Error(response.statusText);
            const part = document.createElement("template");
            part.innerHTML = await response.text();
            const found = part.content.querySelector("[data-number]");
            list.querySelector("[data-suggestions-list]").replaceChildren(part.content);
            list.querySelector("[data-suggestions-label]").textContent = found.dataset.found;
            list.querySelectorAll("[data-insert]").forEach((button) => {
                button.hidden = field.readOnly;
                button.addEventListener("click", () => replaceBySuggestion(field, suggestionOf(button.closest("li"))));
            });
            return found.dataset.found;
        } catch {
            loaded.delete(field);
            return editor.dataset.unavailable;
        }
    };

    const suggestionOf = (item) => item.querySelector("[data-suggestion]").textContent;

    const showSuggestions = async (field) => {
        listOf(field).open = true;
        status.textContent = await load(field);
    };

    const insertSuggestion = (field, number) => {
        const item = listOf(field).querySelectorAll("[data-suggestions-list] li")[number - 1];
        if (item && !field.readOnly) replaceBySuggestion(field, suggestionOf(item));
    };

    const replaceBySuggestion = (field, text) => {
        inserted.set(field, text);
        replace(field, text);
    };

    const replace = (field, text) => {
        field.value = text;
        field.focus();
        field.dispatchEvent(new Event("input", { bubbles: true }));
    };

    // Ctrl+M opens the suggestions; a digit after it inserts one of them. French keyboards have digits on the second
    // level, so that the place of the key counts.
    const DIGIT = /^(?:Digit|Numpad)([1-9])$/;
    const MODIFIERS = new Set(["Alt", "Control", "Meta", "Shift"]);
    const awaitsDigit = new Set();
    const pressed = (field, event) => {
        if (MODIFIERS.has(event.key)) return;
        const digit = awaitsDigit.delete(field) && !event.altKey && event.code.match(DIGIT);
        if (event.ctrlKey && event.key.toLowerCase() === "m") {
            event.preventDefault();
            awaitsDigit.add(field);
            showSuggestions(field);
        } else if (digit) {
            event.preventDefault();
            load(field).then(() => insertSuggestion(field, Number(digit[1])));
        }
    };

    fields.forEach((field, index) => {
        let entered;
        field.addEventListener("focus", () => { entered = setTimeout(() => load(field), SUGGESTION_DELAY); });
        field.addEventListener("blur", () => { clearTimeout(entered); awaitsDigit.delete(field); });
        field.addEventListener("keydown", (event) => pressed(field, event));
        listOf(field).addEventListener("toggle", () => { if (listOf(field).open) load(field); });
        const kept = (() => {
            try { return JSON.parse(localStorage.getItem(storageKey(field))); } catch { return null; }
        })();
        if (kept && !field.readOnly && kept.text !== field.value) {
            field.value = kept.text;
            digestOf(field).value = kept.digest;
            showError(field, editor.dataset.restored);
            rowOf(field).scrollIntoView({ block: "nearest" });
        } else if (kept) {
            forget(field);
        }
        const saveSoon = () => {
            clearTimeout(timers.get(field));
            timers.set(field, setTimeout(() => save(field), IDLE));
        };
        field.addEventListener("input", () => {
            noteMemory(field);
            saveSoon();
        });
        confirmationOf(field)?.addEventListener("change", saveSoon);
        field.addEventListener("change", () => save(field));
        field.addEventListener("keydown", (event) => {
            if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
            event.preventDefault();
            save(field);
            fields[index + (event.shiftKey ? -1 : 1)]?.focus();
        });
        const row = rowOf(field);
        row.querySelectorAll("[data-tag]").forEach((button) => {
            button.hidden = false;
            button.addEventListener("click", () => insert(field, button.dataset.tag));
        });
        const copy = row.querySelector("[data-copy]");
        if (copy) {
            copy.hidden = false;
            copy.addEventListener("click", () => {
                replace(field, row.querySelector("[data-source]").textContent);
            });
        }
    });

    // The form saves all texts: what was kept is saved with them, or shown again by the server. It is sent after the
    // requests in the background, which change what the user has read.
    const LONGEST_WAIT = 10000; // Milliseconds.
    let isWaiting = false;
    form.addEventListener("submit", async (event) => {
        timers.forEach((timer) => clearTimeout(timer));
        if (isWaiting) {
            event.preventDefault();
            return;
        }
        if (pending.size) {
            event.preventDefault();
            isWaiting = true;
            const longest = new Promise((resolve) => { setTimeout(resolve, LONGEST_WAIT); });
            await Promise.race([Promise.allSettled([...pending]), longest]);
            isWaiting = false;
            pending.clear();
            form.requestSubmit(event.submitter);
            return;
        }
        fields.forEach((field) => { if (field.value !== saved.get(field)) keep(field); });
    });
})();
