export { startWorker, type Worker, type WorkerOptions, type WorkerState } from "./start.ts";
