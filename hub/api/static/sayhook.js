// What every page gains when scripts run: buttons that copy. Nothing here is needed to use the hub.
"use strict";

// The tab that was chosen among those of one name: a piece of the page that is swapped in begins with its first.
const chosen = new Map();

// What was copied a moment ago: leaving a field may swap the button that was pressed for a new one.
const copied = new Set();

function show() {
  for (const button of document.querySelectorAll("[data-copy][hidden]")) {
    button.hidden = false;
    button.setAttribute("aria-live", "polite");
  }
  for (const id of copied) tell(id);
  for (const id of chosen.values()) {
    const tab = document.getElementById(id);
    if (tab) tab.checked = true;
  }
}

async function copy(button) {
  const source = document.getElementById(button.dataset.copy);
  if (!source) return;
  const text = "value" in source ? source.value : source.textContent;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without https the clipboard is closed to scripts; a selection can still be copied.
    if (source.select) source.select();
    else getSelection().selectAllChildren(source);
    document.execCommand("copy");
  }
  const id = button.dataset.copy;
  copied.add(id);
  tell(id);
  setTimeout(() => { copied.delete(id); tell(id); }, 2000);
}

function tell(id) {
  for (const button of document.querySelectorAll(`[data-copy="${CSS.escape(id)}"]`)) {
    button.dataset.label ??= button.textContent;
    button.textContent = copied.has(id) ? "Copied" : button.dataset.label;
  }
}

show();
// A press that ends on another element than it began on is no click: code that stays the same stays where it is.
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const { target, fragment } = event.detail;
  const [now, next] = [target, fragment].map((part) =>
    Array.from(part.querySelectorAll("code"), (code) => code.textContent).join("\n"));
  if (next && now === next) event.detail.shouldSwap = false;
});
document.addEventListener("htmx:oobAfterSwap", show);
document.addEventListener("htmx:afterSettle", show);
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (button) copy(button);
});
document.addEventListener("change", (event) => {
  if (event.target.matches(".tabs > input")) chosen.set(event.target.name, event.target.id);
});
