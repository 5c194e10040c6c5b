// What every page has: menu, colours, dialog, copying, printing. Each works without this file too,
// by a link or a form, or is not shown (class with-script).

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
  const control = event.target.closest("[data-dialog], [data-close], [data-copy], [data-print]");
  if (!control || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if ("dialog" in control.dataset) {
    event.preventDefault();
    openDialog(control.href);
  } else if ("close" in control.dataset) {
    const dialog = control.closest("dialog");
    if (!dialog) return;
    event.preventDefault();
    dialog.close();
  } else if ("copy" in control.dataset) {
    copy(control);
  } else {
    window.print();
  }
});

document.addEventListener("keydown", (event) => {
  // A dialog closes by itself, and what was open below it stays.
  if (event.key !== "Escape" || document.querySelector("dialog[open]")) return;
  for (const menu of document.querySelectorAll("[data-menu][open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-select-all]")) return;
  const boxes = event.target.closest("table").querySelectorAll("tbody input[name=id]");
  for (const box of boxes) box.checked = event.target.checked;
});

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-theme-form]")) return;
  event.preventDefault();
  const theme = event.submitter.value;
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `theme=${theme}; path=/; max-age=31536000; samesite=lax${secure}`;
  document.documentElement.dataset.theme = theme;
  // The pressed button has just given way to the other one.
  [...event.target.elements].find((button) => button.offsetParent)?.focus();
});

async function openDialog(address) {
  const dialog = document.getElementById("dialog");
  try {
    const answer = await fetch(address, { headers: { "HX-Request": "true" } });
    if (!answer.ok || answer.headers.has("HX-Redirect")) throw new Error(answer.statusText);
    dialog.innerHTML = await answer.text();
    dialog.showModal();
  } catch {
    location.assign(address);
  }
}

async function copy(button) {
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = button.dataset.done;
  } catch {
    // Without HTTPS a page may not write to the clipboard: select the text instead.
    getSelection().selectAllChildren(button.parentElement.querySelector("code"));
  }
}
