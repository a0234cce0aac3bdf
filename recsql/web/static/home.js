import { make, read } from "./site.js";

// Rows: real buttons, disabled at the ends.
for (const row of document.querySelectorAll(".row")) {
  const head = row.previousElementSibling;
  const name = head.querySelector("h2").textContent.trim();
  const buttons = [["‹", "Previous", -1], ["›", "Next", 1]].map(([sign, word, way]) => {
    const button = make("button", {
      type: "button", className: "step", ariaLabel: `${word} films in ${name}`,
      onclick: () => row.scrollBy({ left: way * row.clientWidth * 0.85 }),
    }, sign);
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
    event.target.closest("li")?.scrollIntoView({ block: "nearest", inline: "nearest" }));
  row.addEventListener("scroll", update, { passive: true });
  new ResizeObserver(update).observe(row);
}

// What a card is about, after a moment of rest on it: out of the film's own page, which is then at
// hand for the click. Tab goes into it, Escape closes it, and it stays while it is pointed at.
const shown = make("div", { className: "preview", popover: "manual" });
const known = new Map();
let timer, card, shut = -999;
const open = () => shown.isConnected && shown.matches(":popover-open");
const hide = () => {
  clearTimeout(timer);
  card = null;
  if (open()) shown.hidePopover();
};
// Beside the card: to its right, or where there is no room, to its left.
const place = () => {
  if (!open()) return;
  const { left, right, top } = card.getBoundingClientRect();
  const wide = shown.offsetWidth;
  const x = right + wide + 16 < innerWidth ? right + 8 : left - wide - 8;
  shown.style.left = `${Math.max(8, x)}px`;
  shown.style.top = `${Math.max(8, Math.min(top, innerHeight - shown.offsetHeight - 8))}px`;
};
const about = async (address) => {
  const page = await read(address);
  const parts = [".body .facts", ".body [aria-label=Genres]", ".overview"].map((part) => page.querySelector(part));
  for (const part of page.querySelectorAll(".near")) {
    const first = part.querySelector(".card");
    if (!first) continue;
    const link = make("a", { href: `${address}#${part.id}` }, part.querySelector("h2").textContent);
    const name = make("bdi", {}, first.querySelector("b").textContent);
    parts.push(make("p", {}, link, " ", name, `: ${part.querySelector(".reason").textContent}`));
  }
  return parts.filter(Boolean);
};
const show = async (over) => {
  card = over;
  try {
    if (!known.has(over.href)) known.set(over.href, await about(over.href));
  } catch {
    // the card still leads to the page
    return;
  }
  if (card !== over) return;
  shown.replaceChildren(...known.get(over.href));
  over.after(shown);
  shown.showPopover();
  place();
};
const rest = (event) => {
  // What lay below a preview that was closed is not what the pointer was led to.
  if (event.type === "mouseover" && event.timeStamp - shut < 300) return;
  const over = event.target.closest?.(".row .card");
  if (shown.contains(event.target) || (over && over === card)) return clearTimeout(timer);
  if (event.type === "focusin" && !over) return hide();
  // What somebody is tabbing through is not taken away by a pointer that lies about.
  if (shown.contains(document.activeElement)) return;
  clearTimeout(timer);
  timer = setTimeout(over ? () => { hide(); show(over); } : hide, over ? 450 : 250);
};
if (shown.showPopover && matchMedia("(hover: hover) and (min-width: 48rem)").matches) {
  document.addEventListener("mouseover", rest);
  document.addEventListener("focusin", (event) => event.target.matches(":focus-visible") && rest(event));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const last = card;
    if (open()) shut = event.timeStamp;
    if (shown.contains(document.activeElement)) last.focus();
    hide();
    // closed for as long as this card is the one
    card = last;
  });
  addEventListener("scroll", place, { passive: true, capture: true });
}
