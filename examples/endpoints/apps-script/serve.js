// Not part of your script: a thin stand-in of ours for Google Apps Script, which runs Code.gs without Google.
// It has only the calls that Code.gs makes, and answers as a web app does: each GET is a 302 to a one-time address of
// another host (here another port), and headers of the request cannot be read. Google itself was not asked.
const { execFileSync } = require("node:child_process");
const { createHash, randomUUID } = require("node:crypto");
const { readFileSync } = require("node:fs");
const { createServer } = require("node:http");
const vm = require("node:vm");

const bytes = (value) => Buffer.from(value); // text or an array of numbers
const rows = () =>
  execFileSync("python3", ["../sample.py", "print", process.env.DATABASE], { encoding: "utf8", maxBuffer: 2 ** 28 })
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
    .map((row) => [row.id, row.uid, row.msg]);

// A sheet makes a number of a cell of digits, and a date of a cell like 2026-01-31, unless the column is plain text.
function typed(cell) {
  if (/^\d+$/.test(cell)) return Number(cell);
  return /^\d{4}-\d\d-\d\d$/.test(cell) ? new Date(`${cell}T00:00:00`) : cell;
}

function sheet(values = rows()) {
  const block = (row, column, height, width) =>
    values.slice(row - 2, row - 2 + height).map((cells) => cells.slice(column - 1, column - 1 + width));
  return {
    getLastRow: () => values.length + 1,
    getRange: (...place) => ({
      getValues: () => block(...place).map((cells) => cells.map(typed)),
      getDisplayValues: () => block(...place).map((cells) => cells.map(String)),
    }),
  };
}

const script = vm.createContext({
  console,
  SpreadsheetApp: { getActiveSpreadsheet: () => ({ getSheetByName: () => sheet() }) },
  PropertiesService: { getScriptProperties: () => ({ getProperty: () => process.env.API_KEY }) },
  Utilities: {
    DigestAlgorithm: { SHA_256: "sha256" },
    Charset: { UTF_8: "utf8" },
    computeDigest: (algorithm, text) => [...createHash(algorithm).update(text).digest()],
    base64EncodeWebSafe: (text) => bytes(text).toString("base64").replaceAll("+", "-").replaceAll("/", "_"),
    base64DecodeWebSafe: (text) => {
      if (!/^[\w-]+={0,2}$/.test(text) || text.length % 4) throw new Error("Could not decode string.");
      return [...Buffer.from(text, "base64url")];
    },
    newBlob: (data) => ({ getDataAsString: () => bytes(data).toString("utf8") }),
  },
  ContentService: {
    MimeType: { JSON: "application/json" },
    createTextOutput: (text) => ({ setMimeType: (type) => ({ text, type }) }),
  },
});
vm.runInContext(readFileSync(process.env.SCRIPT ?? "Code.gs", "utf8"), script);

const answers = new Map(); // one-time addresses

const content = createServer((request, response) => {
  const output = answers.get(request.url);
  answers.delete(request.url);
  response.writeHead(output ? 200 : 404, { "Content-Type": `${output?.type ?? "text/html"}; charset=utf-8`, "Cache-Control": "no-cache, no-store, max-age=0, must-revalidate" });
  response.end(output?.text ?? "<html><body>Sorry, unable to open the file at this time.</body></html>");
});

const app = createServer((request, response) => {
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.writeHead(200, { "Content-Type": "text/html; charset=utf-8" });
    return response.end("<!DOCTYPE html><html><body>Script function not found: doPost</body></html>");
  }
  const query = new URL(request.url, "http://127.0.0.1").searchParams;
  script.event = { parameter: Object.fromEntries([...query].reverse()) };
  const path = `/macros/echo?user_content_key=${randomUUID()}`;
  answers.set(path, vm.runInContext("doGet(event)", script));
  response.writeHead(302, { Location: `http://127.0.0.1:${content.address().port}${path}`, "Content-Type": "text/html; charset=UTF-8", "Cache-Control": "no-cache, no-store, max-age=0, must-revalidate" });
  response.end("<HTML><HEAD><TITLE>Moved Temporarily</TITLE></HEAD></HTML>");
});

content.listen(0, "127.0.0.1", () => app.listen(Number(process.env.PORT ?? 8080), "127.0.0.1"));
