function doGet(e) {
  const after = Number(e.parameter.next || 0);
  const sheet = SpreadsheetApp.getActiveSpreadsheet().getSheetByName("recipients");
  const rows = sheet.getRange(2, 1, sheet.getLastRow() - 1, 3).getValues();
  const page = rows.filter((row) => row[0] > after).slice(0, 400);
  const next = page.length === 400 ? String(page[399][0]) : "";
  const body = { list: page.map((row) => ({ uid: row[1], msg: row[2] })), next: next };
  return ContentService.createTextOutput(JSON.stringify(body)).setMimeType(ContentService.MimeType.JSON);
}
