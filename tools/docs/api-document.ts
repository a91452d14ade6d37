import { installedVersion } from "../../server/cli/version.ts";
import { openApi } from "../../server/http/index.ts";
import { declaredRoutes } from "../../tests/declared-routes.ts";
import type { ApiDocument } from "./client-types.ts";

/** The API as it describes itself, on the address that a first start has. */
export function apiDocument(): ApiDocument {
  const document = openApi(declaredRoutes(), {
    title: "Ringfence",
    version: installedVersion(),
    publicUrl: "http://127.0.0.1:7460",
  });
  // `openApi` builds just this shape, and returns it as plain JSON.
  return document as unknown as ApiDocument;
}
