// Keeps the figures of what runs up to date, and brings the page that follows into this one.

import { prepareCanaries } from "./canary.js";
import { showLocalTimes } from "./times.js";

const POLL_MILLISECONDS = 2000;
const main = document.querySelector("main");
const news = document.querySelector("#news");
let box = main.querySelector("[data-live]");

function show(fields) {
  for (const node of box.querySelectorAll("[data-field]")) {
    const text = fields[node.dataset.field];
    // a screen reader speaks a status whenever it is set
    if (text !== undefined && node.textContent !== text) node.textContent = text;
  }
  const progress = box.querySelector("[data-progress]");
  if (progress && fields.percent !== undefined) progress.value = Number(fields.percent);
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

// Its own address is another where it is the answer to a form that was refused.
async function pageNow() {
  const address = new URL(box.dataset.live, location.href).pathname.replace(/\/events$/, "");
  const response = await fetch(address, { headers: { Accept: "text/html" } });
  if (!response.ok) throw new Error(String(response.status));
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

// What makes a control the same one on the page that follows.
function nameOf(node) {
  const words = node.localName === "summary" ? node.textContent : node.getAttribute("aria-label");
  const action = node.form?.getAttribute("action");
  return [node.localName, node.id, node.getAttribute("href"), action, node.name, words].join("\n");
}

function replace(page) {
  const held = document.activeElement;
  const name = main.contains(held) && held !== main ? nameOf(held) : null;
  const opened = [...main.querySelectorAll("details[open] > summary")].map(nameOf);
  document.title = page.title;
  main.replaceChildren(...document.adoptNode(page.querySelector("main")).childNodes);
  for (const summary of main.querySelectorAll("details > summary")) {
    if (opened.includes(nameOf(summary))) summary.parentElement.open = true;
  }
  prepareCanaries();
  showLocalTimes();
  const heading = main.querySelector("h1");
  if (news.textContent !== heading.textContent) news.textContent = heading.textContent;
  if (document.activeElement !== document.body) {
    document.activeElement.scrollIntoView({ block: "nearest" }); // it may have been moved away
    return;
  }
  heading.tabIndex = -1;
  const again = [...main.querySelectorAll("a, button, input, summary, [tabindex]")];
  (again.find((node) => nameOf(node) === name) ?? heading).focus();
}

async function ask() {
  try {
    const page = await pageNow();
    const now = page.querySelector("[data-live]");
    if (now?.dataset.live !== box.dataset.live) {
      replace(page);
      box = main.querySelector("[data-live]");
      if (box) listen();
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
