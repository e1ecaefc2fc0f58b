/* The screen of a machine draft: shows its state again every few seconds while it is open.
 *
 * Without this script the page shows the state when it is loaded.
 */
(() => {
    const place = document.querySelector("[data-machine-draft]");
    const PAUSE = 3000; // Milliseconds.
    const OPEN = new Set(["waiting", "running"]);
    const state = () => place.querySelector("[data-draft-state]")?.dataset.draftState ?? "";

    const refresh = async () => {
        try {
            const response = await fetch(place.dataset.machineDraft, { redirect: "error" });
            if (!response.ok) return;
            const part = document.createElement("template");
            part.innerHTML = await response.text();
            // The status is read aloud only when it changes.
            if (part.content.textContent !== place.textContent) place.replaceChildren(part.content);
        } catch { /* The network is away: the next attempt follows. */ }
        if (OPEN.has(state())) setTimeout(refresh, PAUSE);
        else window.location.reload(); // Numbers, buttons and refused texts are those of the end.
    };

    if (place && OPEN.has(state())) setTimeout(refresh, PAUSE);
})();
