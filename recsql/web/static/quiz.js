// What a slider says while it moves: without script, its scale is printed under it.
const sliders = [...document.querySelectorAll(".dial input")];
const count = document.querySelector("[data-count]");
const named = (stars) => (stars ? `${stars} ${stars === 1 ? "star" : "stars"}` : "Not seen");
const marks = sliders.map((slider) => {
  const scale = document.getElementById(slider.getAttribute("aria-describedby"));
  slider.removeAttribute("aria-describedby");
  const mark = document.createElement("b");
  scale.replaceChildren(mark);
  return mark;
});
const update = () => {
  sliders.forEach((slider, i) => {
    const stars = Number(slider.value);
    slider.setAttribute("aria-valuetext", named(stars));
    marks[i].textContent = named(stars).replace(".5", "½").replace("0½", "½");
    slider.parentNode.style.setProperty("--at", `${stars * 20}%`);
    slider.closest("li").classList.toggle("seen", stars > 0);
  });
  const rated = sliders.filter((slider) => Number(slider.value)).length;
  const said = `${rated} of ${sliders.length} rated`;
  if (count && count.textContent !== said) count.textContent = said; // it is read aloud
};
document.addEventListener("input", update);
// The way back may bring values along after this has run.
addEventListener("pageshow", update);
update();
