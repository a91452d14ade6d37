import { escapeHtml } from "./small-pages.ts";

/**
 * HTML for the small Markdown of our own problem pages: headings, paragraphs, lists, fenced code, emphasis, code and
 * links. Everything is escaped first, and links lead only to this server or over https.
 */
export function markdownToHtml(markdown: string): string {
  return blocksOf(markdown).map(blockToHtml).join("\n");
}

function blocksOf(markdown: string): string[] {
  const blocks: string[][] = [[]];
  let fenced = false;
  for (const line of markdown.split(/\r?\n/)) {
    const fence = line.startsWith("```");
    const heading = !fenced && /^#{1,3} /.test(line);
    if ((fence && !fenced) || heading || (line.trim() === "" && !fenced)) blocks.push([]);
    if (fenced || line.trim() !== "") blocks.at(-1)?.push(line);
    if ((fence && fenced) || heading) blocks.push([]);
    if (fence) fenced = !fenced;
  }
  return blocks.map((lines) => lines.join("\n")).filter((block) => block !== "");
}

function blockToHtml(block: string): string {
  const code = /^```[^\n]*\n([^]*?)\n?(?:```)?$/.exec(block);
  if (code !== null) return `<pre><code>${escapeHtml(code[1] ?? "")}</code></pre>`;
  const heading = /^(#{1,3}) (.+)$/.exec(block);
  if (heading !== null) {
    const level = (heading[1] ?? "#").length;
    return `<h${level}>${inline(heading[2] ?? "")}</h${level}>`;
  }
  if (/^[-*] /.test(block)) return `<ul>${itemsOf(block, /^[-*] /)}</ul>`;
  if (/^\d+\. /.test(block)) return `<ol>${itemsOf(block, /^\d+\. /)}</ol>`;
  return `<p>${inline(block)}</p>`;
}

function itemsOf(block: string, mark: RegExp): string {
  const items: string[] = [];
  for (const line of block.split("\n")) {
    if (mark.test(line)) items.push(line.replace(mark, ""));
    else items.push(`${items.pop() ?? ""} ${line.trim()}`);
  }
  return items.map((item) => `<li>${inline(item)}</li>`).join("");
}

function inline(text: string): string {
  return text
    .split(/(`[^`]+`)/)
    .map((part) =>
      /^`.+`$/s.test(part) ? `<code>${escapeHtml(part.slice(1, -1))}</code>` : emphasised(escapeHtml(part)),
    )
    .join("");
}

function emphasised(text: string): string {
  return text
    .replace(/\[([^\]]+)\]\(((?:https:\/\/|\/)[^\s)]*)\)/g, '<a href="$2">$1</a>')
    .replace(/\*\*([^*]+)\*\*/g, "<strong>$1</strong>")
    .replace(/\*([^*]+)\*/g, "<em>$1</em>");
}
