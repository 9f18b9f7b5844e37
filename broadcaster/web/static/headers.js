// Adds and removes rows of headers without asking the server, which does the same without a script.

const rowsOf = (box) => [...box.querySelectorAll("li")];

function number(box) {
  rowsOf(box).forEach((row, index) => {
    for (const input of row.querySelectorAll("input")) {
      const id = `${input.name}-${index}`;
      row.querySelector(`label[for="${input.id}"]`).htmlFor = id;
      input.id = id;
    }
    const button = row.querySelector("button");
    button.value = index;
    button.setAttribute("aria-label", button.getAttribute("aria-label").replace(/\d+/, index + 1));
  });
}

function emptied(row) {
  for (const input of row.querySelectorAll("input")) input.value = "";
  return row;
}

function add(box) {
  const rows = rowsOf(box);
  const row = emptied(rows.at(-1).cloneNode(true));
  rows.at(-1).after(row);
  for (const input of row.querySelectorAll("input")) {
    const id = `${input.id}-new`;
    row.querySelector(`label[for="${input.id}"]`).htmlFor = id;
    input.id = id;
  }
  number(box);
  row.querySelector("input").focus();
}

function remove(box, row) {
  const rows = rowsOf(box);
  const next = rows[rows.indexOf(row) + 1] ?? rows[rows.indexOf(row) - 1] ?? row;
  if (rows.length > 1) row.remove();
  else emptied(row);
  number(box);
  next.querySelector("input").focus();
}

for (const box of document.querySelectorAll("[data-headers]")) {
  const status = box.querySelector("[role=status]");
  box.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    event.preventDefault();
    if (button.name === "add-header") {
      add(box);
      status.textContent = status.dataset.added;
    } else {
      remove(box, button.closest("li"));
      status.textContent = status.dataset.removed;
    }
  });
}
