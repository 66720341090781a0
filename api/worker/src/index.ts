export { createAgents } from "./agents.ts";
export { startWorker, type Worker, type WorkerOptions, type WorkerState } from "./start.ts";
