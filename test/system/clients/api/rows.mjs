// The rows of a file of coupons as objects with the names of the API's fields.
export function rowsOf(format, text) {
  const lines = text.split(/\r?\n/).filter((line) => line !== "");
  if (format === "jsonl") return lines.map((line) => JSON.parse(line));
  const [names, ...rows] = lines.map((line) => line.split(",")); // the document has no quoted cells
  return rows.map((cells) => Object.fromEntries(cells.map((cell, i) => [camelCase(names[i]), cell])));
}

function camelCase(name) {
  return name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());
}
