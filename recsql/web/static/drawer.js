// The evidence for a recommendation, beside the list: the page that the link leads to.
export default async (link) => {
  try {
    const answer = await fetch(link.href);
    if (!answer.ok) throw new Error(answer.status);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const part = page.querySelector(link.hash);
    const dialog = document.createElement("dialog");
    dialog.className = "drawer";
    const heading = page.querySelector("h1");
    heading.id = "drawer";
    dialog.setAttribute("aria-labelledby", "drawer");
    for (const old of part.querySelectorAll("[id]")) old.removeAttribute("id");
    const shut = document.createElement("button");
    shut.className = "button quiet";
    shut.textContent = "Close";
    shut.addEventListener("click", () => dialog.close());
    const whole = document.createElement("a");
    whole.href = link.href;
    whole.textContent = "As a page";
    const foot = document.createElement("p");
    foot.className = "actions";
    foot.append(shut, whole);
    dialog.append(heading, ...part.children, foot);
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
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
