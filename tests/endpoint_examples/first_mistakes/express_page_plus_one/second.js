import express from "express";
import sqlite from "node-sqlite3-wasm";

const database = new sqlite.Database(process.env.DATABASE, { readOnly: true });
const app = express();

app.get("/recipients", (req, res) => {
  const page = Number(req.query.next || 1);
  const rows = database.all("SELECT uid, msg FROM recipients ORDER BY id LIMIT 400 OFFSET ?", [(page - 1) * 400]);
  res.json({ list: rows, next: rows.length === 400 ? String(page + 1) : "" });
});

app.listen(process.env.PORT, "127.0.0.1");
