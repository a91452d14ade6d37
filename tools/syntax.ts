import { parseSync, visitorKeys, type Comment, type Node, type Program } from "oxc-parser";

/** One parsed source file: the tree, the comments, and where a line begins. */
export interface Syntax {
  readonly program: Program;
  readonly comments: readonly Comment[];
  /** The line (from 1) on which an offset stands. */
  readonly lineAt: (offset: number) => number;
}

/** Parses one TypeScript file; a file that does not parse throws with its name, so that no check passes over it. */
export function parse(path: string, text: string): Syntax {
  const { program, comments, errors } = parseSync(path, text);
  const [first] = errors;
  if (first !== undefined) throw new Error(`${path} does not parse: ${first.message}`);
  return { program, comments, lineAt: (offset) => text.slice(0, offset).split("\n").length };
}

/** Visits every node from the root down, each with its parent and the name of the field that holds it. */
export function walk(root: Node, visit: (node: Node, parent: Node | null, field: string) => void): void {
  const descend = (node: Node, parent: Node | null, field: string): void => {
    visit(node, parent, field);
    for (const key of visitorKeys[node.type] ?? []) {
      const held: unknown = Reflect.get(node, key);
      for (const child of Array.isArray(held) ? held : [held]) {
        if (isNode(child)) descend(child, node, key);
      }
    }
  };
  descend(root, null, "");
}

/** The value of a string literal or of a template without holes; null for whatever is not known before it runs. */
export function literalText(node: Node): string | null {
  if (node.type === "Literal") return typeof node.value === "string" ? node.value : null;
  if (node.type !== "TemplateLiteral" || node.expressions.length > 0) return null;
  return node.quasis[0]?.value.cooked ?? null;
}

function isNode(thing: unknown): thing is Node {
  return typeof thing === "object" && thing !== null && "type" in thing && typeof thing.type === "string";
}
