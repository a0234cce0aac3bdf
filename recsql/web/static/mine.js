import { say } from "./site.js";

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
      // what went wrong has a page of its own
      form.submit();
    } finally {
      running = false;
    }
  };
  form.classList.add("live");
  form.addEventListener("change", () => {
    clearTimeout(timer);
    // arrow keys pass over stars that nobody means
    timer = setTimeout(send, 200);
  });
  form.addEventListener("submit", () => clearTimeout(timer));
  addEventListener("pagehide", () => timer && send());
}
