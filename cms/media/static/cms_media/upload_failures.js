// Tells of a failed request of Wagtail's multiple uploader, which says nothing and leaves its button turning.
(() => {
  const { message } = document.currentScript.dataset;

  document.addEventListener('DOMContentLoaded', () => {
    const list = document.getElementById('upload-list');
    if (!list || !window.jQuery) return;
    const paths = () =>
      [...list.querySelectorAll('form, a.delete')].map((each) => new URL(each.action || each.href).pathname);

    window.jQuery(document).on('ajaxError', (_event, _response, { url }) => {
      if (!paths().includes(new URL(url, document.baseURI).pathname)) return;
      document.dispatchEvent(new CustomEvent('w-messages:add', { detail: { clear: true, text: message, type: 'error' } }));
      for (const button of list.querySelectorAll('[data-controller~="w-progress"]')) {
        button.setAttribute('data-w-progress-loading-value', 'false');
      }
    });
  });
})();
