// Keys press what is on the page anyway, and can be switched off.
const keys = document.querySelector(".keys");
const on = keys?.querySelector("input");
if (on) {
  try { on.checked = localStorage.keys !== "off"; } catch { on.checked = true; }
  on.addEventListener("change", () => {
    try { localStorage.keys = on.checked ? "on" : "off"; } catch { /* not kept, then */ }
  });
  keys.hidden = false;
  let pressed = false; // one page, one answer
  addEventListener("pageshow", () => { pressed = false; });
  addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (!on.checked || pressed || event.repeat || event.isComposing) return;
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (target.closest?.("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]")) return;
    const aim = document.querySelector(`[data-key="${CSS.escape(key.toLowerCase())}"]`);
    if (!aim) return;
    event.preventDefault();
    pressed = true;
    if (aim.type === "radio") {
      aim.checked = true;
      aim.form.requestSubmit();
    } else aim.click();
  });
}
