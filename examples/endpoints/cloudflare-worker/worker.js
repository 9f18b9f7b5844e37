// Who gets which message, page by page, from the D1 database DB. The secret API_KEY: npx wrangler secret put API_KEY
const PAGE_SIZE = 400; // fewer than 500

function answer(status, body, headers = {}) {
  return Response.json(body, { status, headers: { "Cache-Control": "no-store", ...headers } });
}

async function keyIsRight(given, wanted) {
  if (!wanted) return false;
  const digest = (text) => crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return crypto.subtle.timingSafeEqual(await digest(given), await digest(wanted));
}

// The id after which the page begins: 0 for the first page, null for a token that we never gave.
function position(token) {
  if (token === "") return 0;
  try {
    const found = /^after:(\d{1,15})$/.exec(atob(token.replaceAll("-", "+").replaceAll("_", "/")));
    return found && Number(found[1]);
  } catch {
    return null; // not base64
  }
}

const tokenAfter = (id) =>
  btoa(`after:${id}`).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

async function recipients(request, env) {
  const url = new URL(request.url);
  if (url.pathname !== "/recipients") return answer(404, { error: "no such page" });
  if (request.method !== "GET" && request.method !== "HEAD") {
    return answer(405, { error: "only GET is allowed" }, { Allow: "GET, HEAD" });
  }
  if (!(await keyIsRight(request.headers.get("X-Api-Key") ?? "", env.API_KEY))) {
    return answer(401, { error: "X-Api-Key is missing or wrong" });
  }
  const after = position(url.searchParams.get("next") ?? "");
  if (after === null) return answer(400, { error: "next is not a token of this API" });

  const { results } = await env.DB.prepare(
    "SELECT id, uid, msg FROM recipients WHERE id > ? ORDER BY id LIMIT ?",
  )
    .bind(after, PAGE_SIZE + 1)
    .all();
  const page = results.slice(0, PAGE_SIZE);
  return answer(200, {
    list: page.map((row) => ({ uid: String(row.uid), msg: String(row.msg) })),
    next: results.length > PAGE_SIZE ? tokenAfter(page.at(-1).id) : "",
  });
}

export default {
  async fetch(request, env) {
    try {
      return await recipients(request, env);
    } catch (error) {
      console.error(error); // for you, not for the reader
      return answer(500, { error: "the server has a problem" });
    }
  },
};
