import { expect, test } from "vitest";
import { randomBytes } from "../../foundation/ids/index.ts";
import { installationVault, UnsealError } from "./index.ts";

const secret = randomBytes(32);
const where = { table: "person_mail", column: "body", rowId: "a" };

test("what one installation sealed for a cell opens in that cell, and nowhere else", async () => {
  const vault = installationVault(secret);
  const sealed = vault.seal(where, Buffer.from("a link"));
  expect(sealed.includes("a link")).toBe(false);
  expect(await installationVault(secret).use(where, sealed, String)).toBe("a link");
  for (const other of [
    { ...where, rowId: "b" },
    { ...where, column: "subject" },
    { ...where, table: "mail" },
  ])
    await expect(vault.use(other, sealed, String)).rejects.toBeInstanceOf(UnsealError);
  await expect(installationVault(randomBytes(32)).use(where, sealed, String)).rejects.toBeInstanceOf(
    UnsealError,
  );
});
