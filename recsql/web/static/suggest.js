import { make, say } from "./site.js";

// Search as one types: a list of films under the field, by the combobox pattern.
let lists = 0;
export default (input) => {
  const list = make("ul", {
    id: `hits-${++lists}`, className: "hits", role: "listbox", ariaLabel: "Films", hidden: true,
  });
  input.after(list);
  input.role = "combobox";
  input.setAttribute("aria-controls", list.id);
  input.ariaAutoComplete = "list";
  const { json, to } = input.dataset;
  let timer, asking, at = -1;
  const mark = (next) => {
    list.children[at]?.removeAttribute("aria-selected");
    const hit = list.children[(at = next)];
    input.setAttribute("aria-activedescendant", hit?.id ?? "");
    if (!hit) return;
    hit.ariaSelected = "true";
    hit.scrollIntoView({ block: "nearest" });
  };
  const open = (on) => {
    list.hidden = !on;
    input.ariaExpanded = on;
    mark(-1);
  };
  const close = () => {
    clearTimeout(timer);
    asking?.abort();
    open(false);
  };
  const add = (text, small, href) => {
    const id = `${list.id}-${list.children.length}`;
    const hit = make("li", { role: "option", id, dir: "auto" }, `${text} `, make("small", {}, small ?? ""));
    hit.dataset.href = href;
    list.append(hit);
  };
  const ask = async () => {
    const typed = encodeURIComponent(input.value.trim());
    asking?.abort();
    if (typed.length < 2) return close();
    asking = new AbortController();
    try {
      const answer = await fetch(`${json}?q=${typed}`, { signal: asking.signal });
      const { movies, meant } = await answer.json();
      list.replaceChildren();
      for (const { title, year, hidden, movie_id } of movies) {
        add(title, hidden ? `${year ?? ""} · hidden from your lists` : year, to + movie_id);
      }
      for (const words of meant) {
        add(`Did you mean “${words}”?`, "", `${json.slice(0, -5)}?q=${encodeURIComponent(words)}`);
      }
      const count = list.children.length;
      open(count > 0);
      say(movies[0] ? `${count} found, arrow keys to choose.` : list.textContent || "Nothing found.");
    } catch (error) {
      if (error.name !== "AbortError") close();
    }
  };
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 200);
  };
  input.addEventListener("input", later);
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    const count = list.children.length;
    const down = event.key === "ArrowDown";
    if (event.isComposing) return;
    if (event.key === "Escape" && !list.hidden) close();
    else if (event.key === "Enter" && at >= 0) location.assign(list.children[at].dataset.href);
    else if ((down || event.key === "ArrowUp") && count) {
      if (list.hidden) open(true);
      // once round: the field itself is a stop
      mark(((at + (down ? 2 : count + 1)) % (count + 1)) - 1);
    } else return;
    event.preventDefault();
  });
  // the focus stays
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const hit = event.target.closest("li");
    if (hit) location.assign(hit.dataset.href);
  });
};
