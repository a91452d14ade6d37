import { configurationPage, envExample } from "../../server/foundation/config/index.ts";
import { drawHouse } from "../house/drawing.ts";
import { describeHouse } from "../house/page.ts";
import type { Survey } from "../house/survey.ts";
import type { Report } from "../report.ts";
import { accessMatrix, jobsMigration, openDoors, rolesMigration } from "./declared.ts";
import { apiDocument } from "./api-document.ts";
import { attacksPage } from "./attacks-page.ts";
import { clientTypes } from "./client-types.ts";
import { promisesPage, type Claims } from "./proofs.ts";

/** What generators may read. */
export interface Given {
  readonly house: Survey;
  readonly claims: Claims;
}

/** One file that is written from what the product declares. */
export interface Generator {
  readonly path: string;
  readonly write: (given: Given) => string | Promise<string>;
}

/** One file that is written from what a run of the attack tests saw. */
export interface RunGenerator {
  readonly path: string;
  readonly write: (report: Report) => string;
}

/** Every generated file that needs no run. A new page is a new line here. */
export const generators: readonly Generator[] = [
  { path: "docs/generated/promises.md", write: ({ claims }) => promisesPage(claims) },
  { path: "docs/generated/house.svg", write: ({ house }) => drawHouse(house) },
  { path: "docs/generated/house.md", write: ({ house }) => describeHouse(house) },
  { path: "contract/generated/api.ts", write: () => clientTypes(apiDocument()) },
  { path: "docs/generated/configuration.md", write: () => configurationPage() },
  { path: "docs/generated/access-matrix.md", write: () => accessMatrix() },
  { path: "docs/generated/open-doors.md", write: () => openDoors() },
  { path: ".env.example", write: () => envExample() },
  { path: "server/migrations/0020-roles.sql", write: () => rolesMigration() },
  { path: "server/migrations/0021-jobs.sql", write: () => jobsMigration() },
];

/** The pages that need a run of the attack tests. */
export const runGenerators: readonly RunGenerator[] = [
  { path: "docs/generated/attacks.md", write: attacksPage },
];
