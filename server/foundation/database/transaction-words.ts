/**
 * Whether a statement would open or end a transaction itself: only the executor does that, or an injected COMMIT
 * would tear a batch in two. `ROLLBACK TO` a savepoint is no end.
 */
export function controlsTransaction(text: string): boolean {
  const words = text.slice(startOfWords(text));
  if (isRollbackTo(words)) return false;
  return /^(?:begin|start\s|commit|end|rollback|abort|prepare\s+transaction)\b/i.test(words);
}

/** Whether a ROLLBACK command tag in the answer is what this statement asked for. */
export function rollsBackToSavepoint(text: string): boolean {
  return isRollbackTo(text.slice(startOfWords(text)));
}

function isRollbackTo(words: string): boolean {
  return /^rollback\s+(?:work\s+|transaction\s+)?to\s/i.test(words);
}

/** Skips what the server skips in front of a statement: blanks, empty statements, comments, nested ones too. */
function startOfWords(text: string): number {
  let at = 0;
  for (;;) {
    const rest = /^(?:[\s;]+|--[^\n\r]*)/.exec(text.slice(at));
    if (rest !== null) at += rest[0].length;
    else if (text.startsWith("/*", at)) at = endOfComment(text, at);
    else return at;
  }
}

function endOfComment(text: string, start: number): number {
  let depth = 0;
  const marks = /\/\*|\*\//g;
  marks.lastIndex = start;
  for (let mark = marks.exec(text); mark !== null; mark = marks.exec(text)) {
    depth += mark[0] === "/*" ? 1 : -1;
    if (depth === 0) return marks.lastIndex;
  }
  return text.length;
}
