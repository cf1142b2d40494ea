"use strict";
const root = document.documentElement;
const button = document.getElementById("theme");
button.hidden = false;
const dark = () => (root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
const label = () => { button.textContent = dark() ? "Light" : "Dark"; };
label();
button.addEventListener("click", () => { root.dataset.theme = dark() ? "light" : "dark"; label(); });
// On paper nothing can be unfolded, so everything is.
addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((one) => { one.open = true; }));
// n and p walk the findings, d changes the theme.
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "d") button.click();
  if (event.key !== "n" && event.key !== "p") return;
  const all = [...document.querySelectorAll("article.finding")];
  const passed = all.filter((one) => one.getBoundingClientRect().top < 24).length;
  const next = all[event.key === "n" ? passed : passed - 2];
  if (next) next.scrollIntoView(); else if (event.key === "p") scrollTo(0, 0);
});
