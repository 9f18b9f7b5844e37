// Lets the button of a canary say how many messages it sends. A few are then sent without a further
// question; for more, and without a script, the server asks once more.

function confirmation() {
  const field = document.createElement("input");
  Object.assign(field, { type: "hidden", name: "confirmed", value: "yes" });
  return field;
}

function prepareForm(form) {
  const input = form.querySelector("input[name=first]");
  const button = form.querySelector("button[data-many]");
  const most = Number(form.dataset.canary);
  const unknown = button.textContent;
  const confirmed = confirmation();

  function update() {
    const number = /^\d+$/.test(input.value.trim()) ? Number(input.value) : 0;
    const shown = number.toLocaleString(document.documentElement.lang);
    const { one, many } = button.dataset;
    const label = number === 1 ? one : many.replace("{number}", shown);
    button.textContent = number < 1 ? unknown : label + (number > most ? "…" : "");
    if (number >= 1 && number <= most) form.append(confirmed);
    else confirmed.remove();
  }

  input.addEventListener("input", update);
  update();
}

export function prepareCanaries() {
  document.querySelectorAll("[data-canary]").forEach(prepareForm);
}
