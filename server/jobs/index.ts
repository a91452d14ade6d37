export { job, type Job, type JobContext, type JobScope, jobsScript } from "./job.ts";
export { type Loop, startLoop } from "./loop.ts";
export { startWorker, type Worker, type WorkerOptions } from "./worker.ts";
