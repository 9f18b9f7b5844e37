// Who gets which message, page by page. Node 18 or newer: npm install express node-sqlite3-wasm
import { createHash, timingSafeEqual } from "node:crypto";
import express from "express";
import sqlite from "node-sqlite3-wasm";

const PAGE_SIZE = 400; // fewer than 500
const database = new sqlite.Database(process.env.DATABASE ?? "recipients.db", { readOnly: true });
const app = express();
app.disable("x-powered-by");

const digest = (text) => createHash("sha256").update(text).digest();

function keyIsRight(given) {
  const wanted = process.env.API_KEY ?? "";
  return wanted !== "" && timingSafeEqual(digest(given), digest(wanted));
}

// The id after which the page begins: 0 for the first page, null for a token that we never gave.
function position(token) {
  if (token === undefined || token === "") return 0;
  if (typeof token !== "string") return null;
  const found = /^after:(\d{1,15})$/.exec(Buffer.from(token, "base64url").toString("latin1"));
  return found && Number(found[1]);
}

const tokenAfter = (id) => Buffer.from(`after:${id}`).toString("base64url");

app.use((request, response, next) => {
  response.set("Cache-Control", "no-store");
  next();
});

app
  .route("/recipients")
  .get((request, response) => {
    if (!keyIsRight(request.get("X-Api-Key") ?? "")) {
      return response.status(401).json({ error: "X-Api-Key is missing or wrong" });
    }
    const after = position(request.query.next);
    if (after === null) {
      return response.status(400).json({ error: "next is not a token of this API" });
    }
    const rows = database.all(
      "SELECT id, uid, msg FROM recipients WHERE id > ? ORDER BY id LIMIT ?",
      [after, PAGE_SIZE + 1],
    );
    const page = rows.slice(0, PAGE_SIZE);
    response.json({
      list: page.map((row) => ({ uid: String(row.uid), msg: String(row.msg) })),
      next: rows.length > PAGE_SIZE ? tokenAfter(page.at(-1).id) : "",
    });
  })
  .all((request, response) => {
    response.status(405).set("Allow", "GET, HEAD").json({ error: "only GET is allowed" });
  });

app.use((request, response) => response.status(404).json({ error: "no such page" }));

app.use((error, request, response, next) => {
  console.error(error); // for you, not for the reader
  response.status(500).json({ error: "the server has a problem" });
});

app.listen(Number(process.env.PORT ?? 3000), process.env.HOST ?? "127.0.0.1");
