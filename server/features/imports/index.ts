export { exportRoutes } from "./export/export-routes.ts";
export { importRun } from "./import.ts";
export { importJobs, type ImportPace } from "./jobs.ts";
export { type ImportOptions, importRoutes } from "./routes.ts";
