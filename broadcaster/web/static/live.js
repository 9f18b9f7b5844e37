// Keeps the figures of what runs up to date, and brings its result into the page.

const box = document.querySelector("[data-live]");
const POLL_MILLISECONDS = 2000;

function show(fields) {
  for (const node of box.querySelectorAll("[data-field]")) {
    const text = fields[node.dataset.field];
    // a screen reader speaks a status whenever it is set
    if (text !== undefined && node.textContent !== text) node.textContent = text;
  }
  if (fields.bars) draw(fields.bars);
}

function draw(bars) {
  const picture = box.querySelector("[data-bars]");
  picture.closest("figure").hidden = bars.length === 0;
  picture.replaceChildren(...bars.map(({ label, ...place }) => {
    const bar = document.createElementNS(picture.namespaceURI, "rect");
    for (const [name, value] of Object.entries(place)) bar.setAttribute(name, value);
    const title = document.createElementNS(picture.namespaceURI, "title");
    title.textContent = label;
    bar.append(title);
    return bar;
  }));
}

async function pageNow() {
  const response = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!response.ok) throw new Error(String(response.status));
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

function replace(page) {
  const main = document.querySelector("main");
  document.title = page.title;
  main.replaceChildren(...document.adoptNode(page.querySelector("main")).childNodes);
  const heading = main.querySelector("h1");
  heading.tabIndex = -1;
  heading.focus();
}

async function ask() {
  try {
    const page = await pageNow();
    const now = page.querySelector("[data-live]");
    if (!now) {
      replace(page);
      return;
    }
    const fields = [...now.querySelectorAll("[data-field]")];
    show(Object.fromEntries(fields.map((node) => [node.dataset.field, node.textContent])));
  } catch {
    // the server is away for a moment: ask again
  }
  setTimeout(ask, POLL_MILLISECONDS);
}

function listen() {
  const stream = new EventSource(box.dataset.live);
  stream.onmessage = (message) => {
    const fields = JSON.parse(message.data);
    if (fields.ended) {
      stream.close();
      ask();
    } else {
      show(fields);
    }
  };
  stream.onerror = () => {
    // the browser itself tries again unless it was refused
    if (stream.readyState === EventSource.CLOSED) ask();
  };
}

if (box) listen();
