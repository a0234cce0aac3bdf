// Everything here and in the files beside it only smooths what links and forms already do.
const live = document.getElementById("live");
const say = (text) => { live.textContent = text; };

// The SQL: a copy button.
const sql = document.getElementById("sql");
if (sql && navigator.clipboard) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button quiet";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(sql.querySelector("pre").textContent.trim() + "\n");
    say("The SQL is in the clipboard.");
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
  sql.querySelector("pre").before(button);
}

// The list under a search field and the drawer of evidence come when somebody turns to them.
for (const input of document.querySelectorAll("[data-suggest]")) {
  input.addEventListener("input", async () => {
    (await import(input.dataset.suggest)).default(input, say);
    // what was typed meanwhile
    input.dispatchEvent(new Event("input"));
  }, { once: true });
}
document.addEventListener("click", async (event) => {
  const link = event.target.closest?.("[data-drawer] .why");
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
  event.preventDefault();
  (await import(link.closest("[data-drawer]").dataset.drawer)).default(link);
});
