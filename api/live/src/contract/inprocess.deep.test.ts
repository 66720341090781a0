import { openWorld } from "./testing/world.ts";

await openWorld({ bus: "in-process", servers: 2, worker: true });
await import("./testing/suites/clients.ts");
await import("./testing/suites/recovery.ts");
await import("./testing/suites/protocol.ts");
await import("./testing/suites/worker.ts");
await import("./testing/suites/access.ts");
await import("./testing/suites/jobs.ts");
