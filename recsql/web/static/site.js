// Everything here only smooths what links and forms already do.
const live = document.getElementById("live");
const say = (text) => { live.textContent = text; };

// Rows: real buttons, disabled at the ends.
for (const row of document.querySelectorAll(".row")) {
  const head = row.previousElementSibling;
  const name = head.querySelector("h2").textContent.trim();
  const buttons = [["‹", "Previous", -1], ["›", "Next", 1]].map(([sign, word, way]) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "step";
    button.textContent = sign;
    button.setAttribute("aria-label", `${word} films in ${name}`);
    button.addEventListener("click", () => row.scrollBy({ left: way * row.clientWidth * 0.85 }));
    head.append(button);
    return button;
  });
  const update = () => {
    const end = row.scrollWidth - row.clientWidth;
    const off = [row.scrollLeft < 4, row.scrollLeft > end - 4];
    buttons.forEach((button, i) => {
      // The focus must not fall off a button that has just reached the end.
      if (off[i] && document.activeElement === button && !off[1 - i]) buttons[1 - i].focus();
      button.disabled = off[i];
      button.hidden = end < 4;
    });
  };
  // Browsers leave a card that the focus came to half out of sight.
  row.addEventListener("focusin", (event) =>
    event.target.closest("li").scrollIntoView({ block: "nearest", inline: "nearest" }));
  row.addEventListener("scroll", update, { passive: true });
  new ResizeObserver(update).observe(row);
}

// "Load more": fetch the page that the link leads to, and take over what it has and we have not.
let busy = false; // one at a time: each answer says how long both sections are
async function extend(link, quiet) {
  if (busy) return;
  busy = true;
  link.ariaBusy = "true";
  const part = link.closest("section, .page");
  const list = part.querySelector("[data-list]");
  try {
    const answer = await fetch(link.href);
    if (!answer.ok) throw new Error(answer.status);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const other = part.id ? page.getElementById(part.id) : page.querySelector(".page");
    const fresh = [...other.querySelectorAll("[data-list] > li")].filter(
      (item) => !item.id || !document.getElementById(item.id),
    );
    list.append(...fresh);
    const sql = page.getElementById("sql").querySelector("pre");
    document.getElementById("sql").querySelector("pre").replaceWith(sql);
    // A page that grows in place has an address for its new length; endless lists do not.
    if (part.id) {
      for (const old of document.querySelectorAll("[data-more]")) {
        const mine = old.closest("section");
        const next = page.getElementById(mine.id).querySelector("[data-more]");
        if (next) old.href = next.href;
        else old.parentNode.remove();
      }
      history.replaceState(null, "", link.pathname + new URL(answer.url).search);
    } else {
      const next = other.querySelector("[data-more]");
      if (next) link.href = next.href;
      else link.parentNode.remove();
    }
    if (!quiet) fresh[0]?.querySelector("a").focus();
    say(`${fresh.length} more films shown, ${list.children.length} in all.`);
  } catch {
    location.assign(link.href);
  } finally {
    busy = false;
    link.ariaBusy = null;
  }
}
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-more]");
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
  event.preventDefault();
  extend(link);
});

// Endless lists go on by themselves a few times; then they ask, so that the foot can be reached.
for (const link of document.querySelectorAll('[data-more="auto"]')) {
  let turns = 4;
  const watch = new IntersectionObserver(
    ([seen]) => {
      if (!seen.isIntersecting) return;
      extend(link, true);
      if (--turns === 0) watch.disconnect();
    },
    { rootMargin: "400px" },
  );
  // Only for those who scroll: a short window would fetch what nobody asked for.
  addEventListener("scroll", () => watch.observe(link), { once: true, passive: true });
}

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
    input.dispatchEvent(new Event("input")); // what was typed meanwhile
  }, { once: true });
}
document.addEventListener("click", async (event) => {
  const link = event.target.closest?.("[data-drawer] .why");
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
  event.preventDefault();
  (await import(link.closest("[data-drawer]").dataset.drawer)).default(link);
});

// Stars are saved as they are chosen, the last choice last.
for (const form of document.querySelectorAll(".rate")) {
  let timer, running, again;
  const send = async () => {
    clearTimeout(timer);
    timer = 0;
    again = true;
    if (running) return;
    running = true;
    try {
      while (again) {
        again = false;
        const answer = await fetch(form.action, {
          method: "POST",
          body: new URLSearchParams(new FormData(form)),
          headers: { Accept: "application/json" },
          keepalive: true,
        });
        if (!answer.ok || answer.redirected) throw new Error(answer.status);
        const { said } = await answer.json();
        form.querySelector("output").textContent = said;
        say(said);
        form.elements.remove.hidden = false;
      }
    } catch {
      form.submit(); // what went wrong has a page of its own
    } finally {
      running = false;
    }
  };
  form.classList.add("live");
  form.addEventListener("change", () => {
    clearTimeout(timer);
    timer = setTimeout(send, 200); // arrow keys pass over stars that nobody means
  });
  form.addEventListener("submit", () => clearTimeout(timer));
  addEventListener("pagehide", () => timer && send());
}
