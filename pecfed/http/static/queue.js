// Keys for the queue: comfort only, everything works without them.
"use strict";

(() => {
  for (const hint of document.querySelectorAll("[data-keys]")) hint.hidden = false;

  const rows = Array.from(document.querySelectorAll("[data-queue] > li"));
  let at = -1;

  function go(to) {
    if (!rows.length) return;
    at = Math.max(0, Math.min(rows.length - 1, to));
    rows[at].querySelector("a.entry").focus();
  }

  function act(name) {
    const found = document.querySelector(`details[data-act="${name}"]`);
    if (!found) return;
    for (const other of document.querySelectorAll("details[data-act]")) {
      other.open = other === found;
    }
    const field = found.querySelector("textarea, select, input:not([type=hidden])");
    found.scrollIntoView({ block: "nearest" });
    if (field) field.focus();
  }

  const onRows = {
    j: () => go(at + 1),
    k: () => go(at - 1),
    x: () => {
      const box = rows[at] && rows[at].querySelector("input[type=checkbox]");
      if (box) box.checked = !box.checked;
    },
  };
  const onItem = {
    p: () => act("publish"),
    a: () => act("ask"),
    r: () => act("refuse"),
    l: () => act("later"),
    n: () => document.getElementById("note")?.focus(),
    u: () => document.querySelector("[data-back]")?.click(),
  };
  const keys = rows.length ? onRows : onItem;

  document.addEventListener("focusin", (event) => {
    const row = rows.findIndex((each) => each.contains(event.target));
    if (row >= 0) at = row;
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target.closest("textarea, select, input:not([type=checkbox])");
    if (event.key === "Escape" && typing) typing.blur();
    if (typing) return;
    const wanted = keys[event.key];
    if (wanted) {
      event.preventDefault();
      wanted();
    }
  });
})();
