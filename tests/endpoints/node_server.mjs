// Node's own http module, no framework: a table in memory, sorted by the user id, which is the token.
import { timingSafeEqual, createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { promisify } from "node:util";
import { gzip } from "node:zlib";

const compress = promisify(gzip);
const pageSize = 300;
const contacts = JSON.parse(readFileSync(process.env.CONTACTS, "utf8"));
contacts.sort((a, b) => (a.line_id < b.line_id ? -1 : 1));

const digest = (text) => createHash("sha256").update(text).digest();
const wanted = process.env.API_TOKEN && digest(`Bearer ${process.env.API_TOKEN}`);

function answer(request) {
  const url = new URL(request.url, "http://localhost");
  if (url.pathname !== "/recipients") return [404, { error: "there is nothing here" }];
  if (request.method !== "GET" && request.method !== "HEAD") {
    return [405, { error: "use GET" }, { Allow: "GET, HEAD" }];
  }
  if (wanted && !timingSafeEqual(digest(request.headers.authorization ?? ""), wanted)) {
    return [401, { error: "not authorized" }, { "WWW-Authenticate": "Bearer" }];
  }
  const after = Buffer.from(url.searchParams.get("next") ?? "", "base64url").toString();
  const start = after ? contacts.findIndex((contact) => contact.line_id === after) + 1 : 0;
  if (url.searchParams.get("next") && !start) {
    return [400, { error: "next is not a token of this API" }];
  }
  const page = contacts.slice(start, start + pageSize);
  const more = start + pageSize < contacts.length;
  const list = page.map(({ line_id, message }) => ({ uid: line_id, msg: message }));
  const next = more ? Buffer.from(page.at(-1).line_id).toString("base64url") : null;
  return [200, { next, list }];
}

const server = createServer(async (request, response) => {
  const [status, document, headers = {}] = answer(request);
  let body = Buffer.from(JSON.stringify(document));
  if (body.length > 1024 && /\bgzip\b/.test(request.headers["accept-encoding"] ?? "")) {
    body = await compress(body);
    headers["Content-Encoding"] = "gzip";
  }
  response.writeHead(status, {
    "Content-Type": "application/json; charset=utf-8",
    "Content-Length": body.length,
    "Cache-Control": "no-store",
    Vary: "Accept-Encoding",
    ...headers,
  });
  response.end(request.method === "HEAD" ? undefined : body);
});

server.listen(process.env.LISTEN_FD ? { fd: Number(process.env.LISTEN_FD) } : 8080);
