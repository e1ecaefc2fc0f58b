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

    const showWarnings = (field, warnings) => {
        const list = rowOf(field).querySelector("[data-warnings]");
        list.replaceChildren(...warnings.map((warning) => {
            const item = document.createElement("li");
            item.textContent = warning;
            return item;
        }));
        list.hidden = warnings.length === 0;
    };

    const save = async (field) => {
        clearTimeout(timers.get(field));
        const text = field.value;
        if (field.readOnly || text === saved.get(field)) return;
        keep(field);
        status.textContent = editor.dataset.saving;
        const body = new FormData();
        body.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
        body.append("state", form.elements.state.value);
        body.append(field.name, text);
        body.append(digestOf(field).name, digestOf(field).value);
        try {
            const response = await fetch(window.location.pathname, {
                method: "POST", body, headers: { Accept: "application/json" }, redirect: "error",
            });
            if (!response.ok) throw new Error(response.statusText);
            const answer = await response.json();
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
            showWarnings(field, result.warnings);
            status.textContent = editor.dataset.saved;
        } catch {
            status.textContent = editor.dataset.failed;
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

    fields.forEach((field, index) => {
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
        field.addEventListener("input", () => {
            clearTimeout(timers.get(field));
            timers.set(field, setTimeout(() => save(field), IDLE));
        });
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
                field.value = "";
                field.setSelectionRange(0, 0);
                field.value = row.querySelector("[data-source]").textContent;
                field.focus();
                field.dispatchEvent(new Event("input", { bubbles: true }));
            });
        }
    });

    // The form saves all texts: what was kept is saved with them, or shown again by the server.
    form.addEventListener("submit", () => {
        timers.forEach((timer) => clearTimeout(timer));
        fields.forEach((field) => { if (field.value !== saved.get(field)) keep(field); });
    });
})();
