// Who gets which message, page by page, from the sheet "recipients": row 1 has the headings id, uid, msg.
// Each row has its own id, and each new row a higher one. The key is the script property API_KEY.
const PAGE_SIZE = 400; // fewer than 500

function doGet(e) {
  try {
    return answer(page(e.parameter.key || "", e.parameter.next || ""));
  } catch (error) {
    console.error(error); // for you, not for the reader
    return answer({ error: "the script has a problem" });
  }
}

function page(key, token) {
  if (!keyIsRight(key)) return { error: "key is missing or wrong" };
  const after = position(token);
  if (after === null) return { error: "next is not a token of this API" };

  const sheet = SpreadsheetApp.getActiveSpreadsheet().getSheetByName("recipients");
  const count = sheet.getLastRow() - 1;
  // Display values are text, as you see it in the sheet. getValues() would give numbers and dates.
  const rows = (count > 0 ? sheet.getRange(2, 1, count, 3).getDisplayValues() : [])
    .map(([id, uid, msg]) => ({ id: Number(id), uid: uid.trim(), msg: msg }))
    .filter((row) => row.id > after && row.uid !== "" && row.msg !== "")
    .sort((a, b) => a.id - b.id);
  const found = rows.slice(0, PAGE_SIZE);
  return {
    list: found.map((row) => ({ uid: row.uid, msg: row.msg })),
    next: rows.length > PAGE_SIZE ? tokenAfter(found[PAGE_SIZE - 1].id) : "",
  };
}

function keyIsRight(given) {
  const wanted = PropertiesService.getScriptProperties().getProperty("API_KEY");
  const digest = (text) => Utilities.computeDigest(Utilities.DigestAlgorithm.SHA_256, text, Utilities.Charset.UTF_8);
  // Digests are compared, so the time says nothing about the key.
  return Boolean(wanted) && digest(given).join() === digest(wanted).join();
}

// The id after which the page begins: 0 for the first page, null for a token that we never gave.
function position(token) {
  if (token === "") return 0;
  try {
    const text = Utilities.newBlob(Utilities.base64DecodeWebSafe(token)).getDataAsString();
    const found = /^after:(\d{1,15})$/.exec(text);
    return found && Number(found[1]);
  } catch (error) {
    return null; // not base64
  }
}

function tokenAfter(id) {
  return Utilities.base64EncodeWebSafe("after:" + id);
}

function answer(body) {
  return ContentService.createTextOutput(JSON.stringify(body)).setMimeType(ContentService.MimeType.JSON);
}
