export { importRun } from "./import.ts";
export { importJobs } from "./jobs.ts";
export { type ImportOptions, importRoutes } from "./routes.ts";
