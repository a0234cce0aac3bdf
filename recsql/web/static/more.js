import { onClick, read, say } from "./site.js";

// "Load more": fetch the page that the link leads to, and take over what it has and we have not.
// one at a time: each answer says how long both sections are
let busy = false;
async function extend(link, quiet) {
  if (busy) return;
  busy = true;
  link.ariaBusy = "true";
  const part = link.closest("section, .page");
  const list = part.querySelector("[data-list]");
  try {
    const page = await read(link.href);
    const other = part.id ? page.getElementById(part.id) : page.querySelector(".page");
    const fresh = [...other.querySelectorAll("[data-list] > li")].filter(
      (item) => !item.id || !document.getElementById(item.id),
    );
    list.append(...fresh);
    document.querySelector("#sql pre").replaceWith(page.querySelector("#sql pre"));
    // A page that grows in place has an address for its new length; endless lists do not.
    if (part.id) {
      history.replaceState(null, "", link.pathname + link.search);
      for (const old of document.querySelectorAll("[data-more]")) {
        const mine = old.closest("section");
        const next = page.getElementById(mine.id).querySelector("[data-more]");
        if (next) old.href = next.href;
        else old.parentNode.remove();
      }
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
onClick("[data-more]", (link) => extend(link));

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
