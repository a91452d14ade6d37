type Element = unknown;

/**
 * Reads PostgreSQL's text form of an array, nested ones too: `{1,NULL,"a \" b",{…}}`, with or without bounds.
 *
 * Throws on anything else, since a half-understood answer is worse than none.
 */
export function parseArray(text: string, element: (text: string) => Element): Element[] {
  const start = text.startsWith("[") ? text.indexOf("=") + 1 : 0;
  const cursor = { text, at: start };
  const items = readItems(cursor, element);
  if (cursor.at !== text.length) throw malformed();
  return items;
}

interface Cursor {
  readonly text: string;
  at: number;
}

function readItems(cursor: Cursor, element: (text: string) => Element): Element[] {
  const items: Element[] = [];
  if (cursor.text[cursor.at++] !== "{") throw malformed();
  if (cursor.text[cursor.at] === "}") {
    cursor.at++;
    return items;
  }
  for (;;) {
    items.push(readItem(cursor, element));
    const after = cursor.text[cursor.at++];
    if (after === "}") return items;
    if (after !== ",") throw malformed();
  }
}

function readItem(cursor: Cursor, element: (text: string) => Element): Element {
  const first = cursor.text[cursor.at];
  if (first === "{") return readItems(cursor, element);
  if (first === '"') return element(readQuoted(cursor));
  const start = cursor.at;
  while (cursor.at < cursor.text.length && !isDelimiter(cursor.text[cursor.at])) cursor.at++;
  const bare = cursor.text.slice(start, cursor.at);
  return bare === "NULL" ? null : element(bare);
}

function readQuoted(cursor: Cursor): string {
  let value = "";
  let from = ++cursor.at;
  for (; cursor.at < cursor.text.length; cursor.at++) {
    const character = cursor.text[cursor.at];
    if (character === '"') return value + cursor.text.slice(from, cursor.at++);
    if (character === "\\") {
      value += cursor.text.slice(from, cursor.at);
      from = ++cursor.at;
    }
  }
  throw malformed();
}

function isDelimiter(character: string | undefined): boolean {
  return character === "," || character === "}";
}

function malformed(): Error {
  return new Error("The database sent an array that cannot be read");
}
