// Translates the words that templates and scripts of Wagtail and wagtail-localize write in English only.
(() => {
  const TITLE = /^(.+) to (.+) translation$/;

  // React makes these after the page is loaded.
  const translateEditor = (editor) => {
    for (const heading of editor.querySelectorAll('h3')) {
      const languages = TITLE.exec(heading.textContent);
      if (languages) {
        heading.textContent = interpolate(
          gettext('%(source)s to %(target)s translation'),
          { source: languages[1], target: languages[2] },
          true,
        );
      }
    }
    for (const label of editor.querySelectorAll('.w-sr-only')) {
      if (label.textContent === 'More actions') {
        const text = gettext('More actions');
        if (text !== label.textContent) label.textContent = text;
      }
    }
  };

  document.addEventListener('DOMContentLoaded', () => {
    for (const button of document.querySelectorAll('input[type="submit"][value="Search"]')) {
      button.value = gettext('Search');
    }
    document.querySelector('#w-slim-header-buttons[aria-label="Actions"]')?.setAttribute('aria-label', gettext('Actions'));
    const editor = document.querySelector('.js-translation-editor');
    if (editor) {
      translateEditor(editor);
      new MutationObserver(() => translateEditor(editor)).observe(editor, { childList: true, subtree: true });
    }
  });
})();
