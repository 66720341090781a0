import { openWorld } from "./testing/world.ts";

await openWorld();
await import("./testing/suites/protocol.ts");
