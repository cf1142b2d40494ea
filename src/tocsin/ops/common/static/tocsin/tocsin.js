/* What needs a script: clocks that tick, keys, the theme, marks on what changed. Every page works without. */
"use strict";

const root = document.documentElement;
const kept = localStorage.getItem("theme");
if (kept) root.dataset.theme = kept;

const two = (n) => String(n).padStart(2, "0");

/** Hours and minutes until an instant; seconds where it is less than an hour. */
function left(until) {
  const seconds = Math.round((new Date(until) - Date.now()) / 1000);
  const size = Math.abs(seconds);
  const text = size < 3600 ? `${two(Math.floor(size / 60))}:${two(size % 60)}` : `${two(Math.floor(size / 3600))}:${two(Math.floor((size % 3600) / 60))}`;
  return (seconds < 0 ? "−" : "") + text + (size < 3600 ? " min" : " h");
}

function tick() {
  for (const clock of document.querySelectorAll("time[data-until]")) {
    clock.textContent = left(clock.dateTime);
    clock.classList.toggle("late", new Date(clock.dateTime) < Date.now());
  }
}

document.addEventListener("DOMContentLoaded", () => {
  tick();
  setInterval(tick, 1000);
  for (const button of document.querySelectorAll("[data-theme-switch]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
      root.dataset.theme = dark ? "light" : "dark";
      localStorage.setItem("theme", root.dataset.theme);
    });
  }
});

/* Keys. */
let before = "";
const typing = (element) => element.closest("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]");

function walk(step) {
  const rows = [...document.querySelectorAll("main tbody tr")].filter((row) => row.querySelector("a"));
  if (!rows.length) return;
  const at = rows.findIndex((row) => row.getAttribute("aria-current") === "true");
  rows[at]?.removeAttribute("aria-current");
  const next = rows[Math.min(rows.length - 1, Math.max(0, at < 0 ? 0 : at + step))];
  next.setAttribute("aria-current", "true");
  next.querySelector("a").focus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (before === "g") {
    const link = document.querySelector(`[data-go="${CSS.escape(event.key)}"]`);
    if (link) link.click();
  } else if (event.key === "/") {
    const field = document.querySelector("input[type=search]");
    if (field) field.focus(), event.preventDefault();
  } else if (event.key === "?") {
    document.getElementById("keys")?.showModal();
  } else if (event.key === "ArrowDown" || event.key === "j") {
    if (document.activeElement?.closest("tbody") || event.key === "j") walk(1), event.preventDefault();
  } else if (event.key === "ArrowUp" || event.key === "k") {
    if (document.activeElement?.closest("tbody") || event.key === "k") walk(-1), event.preventDefault();
  }
  before = event.key;
});

/* What changed live is marked for a few seconds: rows and items with a key whose text is new. */
const said = new Map();
const remember = (scope) => scope.querySelectorAll("[data-key]").forEach((item) => said.set(item.dataset.key, item.textContent.replace(/\s+/g, " ").trim()));
document.addEventListener("DOMContentLoaded", () => remember(document));
document.addEventListener("htmx:afterSettle", () => {
  for (const item of document.querySelectorAll("[data-key]")) {
    const text = item.textContent.replace(/\s+/g, " ").trim();
    if (said.has(item.dataset.key) && said.get(item.dataset.key) === text) continue;
    item.classList.add("fresh");
    setTimeout(() => item.classList.remove("fresh"), 4000);
  }
  remember(document);
  tick();
});
