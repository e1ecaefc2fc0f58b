/* The colours of a department's settings: a picker beside each, its contrast with white (WCAG 2.2), a preview. */
(() => {
  "use strict";
  const HEX = /^#[0-9a-f]{6}$/i;

  const luminance = (colour) =>
    [1, 3, 5]
      .map((start) => parseInt(colour.slice(start, start + 2), 16) / 255)
      .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
      .reduce((sum, value, index) => sum + value * [0.2126, 0.7152, 0.0722][index], 0);

  const contrastWithWhite = (colour) => 1.05 / (luminance(colour) + 0.05);
  const ratioFormat = new Intl.NumberFormat(document.documentElement.lang, {
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  });
  const preview = document.querySelector("[data-colour-preview]");

  for (const field of document.querySelectorAll("[data-colour]")) {
    const input = field.querySelector("input");
    const verdict = field.querySelector("[data-colour-verdict]");
    const picker = Object.assign(document.createElement("input"), { type: "color", tabIndex: -1 });
    picker.className = "department-colour__swatch";
    picker.setAttribute("aria-hidden", "true"); // The text field beside it takes the same value by keyboard.
    field.querySelector("[data-colour-swatch]").replaceWith(picker);

    const show = () => {
      const colour = input.value.trim();
      if (!HEX.test(colour)) {
        verdict.textContent = "";
        return;
      }
      const ratio = contrastWithWhite(colour);
      const isEnough = ratio >= Number(field.dataset.minimum);
      const message = isEnough ? verdict.dataset.enough : verdict.dataset.tooLow;
      verdict.textContent = message.replace("{ratio}", ratioFormat.format(Math.floor(ratio * 10) / 10));
      verdict.classList.toggle("department-colour__verdict--too-low", !isEnough);
      picker.value = colour.toLowerCase();
      preview.style.setProperty(input.name === "primary_colour" ? "--primary" : "--accent", colour);
    };
    picker.addEventListener("input", () => {
      input.value = picker.value;
      input.dispatchEvent(new Event("input", { bubbles: true }));
    });
    input.addEventListener("input", show);
    show();
  }
})();
