/* Sends the form of a change again until everything is done. Without this script the button does. */
document.addEventListener("DOMContentLoaded", () => {
    document.querySelector("form[data-divided-change]")?.submit();
});
