// Not part of your Worker: runs worker.js in workerd, Cloudflare's own run time, with a D1 database on this machine.
// The database has the rows of the file $DATABASE, and gets those that are added to it later.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, watchFile } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Miniflare } from "miniflare";

const options = {
  modules: [{ type: "ESModule", path: "worker.js" }],
  compatibilityDate: "2025-09-01",
  host: "127.0.0.1",
  bindings: { API_KEY: process.env.API_KEY },
  d1Databases: ["DB"],
  d1Persist: mkdtempSync(join(tmpdir(), "recipients-")),
};

async function copyRows(worker) {
  const database = await worker.getD1Database("DB");
  await database.exec("CREATE TABLE IF NOT EXISTS recipients (id INTEGER PRIMARY KEY, uid TEXT NOT NULL, msg TEXT NOT NULL)");
  const lines = execFileSync("python3", ["../sample.py", "print", process.env.DATABASE], { encoding: "utf8", maxBuffer: 2 ** 28 });
  const insert = database.prepare("INSERT OR REPLACE INTO recipients (id, uid, msg) VALUES (?, ?, ?)");
  const rows = lines.trim().split("\n").map((line) => JSON.parse(line));
  await database.batch(rows.map((row) => insert.bind(row.id, row.uid, row.msg)));
}

const filling = new Miniflare(options); // at a port of its own: requests come only when the rows are there
await copyRows(filling);
await filling.dispose();

const worker = new Miniflare({ ...options, port: Number(process.env.PORT ?? 8787) });
watchFile(process.env.DATABASE, { interval: 100 }, () => copyRows(worker));
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () =>
    worker.dispose().finally(() => {
      rmSync(options.d1Persist, { recursive: true, force: true });
      process.exit(0);
    }),
  );
}
