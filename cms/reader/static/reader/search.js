/* Completions of the search field. The field also works without this file.

   The pattern is the editable combobox with a list box of the ARIA Authoring Practices: the focus stays in the field,
   arrow keys choose, Enter takes, Escape closes, and the arrow down opens it again. */
"use strict";

for (const field of document.querySelectorAll(".search-field:not([data-ready])")) {
  field.dataset.ready = "";
  const input = field.querySelector("input");
  const list = document.createElement("ul");
  const status = document.createElement("p");
  const shortest = 2; // letters
  let waiting = 0;
  let request = null;
  let chosen = -1;

  list.id = `${input.id}-list`;
  list.className = "search-list";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", field.dataset.hint);
  status.className = "visually-hidden";
  status.setAttribute("role", "status");
  field.append(list, status);
  for (const [name, value] of Object.entries({
    role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id,
  })) input.setAttribute(name, value);

  const close = () => {
    // A pending response would open the list again, even if the field has lost focus.
    clearTimeout(waiting);
    request?.abort();
    list.hidden = true;
    chosen = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };

  const choose = (index) => {
    const options = [...list.children];
    chosen = (index + options.length) % options.length;
    options.forEach((option, number) => option.setAttribute("aria-selected", String(number === chosen)));
    input.setAttribute("aria-activedescendant", options[chosen].id);
    options[chosen].scrollIntoView({ block: "nearest" });
  };

  const take = (option) => {
    input.value = option.textContent;
    close();
    input.form.requestSubmit();
  };

  const show = (results) => {
    list.replaceChildren(...results.map((result, number) => {
      const option = document.createElement("li");
      option.id = `${list.id}-${number}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.textContent = result.text;
      option.addEventListener("mousedown", (event) => event.preventDefault());
      option.addEventListener("click", () => take(option));
      return option;
    }));
    chosen = -1;
    list.hidden = results.length === 0;
    input.setAttribute("aria-expanded", String(results.length > 0));
    status.textContent = results.length ? `${results.length} – ${field.dataset.hint}` : "";
  };

  const ask = async () => {
    request?.abort();
    request = new AbortController();
    const query = new URLSearchParams({ q: input.value, locale: field.dataset.language });
    // Completions come from this site, or from all departments if their box is checked.
    if (field.dataset.department && !input.form.elements.everywhere?.checked) {
      query.set("department", field.dataset.department);
    }
    try {
      const response = await fetch(`${field.dataset.suggest}?${query}`, { signal: request.signal });
      if (response.ok) show((await response.json()).results);
    } catch (error) {
      if (error.name !== "AbortError") close();
    }
  };

  input.addEventListener("input", () => {
    clearTimeout(waiting);
    if (input.value.trim().length < shortest) close();
    else waiting = setTimeout(ask, 120);
  });
  input.addEventListener("keydown", (event) => {
    if (list.hidden) {
      if (event.key !== "ArrowDown" || input.value.trim().length < shortest) return;
      ask();
    } else if (event.key === "ArrowDown") choose(chosen + 1);
    else if (event.key === "ArrowUp") choose(chosen < 0 ? -1 : chosen - 1);
    else if (event.key === "Enter" && chosen >= 0) take(list.children[chosen]);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  });
  input.addEventListener("blur", close);
}
