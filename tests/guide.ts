/** A fenced block of a Markdown page: `` ```ts file=path `` has the language `ts` and the marks `{ file: "path" }`. */
export interface Block {
  readonly language: string;
  readonly marks: Readonly<Record<string, string>>;
  readonly text: string;
}

/** Every fenced block of a page, in order. A mark without a value has the value "". */
export function blocksOf(markdown: string): Block[] {
  return [...markdown.matchAll(/^```(\w*)([^\n]*)\n(.*?)^```$/gmsu)].map(
    ([, language = "", marks = "", text = ""]) => ({
      language,
      marks: Object.fromEntries(
        marks
          .split(" ")
          .filter((mark) => mark !== "")
          .map((mark) => {
            const [name = "", value = ""] = mark.split("=");
            return [name, value];
          }),
      ),
      text,
    }),
  );
}
