import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { literalText, parse, walk, type Syntax } from "../syntax.ts";
import type { Node } from "oxc-parser";

/** One source file, with what it imports. */
export interface Module {
  readonly path: string;
  readonly text: string;
  readonly lines: number;
  readonly syntax: Syntax;
  readonly imports: readonly Import[];
}

export interface Import {
  /** As written; null when it is not a literal and so cannot be checked. */
  readonly asked: string | null;
  /** The path from the root, for imports of our own files. */
  readonly file: string | null;
  readonly line: number;
}

const source = /\.(ts|tsx|mts|mjs)$/;
const skipped = new Set(["node_modules", "dist", "data", "coverage"]);

/** Every file below the given folders (paths from the root, sorted), but for what is built or installed. */
export function filesBelow(root: string, folders: readonly string[]): string[] {
  const found: string[] = [];
  const enter = (folder: string): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      if (entry.name.startsWith(".") || skipped.has(entry.name)) continue;
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) enter(path);
      else if (entry.isFile()) found.push(path);
    }
  };
  const present = new Set(readdirSync(root));
  for (const folder of folders) if (present.has(folder)) enter(folder);
  return found.toSorted();
}

/** Parses the source files among the paths. Type imports, re-exports, `import()` and `import("…").T` all count. */
export function readModules(root: string, paths: readonly string[]): Module[] {
  return paths.filter((path) => source.test(path)).map((path) => readModule(root, path));
}

function readModule(root: string, path: string): Module {
  const text = readFileSync(join(root, path), "utf8");
  const syntax = parse(path, text);
  const imports: Import[] = [];
  walk(syntax.program, (node) => {
    const asks = requestOf(node);
    if (asks === null) return;
    const asked = literalText(asks);
    imports.push({
      asked,
      file: asked === null ? null : ownFile(path, asked),
      line: syntax.lineAt(asks.start),
    });
  });
  return { path, text, lines: text.split("\n").length - 1, syntax, imports };
}

/** The node that says what is imported, if this node imports anything. */
function requestOf(node: Node): Node | null {
  switch (node.type) {
    case "ImportDeclaration":
    case "ExportAllDeclaration":
    case "ExportNamedDeclaration":
    case "ImportExpression":
    case "TSImportType":
      return node.source;
    case "TSExternalModuleReference":
      return node.expression;
    case "CallExpression":
      return node.callee.type === "Identifier" && node.callee.name === "require"
        ? (node.arguments[0] ?? null)
        : null;
    default:
      return null;
  }
}

function ownFile(from: string, asked: string): string | null {
  if (!asked.startsWith("./") && !asked.startsWith("../")) return null;
  const [path = asked] = asked.split("?");
  return posix.join(posix.dirname(from), path);
}
