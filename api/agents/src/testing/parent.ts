import { fileURLToPath } from "node:url";
import { openMcp } from "../mcp/client.ts";
import { ToolPins } from "../mcp/pins.ts";

/** Opens a tool server, prints the pids of it and its child, and waits to be killed. */
const script = fileURLToPath(new URL("./odd-server.ts", import.meta.url));
const git = fileURLToPath(new URL("../servers/git/main.ts", import.meta.url));
const signal = new AbortController().signal;
const spec = { name: "odd", command: process.execPath, args: [script], env: { PATH: "/usr/bin:/bin" } };
const ours = { name: "git", command: process.execPath, args: [git, "--root", "/tmp"], env: {} };
const odd = await openMcp(spec, new ToolPins(), signal);
const own = await openMcp(ours, new ToolPins(), signal);
process.stdout.write(`${JSON.stringify({ odd: odd.pid, own: own.pid })}\n`);
setInterval(() => undefined, 1_000);
