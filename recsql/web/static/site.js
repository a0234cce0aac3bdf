// Everything here and in the files beside it only smooths what links and forms already do.
const live = document.getElementById("live");
export const say = (text) => { live.textContent = text; };
export const make = (tag, properties, ...inside) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...inside);
  return element;
};
// Another page of ours, to show a part of it.
export const read = async (address) => {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(answer.status);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
};
// A click alone; with a key held down, it is for the browser.
export const onClick = (links, act) => document.addEventListener("click", (event) => {
  const link = event.target.closest?.(links);
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
  event.preventDefault();
  act(link);
});

// The SQL: a copy button.
const sql = document.getElementById("sql");
if (sql && navigator.clipboard) {
  const copy = make("button", { type: "button", className: "button quiet", onclick: async () => {
    await navigator.clipboard.writeText(sql.querySelector("pre").textContent.trim() + "\n");
    say("The SQL is in the clipboard.");
    copy.textContent = "Copied";
    setTimeout(() => { copy.textContent = "Copy"; }, 2000);
  } }, "Copy");
  sql.querySelector("pre").before(copy);
}

// The list under a search field and the drawer of evidence come when somebody turns to them.
for (const input of document.querySelectorAll("[data-suggest]")) {
  input.addEventListener("input", async () => {
    (await import(input.dataset.suggest)).default(input);
    // what was typed meanwhile
    input.dispatchEvent(new Event("input"));
  }, { once: true });
}
onClick("[data-drawer] .why", async (link) => {
  (await import(link.closest("[data-drawer]").dataset.drawer)).default(link);
});
