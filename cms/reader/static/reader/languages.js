/* Shows the link to the page in the visitor's language. Without this file there is the language switch.

   The page has a hidden link for each of its other languages, so that it is the same for everybody and caches keep it
   once. The browser's languages are those of Accept-Language; the lookup is that of RFC 4647. */
"use strict";

{
  const offers = [...document.querySelectorAll(".language-offer")];
  const current = document.documentElement.lang.toLowerCase();
  search: for (const preferred of navigator.languages) {
    for (let code = preferred.toLowerCase(); code; code = code.slice(0, Math.max(code.lastIndexOf("-"), 0))) {
      const offer = offers.find((each) => each.lang.toLowerCase() === code);
      if (offer) offer.hidden = false;
      if (offer || code === current) break search;
    }
  }
}
