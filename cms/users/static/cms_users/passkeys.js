// Creates or uses a passkey when a form with `data-passkey` is sent, and puts the answer into its field `credential`.
"use strict";

const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
const toText = (buffer) =>
  buffer && btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const withBytes = (credentials) => (credentials || []).map((each) => ({ ...each, id: toBytes(each.id) }));

async function askBrowser(kind, options) {
  const publicKey = { ...options.publicKey, challenge: toBytes(options.publicKey.challenge) };
  if (kind === "create") {
    publicKey.user = { ...publicKey.user, id: toBytes(publicKey.user.id) };
    publicKey.excludeCredentials = withBytes(publicKey.excludeCredentials);
    return navigator.credentials.create({ publicKey });
  }
  publicKey.allowCredentials = withBytes(publicKey.allowCredentials);
  return navigator.credentials.get({ publicKey });
}

function toJSON(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = toText(credential.response[name]);
  }
  return JSON.stringify({
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    response,
    clientExtensionResults: {},
  });
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const error = form.querySelector("[data-passkey-error]");
    error.hidden = true;
    try {
      const headers = { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value, "X-Requested-With": "XMLHttpRequest" };
      const answer = await fetch(form.dataset.options, { method: "POST", headers });
      if (!answer.ok || answer.redirected) throw new Error(answer.status);
      const credential = await askBrowser(form.dataset.passkey, await answer.json());
      form.elements.credential.value = toJSON(credential);
      form.submit();
    } catch {
      error.hidden = false;
    }
  });
}
