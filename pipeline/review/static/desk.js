"use strict";
// Keys: an element says by data-key which keys press it, by data-focus which key brings the cursor into it.
let wanting = null; // the verdict that waits for its reason

function named(attribute, key) {
  return [...document.querySelectorAll(`[${attribute}]`)].find((e) => e.getAttribute(attribute).split(" ").includes(key));
}

function isText(element) {
  return element instanceof HTMLInputElement || element instanceof HTMLSelectElement;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (isText(event.target)) {
    if (event.key === "Escape") {
      wanting = null;
      event.target.blur();
      event.preventDefault();
    } else if (event.key === "Enter" && event.target.id === "note") {
      event.preventDefault();
      const button = wanting;
      event.target.blur();
      if (button && event.target.value.trim()) button.click();
    }
    return;
  }
  const field = named("data-focus", event.key);
  if (field) {
    event.preventDefault();
    field.focus();
    field.select();
    return;
  }
  const button = named("data-key", event.key);
  if (!button) return;
  event.preventDefault();
  // a key held down turns pages, and never gives one answer after another
  if (event.repeat && !event.key.startsWith("Arrow")) return;
  if (!document.body.querySelector(".htmx-request:not(#state)")) button.click();
});

// An answer that wants a reason asks for it first.
document.addEventListener("htmx:confirm", (event) => {
  const button = event.detail.elt;
  if (!button.hasAttribute("data-needs-note")) return;
  const note = document.getElementById("note");
  if (note.value.trim()) return;
  event.preventDefault();
  wanting = button;
  note.classList.add("wanted");
  note.placeholder = "请写明核实到的情况，再按回车";
  note.focus();
});

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id !== "desk") return;
  wanting = null;
  window.scrollTo(0, 0);
  const title = document.getElementById("item-title");
  if (title) title.focus({ preventScroll: true });
});

document.addEventListener("htmx:sendError", () => lost());
document.addEventListener("htmx:responseError", () => lost());

function lost() {
  const state = document.getElementById("state");
  state.textContent = "程序没有应答：刚才这一次可能没有保存，请重新打开程序后核对";
  state.classList.add("note");
}
