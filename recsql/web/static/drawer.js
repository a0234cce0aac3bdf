import { make, read } from "./site.js";

// The evidence for a recommendation, beside the list: the page that the link leads to.
export default async (link) => {
  try {
    const page = await read(link.href);
    const heading = page.querySelector("h1");
    const part = page.querySelector(link.hash);
    for (const old of part.querySelectorAll("[id]")) old.removeAttribute("id");
    const shut = () => dialog.close();
    const dialog = make("dialog", { className: "drawer", ariaLabel: heading.textContent },
      heading, ...part.children, make("p", { className: "actions" },
        make("button", { className: "button quiet", onclick: shut }, "Close"),
        make("a", { href: link.href }, "As a page")));
    dialog.addEventListener("click", (event) => event.target === dialog && shut());
    dialog.addEventListener("close", () => {
      dialog.remove();
      link.focus();
    });
    document.body.append(dialog);
    dialog.showModal();
  } catch {
    location.assign(link.href);
  }
};
